import { type CommonQueryMethods, sql } from 'slonik'
import type {
  BlockReason,
  BulkJobState,
  BulkJobWish,
  BulkOperation,
  OutcomeCounts,
  TerminalBulkJobState,
} from '../contracts/bulk-job.ts'
import { row } from './row-type.ts'

/** A row of `salesforce_bulk_jobs`. */
export interface BulkJob {
  readonly jobId: string
  readonly workspaceId: string
  readonly connectionId: string
  readonly userId: string | null
  readonly operation: BulkOperation
  readonly objectType: string
  readonly externalIdField: string | null
  readonly correlationField: string | null
  readonly state: BulkJobState
  readonly wish: BulkJobWish
  readonly totalRecords: number
  readonly counts: OutcomeCounts
  /** Rows that Salesforce has reported as processed so far. */
  readonly processedRecords: number
  readonly errorDetails: unknown
  readonly columns: readonly string[]
  readonly checkedAt: Date | null
  readonly plannedAt: Date | null
  readonly organizationId: string | null
  readonly blockedReason: BlockReason | null
  readonly blockedDetail: string | null
  readonly blockedAt: Date | null
  readonly retryOf: string | null
  readonly requestId: string | null
  readonly stagedBytes: number
  readonly startedAt: Date | null
  readonly lastUpstreamAt: Date | null
  readonly createdAt: Date
  readonly createdBy: string | null
  readonly updatedAt: Date
  readonly completedAt: Date | null
  readonly purgedAt: Date | null
}

interface BulkJobRow {
  job_id: string
  workspace_id: string
  connection_id: string
  user_id: string | null
  operation: BulkOperation
  object_type: string
  external_id_field: string | null
  correlation_field: string | null
  state: BulkJobState
  wish: BulkJobWish
  total_records: number
  successful_records: number
  failed_records: number
  unprocessed_records: number
  unknown_records: number
  processed_records: number
  error_details: unknown
  columns: string[]
  checked_at: Date | null
  planned_at: Date | null
  organization_id: string | null
  blocked_reason: BlockReason | null
  blocked_detail: string | null
  blocked_at: Date | null
  retry_of: string | null
  request_id: string | null
  staged_bytes: number
  started_at: Date | null
  last_upstream_at: Date | null
  created_at: Date
  created_by: string | null
  updated_at: Date
  completed_at: Date | null
  purged_at: Date | null
}

function toBulkJob(r: BulkJobRow): BulkJob {
  return {
    jobId: r.job_id,
    workspaceId: r.workspace_id,
    connectionId: r.connection_id,
    userId: r.user_id,
    operation: r.operation,
    objectType: r.object_type,
    externalIdField: r.external_id_field,
    correlationField: r.correlation_field,
    state: r.state,
    wish: r.wish,
    totalRecords: r.total_records,
    counts: {
      success: r.successful_records,
      failed: r.failed_records,
      unprocessed: r.unprocessed_records,
      unknown: r.unknown_records,
    },
    processedRecords: r.processed_records,
    errorDetails: r.error_details,
    columns: r.columns,
    checkedAt: r.checked_at,
    plannedAt: r.planned_at,
    organizationId: r.organization_id,
    blockedReason: r.blocked_reason,
    blockedDetail: r.blocked_detail,
    blockedAt: r.blocked_at,
    retryOf: r.retry_of,
    requestId: r.request_id,
    stagedBytes: r.staged_bytes,
    startedAt: r.started_at,
    lastUpstreamAt: r.last_upstream_at,
    createdAt: r.created_at,
    createdBy: r.created_by,
    updatedAt: r.updated_at,
    completedAt: r.completed_at,
    purgedAt: r.purged_at,
  }
}

const columns = sql.fragment`
  job_id, workspace_id, connection_id, user_id, operation, object_type, external_id_field,
  correlation_field, state, wish, total_records, successful_records, failed_records,
  unprocessed_records, unknown_records, processed_records, error_details, columns, checked_at,
  planned_at, organization_id, blocked_reason, blocked_detail, blocked_at, retry_of, request_id,
  staged_bytes, started_at, last_upstream_at, created_at, created_by, updated_at, completed_at,
  purged_at`

