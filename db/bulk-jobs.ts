import { type CommonQueryMethods, sql } from 'slonik'
import type { BulkJobState, BulkOperation } from '../contracts/bulk-job.ts'
import { type BulkJob, bulkJobColumns, bulkJobRow, toBulkJob } from './bulk-job-row.ts'
import { createBulkJobStateQueries } from './bulk-job-states.ts'
import { row } from './row-type.ts'

export type { BulkJob } from './bulk-job-row.ts'

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

/** Everything of `salesforce_bulk_jobs`: arrival and reading here, the life of a job in `bulk-job-states.ts`. */
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
    ...createBulkJobStateQueries(connection),

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
        returning ${bulkJobColumns}`)
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
        select ${bulkJobColumns} from salesforce_bulk_jobs
        where workspace_id = ${workspaceId} and job_id = ${jobId} and state <> 'Staging'`)
      return found ? toBulkJob(found) : null
    },

    /** A job by its id, whatever its state or workspace: for workflows' activities. */
    async get(jobId: string): Promise<BulkJob | null> {
      const found = await connection.maybeOne(sql.type(bulkJobRow)`
        select ${bulkJobColumns} from salesforce_bulk_jobs where job_id = ${jobId}`)
      return found ? toBulkJob(found) : null
    },

    /**
     * As `get`, and holds the row until the transaction ends. Rows that refer to it can be written meanwhile: a
     * settlement must not hold up the lanes of its connection.
     */
    async lock(jobId: string): Promise<BulkJob | null> {
      const found = await connection.maybeOne(sql.type(bulkJobRow)`
        select ${bulkJobColumns} from salesforce_bulk_jobs where job_id = ${jobId} for no key update`)
      return found ? toBulkJob(found) : null
    },

    /** Newest first, by offset: the legacy list. */
    async list(filter: BulkJobFilter, limit: number, offset: number): Promise<BulkJob[]> {
      const found = await connection.any(sql.type(bulkJobRow)`
        select ${bulkJobColumns} from salesforce_bulk_jobs where ${where(filter)}
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
        select ${bulkJobColumns} from salesforce_bulk_jobs where ${where(filter)} ${position}
        order by created_at desc, job_id desc limit ${limit}`)
      return found.map(toBulkJob)
    },

    async count(filter: BulkJobFilter): Promise<number> {
      return connection.oneFirst(sql.type(row<{ count: number }>())`
        select count(*) from salesforce_bulk_jobs where ${where(filter)}`)
    },
  }
}
