import { type CommonQueryMethods, sql } from 'slonik'
import type { OutcomeCounts, UpstreamJobState } from '../contracts/bulk-job.ts'
import { row } from './row-type.ts'

/** A row of `bulk_upstream_jobs`: one Bulk API 2.0 job that we made, or meant to make, for a load. */
export interface BulkUpstreamJob {
  readonly upstreamId: string
  readonly jobId: string
  readonly loadNumber: number
  readonly connectionId: string
  readonly state: UpstreamJobState
  readonly epoch: number
  readonly salesforceJobId: string | null
  readonly upstreamState: string | null
  readonly recordsProcessed: number
  readonly recordsFailed: number
  readonly errorMessage: string | null
  readonly closingAt: Date | null
  readonly abortedReading: (OutcomeCounts & { readonly readAt: string }) | null
}

interface BulkUpstreamJobRow {
  upstream_id: string
  job_id: string
  load_number: number
  connection_id: string
  state: UpstreamJobState
  epoch: number
  salesforce_job_id: string | null
  upstream_state: string | null
  records_processed: number
  records_failed: number
  error_message: string | null
  closing_at: Date | null
  aborted_reading: (OutcomeCounts & { readAt: string }) | null
}

function toBulkUpstreamJob(r: BulkUpstreamJobRow): BulkUpstreamJob {
  return {
    upstreamId: r.upstream_id,
    jobId: r.job_id,
    loadNumber: r.load_number,
    connectionId: r.connection_id,
    state: r.state,
    epoch: r.epoch,
    salesforceJobId: r.salesforce_job_id,
    upstreamState: r.upstream_state,
    recordsProcessed: r.records_processed,
    recordsFailed: r.records_failed,
    errorMessage: r.error_message,
    closingAt: r.closing_at,
    abortedReading: r.aborted_reading,
  }
}

const columns = sql.fragment`
  upstream_id, job_id, load_number, connection_id, state, epoch, salesforce_job_id, upstream_state,
  records_processed, records_failed, error_message, closing_at, aborted_reading`

const upstreamRow = row<BulkUpstreamJobRow>()

/** Legal moves. A state is committed before the call that it announces, so none may be skipped. */
const movesFrom: Record<Exclude<UpstreamJobState, 'creating'>, readonly UpstreamJobState[]> = {
  created: ['creating'],
  uploading: ['created'],
  uploaded: ['uploading'],
  closing: ['uploaded'],
  done: ['closing'],
  abandoned: ['creating', 'created', 'uploading', 'uploaded'],
}

export type BulkUpstreamJobQueries = ReturnType<typeof createBulkUpstreamJobQueries>

export function createBulkUpstreamJobQueries(connection: CommonQueryMethods) {
  return {
    async insert(upstream: {
      upstreamId: string
      jobId: string
      loadNumber: number
      workspaceId: string
      connectionId: string
    }): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into bulk_upstream_jobs (upstream_id, job_id, load_number, workspace_id, connection_id, state)
        values (${upstream.upstreamId}, ${upstream.jobId}, ${upstream.loadNumber},
          ${upstream.workspaceId}, ${upstream.connectionId}, 'creating')`)
    },

    /** The load's upstream job that is not abandoned, read without taking it over. */
    async findLive(jobId: string, loadNumber: number): Promise<BulkUpstreamJob | null> {
      const found = await connection.maybeOne(sql.type(upstreamRow)`
        select ${columns} from bulk_upstream_jobs
        where job_id = ${jobId} and load_number = ${loadNumber} and state <> 'abandoned'`)
      return found ? toBulkUpstreamJob(found) : null
    },

    /** Takes the live upstream job over: from here on every older attempt's write is refused. */
    async takeOver(jobId: string, loadNumber: number): Promise<BulkUpstreamJob | null> {
      const found = await connection.maybeOne(sql.type(upstreamRow)`
        update bulk_upstream_jobs set epoch = epoch + 1
        where job_id = ${jobId} and load_number = ${loadNumber} and state <> 'abandoned'
        returning ${columns}`)
      return found ? toBulkUpstreamJob(found) : null
    },

    /**
     * Announces a state; false when another attempt has taken the job over, or the move is not legal.
     * Whoever gets false must do nothing more upstream.
     */
    async move(
      upstream: { upstreamId: string; epoch: number },
      to: Exclude<UpstreamJobState, 'creating'>,
      salesforceJobId?: string,
    ): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update bulk_upstream_jobs
        set state = ${to},
          salesforce_job_id = coalesce(${salesforceJobId ?? null}, salesforce_job_id),
          created_upstream_at = case when ${to} = 'created' then now() else created_upstream_at end,
          uploaded_at = case when ${to} = 'uploaded' then now() else uploaded_at end,
          closing_at = case when ${to} = 'closing' then now() else closing_at end,
          finished_at = case when ${to} in ('done', 'abandoned') then now() else finished_at end
        where upstream_id = ${upstream.upstreamId} and epoch = ${upstream.epoch}
          and state = any(${sql.array([...movesFrom[to]], 'text')})`)
      return result.rowCount === 1
    },

    /**
     * What a look at the job said. A late answer of an older look changes nothing: an ended job never goes
     * back, and how it ended decides whether its unprocessed rows may go again.
     */
    async setProgress(
      upstreamId: string,
      seen: {
        upstreamState: string
        recordsProcessed: number
        recordsFailed: number
        errorMessage: string | null
      },
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update bulk_upstream_jobs
        set upstream_state = ${seen.upstreamState},
          records_processed = greatest(records_processed, ${seen.recordsProcessed}),
          records_failed = greatest(records_failed, ${seen.recordsFailed}), error_message = ${seen.errorMessage}
        where upstream_id = ${upstreamId} and state = 'closing'
          and (upstream_state is null or upstream_state not in ('JobComplete', 'Failed', 'Aborted'))`)
    },

    async setAbortedReading(
      upstreamId: string,
      reading: OutcomeCounts & { readAt: string },
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update bulk_upstream_jobs set aborted_reading = ${sql.jsonb({ ...reading })}
        where upstream_id = ${upstreamId}`)
    },

    /** Jobs that were closed so many days ago and whose results are still unread. */
    async listClosedSince(days: number, limit: number): Promise<BulkUpstreamJob[]> {
      const found = await connection.any(sql.type(upstreamRow)`
        select ${columns} from bulk_upstream_jobs
        where state = 'closing' and closing_at < now() - ${days} * interval '1 day'
        order by closing_at limit ${limit}`)
      return found.map(toBulkUpstreamJob)
    },

    /** Every upstream job of a job, for people who look into what happened. */
    async list(jobId: string, limit: number): Promise<BulkUpstreamJob[]> {
      const found = await connection.any(sql.type(upstreamRow)`
        select ${columns} from bulk_upstream_jobs where job_id = ${jobId}
        order by load_number, created_at limit ${limit}`)
      return found.map(toBulkUpstreamJob)
    },
  }
}
