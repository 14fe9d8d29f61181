import { type CommonQueryMethods, sql } from 'slonik'
import type { BulkJobState, OutcomeCounts } from '../contracts/bulk-job.ts'
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

/** A change that somebody may want to hear of, with what its job says now. */
export interface UnannouncedChange {
  readonly changeId: number
  readonly workspaceId: string
  readonly jobId: string
  readonly toState: BulkJobState
  readonly reason: string | null
  readonly createdAt: Date
  readonly connectionId: string
  readonly objectType: string
  readonly operation: string
  readonly totalRecords: number
  readonly counts: OutcomeCounts
}

interface UnannouncedRow {
  change_id: number
  workspace_id: string
  job_id: string
  to_state: BulkJobState
  reason: string | null
  created_at: Date
  connection_id: string
  object_type: string
  operation: string
  total_records: number
  successful_records: number
  failed_records: number
  unprocessed_records: number
  unknown_records: number
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

    /** The oldest ones, held until the transaction ends; what another one holds is left to it. */
    async lockUnannounced(limit: number): Promise<UnannouncedChange[]> {
      const found = await connection.any(sql.type(row<UnannouncedRow>())`
        select c.change_id, c.workspace_id, c.job_id, c.to_state, c.reason, c.created_at, j.connection_id,
          j.object_type, j.operation, j.total_records, j.successful_records, j.failed_records, j.unprocessed_records,
          j.unknown_records
        from bulk_job_state_changes c join salesforce_bulk_jobs j on j.job_id = c.job_id
        where c.announced_at is null
          and c.to_state in ('Blocked', 'Completed', 'CompletedWithErrors', 'Failed', 'Aborted')
        order by c.change_id limit ${limit} for no key update of c skip locked`)
      return found.map((r) => ({
        changeId: r.change_id,
        workspaceId: r.workspace_id,
        jobId: r.job_id,
        toState: r.to_state,
        reason: r.reason,
        createdAt: r.created_at,
        connectionId: r.connection_id,
        objectType: r.object_type,
        operation: r.operation,
        totalRecords: r.total_records,
        counts: {
          success: r.successful_records,
          failed: r.failed_records,
          unprocessed: r.unprocessed_records,
          unknown: r.unknown_records,
        },
      }))
    },

    async setAnnounced(changeIds: readonly number[]): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update bulk_job_state_changes set announced_at = now()
        where change_id = any(${sql.array([...changeIds], 'int8')})`)
    },

    /** Run as the system: workspaces whose jobs have something to tell. */
    async listWorkspacesToAnnounce(limit: number): Promise<string[]> {
      const found = await connection.anyFirst(sql.type(row<{ workspace_id: string }>())`
        select w.workspace_id from workspaces w where exists (
          select from bulk_job_state_changes c where c.workspace_id = w.workspace_id
            and c.announced_at is null
            and c.to_state in ('Blocked', 'Completed', 'CompletedWithErrors', 'Failed', 'Aborted'))
        limit ${limit}`)
      return [...found]
    },
  }
}
