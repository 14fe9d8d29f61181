import { type CommonQueryMethods, sql } from 'slonik'
import type {
  BlockReason,
  BulkJobWish,
  OutcomeCounts,
  TerminalBulkJobState,
} from '../contracts/bulk-job.ts'
import { type BulkJob, bulkJobColumns, bulkJobRow, toBulkJob } from './bulk-job-row.ts'
import { row } from './row-type.ts'

/** What happens to a job after it was accepted: wishes, states, counters, removal. */
export function createBulkJobStateQueries(connection: CommonQueryMethods) {
  return {
    /** Records what a person wants; null for a job that is terminal or unknown. A cancel is never taken back. */
    async setWish(workspaceId: string, jobId: string, wish: BulkJobWish): Promise<BulkJob | null> {
      const found = await connection.maybeOne(sql.type(bulkJobRow)`
        update salesforce_bulk_jobs set wish = ${wish}
        where workspace_id = ${workspaceId} and job_id = ${jobId}
          and state in ('Queued', 'InProgress', 'Paused', 'Blocked')
          and (wish <> 'cancel' or ${wish} = 'cancel')
        returning ${bulkJobColumns}`)
      return found ? toBulkJob(found) : null
    },

    /** `InProgress`, from any state that is not terminal; clears what blocked it. False where nothing changed. */
    async setInProgress(jobId: string): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update salesforce_bulk_jobs
        set state = 'InProgress', started_at = coalesce(started_at, now()),
          blocked_reason = null, blocked_detail = null, blocked_at = null
        where job_id = ${jobId} and state in ('Queued', 'Paused', 'Blocked')`)
      return result.rowCount === 1
    },

    async setPaused(jobId: string): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update salesforce_bulk_jobs set state = 'Paused'
        where job_id = ${jobId} and state in ('Queued', 'InProgress')`)
      return result.rowCount === 1
    },

    async setBlocked(jobId: string, reason: BlockReason, detail: string): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update salesforce_bulk_jobs
        set state = 'Blocked', blocked_reason = ${reason}, blocked_detail = ${detail},
          blocked_at = coalesce(blocked_at, now())
        where job_id = ${jobId} and state in ('Queued', 'InProgress', 'Paused', 'Blocked')`)
      return result.rowCount === 1
    },

    /** Pins the organization at the first call; returns the pinned one ever after. */
    async pinOrganization(jobId: string, organizationId: string): Promise<string> {
      return connection.oneFirst(sql.type(row<{ organization_id: string }>())`
        update salesforce_bulk_jobs set organization_id = coalesce(organization_id, ${organizationId})
        where job_id = ${jobId} returning organization_id`)
    },

    async setChecked(jobId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update salesforce_bulk_jobs set checked_at = coalesce(checked_at, now()) where job_id = ${jobId}`)
    },

    async setPlanned(jobId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update salesforce_bulk_jobs set planned_at = now() where job_id = ${jobId}`)
    },

    async setWaitingFor(jobId: string, what: string | null): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update salesforce_bulk_jobs set waiting_for = ${what}
        where job_id = ${jobId} and waiting_for is distinct from ${what}`)
    },

    /** Takes the counters over from the batches and the upstream jobs. */
    async refreshCounters(jobId: string): Promise<OutcomeCounts> {
      return connection.one(sql.type(row<OutcomeCounts>())`
        update salesforce_bulk_jobs as j
        set successful_records = b.success, failed_records = b.failed,
          unprocessed_records = b.unprocessed, unknown_records = b.unknown
        from (select coalesce(sum(successful_records), 0)::int as success,
            coalesce(sum(failed_records), 0)::int as failed,
            coalesce(sum(unprocessed_records), 0)::int as unprocessed,
            coalesce(sum(unknown_records), 0)::int as unknown
          from salesforce_bulk_job_batches where job_id = ${jobId}) as b
        where j.job_id = ${jobId}
        returning b.success, b.failed, b.unprocessed, b.unknown`)
    },

    /**
     * Rows that Salesforce says it has been through, from the upstream counters of live and done jobs. Called
     * after each look that Salesforce answered, whose time it notes in the same write.
     */
    async refreshProcessed(jobId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update salesforce_bulk_jobs set last_upstream_at = now(), processed_records = least(total_records, (
          select coalesce(sum(u.records_processed), 0) from bulk_upstream_jobs u
          join bulk_loads l using (job_id, load_number)
          where u.job_id = ${jobId} and l.round = 0 and u.state in ('closing', 'done')))
        where job_id = ${jobId}`)
    },

    /** Ends the job. False when it is already terminal. */
    async finish(
      jobId: string,
      state: TerminalBulkJobState,
      errorDetails: Readonly<Record<string, unknown>> | null,
    ): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update salesforce_bulk_jobs
        set state = ${state}, completed_at = now(),
          error_details = ${errorDetails === null ? null : sql.jsonb(errorDetails as never)},
          blocked_reason = null, blocked_detail = null, blocked_at = null
        where job_id = ${jobId} and state in ('Queued', 'InProgress', 'Paused', 'Blocked')`)
      return result.rowCount === 1
    },

    /** Terminal jobs whose content is due for removal. */
    async listPurgeable(olderThanDays: number, limit: number): Promise<readonly string[]> {
      return connection.anyFirst(sql.type(row<{ job_id: string }>())`
        select job_id from salesforce_bulk_jobs
        where purged_at is null and completed_at < now() - ${olderThanDays} * interval '1 day'
          and state in ('Completed', 'CompletedWithErrors', 'Failed', 'Aborted')
        order by completed_at limit ${limit}`)
    },

    async setPurged(jobId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update salesforce_bulk_jobs set purged_at = now(), staged_bytes = 0 where job_id = ${jobId}`)
    },

    /** Whether the job is blocked by a connection with which nothing is wrong any more. */
    async isHeldForNothing(jobId: string): Promise<boolean> {
      return connection.exists(sql.type(row<{ found: number }>())`
        select 1 as found from salesforce_bulk_jobs j join connections c using (connection_id)
        where j.job_id = ${jobId} and j.state = 'Blocked'
          and j.blocked_reason = 'authentication_failed' and c.blocked_reason is null`)
    },
  }
}
