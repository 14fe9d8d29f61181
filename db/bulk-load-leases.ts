import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

export type BulkLoadLeaseQueries = ReturnType<typeof createBulkLoadLeaseQueries>

interface Holder {
  readonly connectionId: string
  readonly jobId: string
  readonly loadNumber: number
}

/** Bounds the loads at work per connection across jobs and processes. Leases are rows that run out. */
export function createBulkLoadLeaseQueries(connection: CommonQueryMethods) {
  return {
    /** Makes the slots of a connection exist, and no more of them than `slots` be given out. */
    async ensureSlots(connectionId: string, workspaceId: string, slots: number): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into bulk_load_leases (connection_id, slot, workspace_id)
        select ${connectionId}, s, ${workspaceId} from generate_series(1, ${slots}) as s
        on conflict do nothing`)
    },

    /** A slot, a free one or the one already held; null when all are taken. */
    async acquire(holder: Holder, slots: number, seconds: number): Promise<number | null> {
      return connection.maybeOneFirst(sql.type(row<{ slot: number }>())`
        update bulk_load_leases
        set job_id = ${holder.jobId}, load_number = ${holder.loadNumber},
          expires_at = now() + ${seconds} * interval '1 second'
        where (connection_id, slot) = (
          select connection_id, slot from bulk_load_leases
          where connection_id = ${holder.connectionId} and slot <= ${slots}
            and ((job_id = ${holder.jobId} and load_number = ${holder.loadNumber}) or expires_at < now())
          order by (job_id is not distinct from ${holder.jobId}
            and load_number is not distinct from ${holder.loadNumber}) desc, slot
          limit 1 for update skip locked)
        returning slot`)
    },

    /** Keeps what is held; a lease that ran out and was taken by another is not taken back. */
    async renew(holder: Holder, seconds: number): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update bulk_load_leases set expires_at = now() + ${seconds} * interval '1 second'
        where connection_id = ${holder.connectionId} and job_id = ${holder.jobId}
          and load_number = ${holder.loadNumber}`)
    },

    async release(holder: Holder): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update bulk_load_leases set job_id = null, load_number = null, expires_at = '-infinity'
        where connection_id = ${holder.connectionId} and job_id = ${holder.jobId}
          and load_number = ${holder.loadNumber}`)
    },
  }
}
