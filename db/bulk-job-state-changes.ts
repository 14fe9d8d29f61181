import { type CommonQueryMethods, sql } from 'slonik'
import type { BulkJobState } from '../contracts/bulk-job.ts'
import { row } from './row-type.ts'

/** A row of the outbox `bulk_job_state_changes`, written by a trigger with the change itself. */
export interface BulkJobStateChange {
  readonly changeId: number
  readonly jobId: string
  readonly fromState: BulkJobState | null
  readonly toState: BulkJobState
  readonly reason: string | null
  readonly createdAt: Date
}

interface BulkJobStateChangeRow {
  change_id: number
  job_id: string
  from_state: BulkJobState | null
  to_state: BulkJobState
  reason: string | null
  created_at: Date
}

export type BulkJobStateChangeQueries = ReturnType<typeof createBulkJobStateChangeQueries>

export function createBulkJobStateChangeQueries(connection: CommonQueryMethods) {
  return {
    /** A job's life, oldest first. */
    async listOf(jobId: string, limit: number): Promise<BulkJobStateChange[]> {
      const found = await connection.any(sql.type(row<BulkJobStateChangeRow>())`
        select change_id, job_id, from_state, to_state, reason, created_at
        from bulk_job_state_changes where job_id = ${jobId} order by change_id limit ${limit}`)
      return found.map((r) => ({
        changeId: r.change_id,
        jobId: r.job_id,
        fromState: r.from_state,
        toState: r.to_state,
        reason: r.reason,
        createdAt: r.created_at,
      }))
    },
  }
}