const bulkJobRow = row<BulkJobRow>()

/** What a staging job is opened with. */
export interface NewBulkJob {
  readonly jobId: string
  readonly workspaceId: string
  readonly connectionId: string
  readonly userId: string | null
  readonly operation: BulkOperation
  readonly objectType: string
  readonly externalIdField: string | null
  readonly correlationField: string | null
  readonly retryOf: string | null
  readonly requestId: string | null
  readonly createdBy: string | null
}

export interface BulkJobFilter {
  readonly workspaceId: string
  readonly userId?: string | undefined
  /** Any of these states. */
  readonly states?: readonly BulkJobState[] | undefined
  readonly objectType?: string | undefined
  readonly operation?: BulkOperation | undefined
}

export type BulkJobQueries = ReturnType<typeof createBulkJobQueries>

export function createBulkJobQueries(connection: CommonQueryMethods) {
  const where = (filter: BulkJobFilter) =>
    sql.join(
      [
        sql.fragment`workspace_id = ${filter.workspaceId} and state <> 'Staging'`,
        ...(filter.userId === undefined ? [] : [sql.fragment`user_id = ${filter.userId}`]),
        ...(filter.states === undefined
          ? []
          : [sql.fragment`state = any(${sql.array([...filter.states], 'text')})`]),
        ...(filter.objectType === undefined
          ? []
          : [sql.fragment`object_type = ${filter.objectType}`]),
        ...(filter.operation === undefined ? [] : [sql.fragment`operation = ${filter.operation}`]),
      ],
      sql.fragment` and `,
    )

  return {
    /** Opens a job in the hidden state `Staging`. */
    async insertStaging(job: NewBulkJob): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into salesforce_bulk_jobs (job_id, workspace_id, connection_id, user_id, operation,
          object_type, external_id_field, correlation_field, state, retry_of, request_id, created_by)
        values (${job.jobId}, ${job.workspaceId}, ${job.connectionId}, ${job.userId}, ${job.operation},
          ${job.objectType}, ${job.externalIdField}, ${job.correlationField}, 'Staging',
          ${job.retryOf}, ${job.requestId}, ${job.createdBy})`)
    },

    /** Adds a chunk's rows; false when the staging was swept meanwhile and nothing may be added. */
    async addStaged(jobId: string, rows: number, bytes: number): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update salesforce_bulk_jobs
        set total_records = total_records + ${rows}, staged_bytes = staged_bytes + ${bytes}, staged_at = now()
        where job_id = ${jobId} and state = 'Staging'`)
      return result.rowCount === 1
    },

    /** Makes a staged job `Queued`; null when it is no longer staging. */
    async finishStaging(
      jobId: string,
      staged: { columns: readonly string[]; checked: boolean },
    ): Promise<BulkJob | null> {
      const found = await connection.maybeOne(sql.type(bulkJobRow)`
        update salesforce_bulk_jobs
        set state = 'Queued', columns = ${sql.jsonb([...staged.columns])},
          checked_at = case when ${staged.checked} then now() end, created_at = now()
        where job_id = ${jobId} and state = 'Staging'
        returning ${columns}`)
      return found ? toBulkJob(found) : null
    },

    /** Removes a job that never left `Staging`, with all its batches. */
    async deleteStaging(jobId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from salesforce_bulk_jobs where job_id = ${jobId} and state = 'Staging'`)
    },

    /** Removes uploads that broke off: nothing arrived for `olderThanSeconds`. Returns their ids. */
    async sweepStaging(olderThanSeconds: number): Promise<readonly string[]> {
      return connection.anyFirst(sql.type(row<{ job_id: string }>())`
        delete from salesforce_bulk_jobs
        where state = 'Staging' and staged_at < now() - ${olderThanSeconds} * interval '1 second'
        returning job_id`)
    },

    /** Bytes staged by one workspace and not yet purged. */
    async stagedBytes(workspaceId: string): Promise<number> {
      const total = await connection.oneFirst(sql.type(row<{ total: number }>())`
        select coalesce(sum(staged_bytes), 0)::bigint as total from salesforce_bulk_jobs
        where workspace_id = ${workspaceId} and purged_at is null`)
      return total
    },

    /** A job that callers may see; null for one that is still staging. */
    async find(workspaceId: string, jobId: string): Promise<BulkJob | null> {
      const found = await connection.maybeOne(sql.type(bulkJobRow)`
        select ${columns} from salesforce_bulk_jobs
        where workspace_id = ${workspaceId} and job_id = ${jobId} and state <> 'Staging'`)
      return found ? toBulkJob(found) : null
    },

    /** A job by its id, whatever its state or workspace: for workflows' activities. */
    async get(jobId: string): Promise<BulkJob | null> {
      const found = await connection.maybeOne(sql.type(bulkJobRow)`
        select ${columns} from salesforce_bulk_jobs where job_id = ${jobId}`)
      return found ? toBulkJob(found) : null
    },

    /** As `get`, and holds the row until the transaction ends. */
    async lock(jobId: string): Promise<BulkJob | null> {
      const found = await connection.maybeOne(sql.type(bulkJobRow)`
        select ${columns} from salesforce_bulk_jobs where job_id = ${jobId} for update`)
      return found ? toBulkJob(found) : null
    },

    /** Newest first, by offset: the legacy list. */
    async list(filter: BulkJobFilter, limit: number, offset: number): Promise<BulkJob[]> {
      const found = await connection.any(sql.type(bulkJobRow)`
        select ${columns} from salesforce_bulk_jobs where ${where(filter)}
        order by created_at desc, job_id desc limit ${limit} offset ${offset}`)
      return found.map(toBulkJob)
    },

    /** Newest first, after the given job, whose own time is compared in full: a `Date` would round it. */
    async listAfterJob(
      filter: BulkJobFilter,
      limit: number,
      afterJobId: string | null,
    ): Promise<BulkJob[]> {
      const position =
        afterJobId === null
          ? sql.fragment``
          : sql.fragment`and (created_at, job_id) < (
              select created_at, job_id from salesforce_bulk_jobs where job_id = ${afterJobId})`
      const found = await connection.any(sql.type(bulkJobRow)`
        select ${columns} from salesforce_bulk_jobs where ${where(filter)} ${position}
        order by created_at desc, job_id desc limit ${limit}`)
      return found.map(toBulkJob)
    },

    async count(filter: BulkJobFilter): Promise<number> {
      return connection.oneFirst(sql.type(row<{ count: number }>())`
        select count(*) from salesforce_bulk_jobs where ${where(filter)}`)
    },

    /** Records what a person wants; null for a job that is terminal or unknown. A cancel is never taken back. */
    async setWish(workspaceId: string, jobId: string, wish: BulkJobWish): Promise<BulkJob | null> {
      const found = await connection.maybeOne(sql.type(bulkJobRow)`
        update salesforce_bulk_jobs set wish = ${wish}
        where workspace_id = ${workspaceId} and job_id = ${jobId}
          and state in ('Queued', 'InProgress', 'Paused', 'Blocked')
          and (wish <> 'cancel' or ${wish} = 'cancel')
        returning ${columns}`)
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

    /** Takes the counters over from the batches and the upstream jobs. */
    async refreshCounters(jobId: string): Promise<OutcomeCounts> {
      return connection.one(sql.type(row<OutcomeCounts>())`
        update salesforce_bulk_jobs as j
        set successful_records = b.success, failed_records = b.failed,
          unprocessed_records = b.unprocessed, unknown_records = b.unknown, last_upstream_at = now()
        from (select coalesce(sum(successful_records), 0)::int as success,
            coalesce(sum(failed_records), 0)::int as failed,
            coalesce(sum(unprocessed_records), 0)::int as unprocessed,
            coalesce(sum(unknown_records), 0)::int as unknown
          from salesforce_bulk_job_batches where job_id = ${jobId}) as b
        where j.job_id = ${jobId}
        returning b.success, b.failed, b.unprocessed, b.unknown`)
    },

    /** Rows that Salesforce says it has been through, from the upstream counters of live and done jobs. */
    async refreshProcessed(jobId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update salesforce_bulk_jobs set processed_records = least(total_records, (
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
