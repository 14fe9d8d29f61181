import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

export type BulkLoadLeaseQueries = ReturnType<typeof createBulkLoadLeaseQueries>

/** A load, as what holds a lane or wants one. */
export interface LaneHolder {
  readonly connectionId: string
  readonly jobId: string
  readonly loadNumber: number
}

/**
 * Bounds the upstream jobs under way per connection across jobs and processes. Leases are rows that run out.
 */
export function createBulkLoadLeaseQueries(connection: CommonQueryMethods) {
  return {
    /** Makes the slots of a connection exist, and no more of them than `slots` be given out. */
    async ensureSlots(connectionId: string, workspaceId: string, slots: number): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into bulk_load_leases (connection_id, slot, workspace_id)
        select ${connectionId}, s, ${workspaceId} from generate_series(1, ${slots}) as s
        on conflict do nothing`)
    },

    /** Waits until nobody else decides on lanes of the connection; to be followed by statements of the same transaction. */
    async lock(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        select from bulk_load_leases where connection_id = ${connectionId} and slot = 1 for update`)
    },

    /** A slot, a free one or the one already held; null when all are taken. */
    async acquire(holder: LaneHolder, slots: number, seconds: number): Promise<number | null> {
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

    /** Keeps what is held, and says whether it is; a lease that ran out and was taken by another is not taken back. */
    async renew(holder: LaneHolder, seconds: number): Promise<boolean> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        update bulk_load_leases set expires_at = now() + ${seconds} * interval '1 second'
        where connection_id = ${holder.connectionId} and job_id = ${holder.jobId}
          and load_number = ${holder.loadNumber}`)
      return rowCount > 0
    },

    async release(holder: LaneHolder): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update bulk_load_leases set job_id = null, load_number = null, expires_at = '-infinity'
        where connection_id = ${holder.connectionId} and job_id = ${holder.jobId}
          and load_number = ${holder.loadNumber}`)
    },
  }
}
