import { type CommonQueryMethods, sql } from 'slonik'
import type { LoadState, OutcomeCounts, RowRanges } from '../contracts/bulk-job.ts'
import { row } from './row-type.ts'

/** A row of `bulk_loads`: what one upstream job carries. */
export interface BulkLoad {
  readonly jobId: string
  readonly loadNumber: number
  readonly workspaceId: string
  /** 0 for the first pass; each retry of transient failures adds one. */
  readonly round: number
  readonly parentLoad: number | null
  readonly rowRanges: RowRanges
  readonly rowCount: number
  readonly encodedBytes: number
  readonly state: LoadState
  readonly notBefore: Date | null
  readonly counts: OutcomeCounts
  /** Rows that went again in a later load; not in `counts`. */
  readonly retriedRecords: number
  readonly settledAt: Date | null
}

interface BulkLoadRow {
  job_id: string
  load_number: number
  workspace_id: string
  round: number
  parent_load: number | null
  row_ranges: number[]
  row_count: number
  encoded_bytes: number
  state: LoadState
  not_before: Date | null
  successful_records: number
  failed_records: number
  unprocessed_records: number
  unknown_records: number
  retried_records: number
  settled_at: Date | null
}

function toBulkLoad(r: BulkLoadRow): BulkLoad {
  return {
    jobId: r.job_id,
    loadNumber: r.load_number,
    workspaceId: r.workspace_id,
    round: r.round,
    parentLoad: r.parent_load,
    rowRanges: r.row_ranges,
    rowCount: r.row_count,
    encodedBytes: r.encoded_bytes,
    state: r.state,
    notBefore: r.not_before,
    counts: {
      success: r.successful_records,
      failed: r.failed_records,
      unprocessed: r.unprocessed_records,
      unknown: r.unknown_records,
    },
    retriedRecords: r.retried_records,
    settledAt: r.settled_at,
  }
}

const columns = sql.fragment`
  job_id, load_number, workspace_id, round, parent_load, row_ranges, row_count, encoded_bytes, state,
  not_before, successful_records, failed_records, unprocessed_records, unknown_records,
  retried_records, settled_at`

const loadRow = row<BulkLoadRow>()

export interface NewBulkLoad {
  readonly loadNumber: number
  readonly round: number
  readonly parentLoad: number | null
  readonly rowRanges: RowRanges
  readonly rowCount: number
  readonly encodedBytes: number
  /** Seconds from now before it may be sent. */
  readonly delaySeconds: number
}

export interface LoadTotals {
  readonly total: number
  readonly settled: number
}

export type BulkLoadQueries = ReturnType<typeof createBulkLoadQueries>

export function createBulkLoadQueries(connection: CommonQueryMethods) {
  return {
    async insert(
      job: { jobId: string; workspaceId: string },
      loads: readonly NewBulkLoad[],
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into bulk_loads (job_id, workspace_id, load_number, round, parent_load, row_ranges,
          row_count, encoded_bytes, not_before)
        select ${job.jobId}, ${job.workspaceId}, l.load_number, l.round, l.parent_load, l.row_ranges,
          l.row_count, l.encoded_bytes,
          case when l.delay_seconds > 0 then now() + l.delay_seconds * interval '1 second' end
        from jsonb_to_recordset(${sql.jsonb(
          loads.map((l) => ({
            load_number: l.loadNumber,
            round: l.round,
            parent_load: l.parentLoad,
            row_ranges: [...l.rowRanges],
            row_count: l.rowCount,
            encoded_bytes: l.encodedBytes,
            delay_seconds: l.delaySeconds,
          })),
        )}) as l (load_number int, round int, parent_load int, row_ranges jsonb, row_count int,
          encoded_bytes bigint, delay_seconds float8)`)
    },

    async get(jobId: string, loadNumber: number): Promise<BulkLoad | null> {
      const found = await connection.maybeOne(sql.type(loadRow)`
        select ${columns} from bulk_loads where job_id = ${jobId} and load_number = ${loadNumber}`)
      return found ? toBulkLoad(found) : null
    },

    /** As `get`, and holds the row until the transaction ends; who needs the job's row too locks that first. */
    async lock(jobId: string, loadNumber: number): Promise<BulkLoad | null> {
      const found = await connection.maybeOne(sql.type(loadRow)`
        select ${columns} from bulk_loads where job_id = ${jobId} and load_number = ${loadNumber}
        for no key update`)
      return found ? toBulkLoad(found) : null
    },

    /** Loads that are not settled, those that were begun first, then those due first. */
    async listUnsettled(
      jobId: string,
      excluding: readonly number[],
      limit: number,
    ): Promise<BulkLoad[]> {
      const found = await connection.any(sql.type(loadRow)`
        select ${columns} from bulk_loads
        where job_id = ${jobId} and state <> 'settled'
          and load_number <> all(${sql.array([...excluding], 'int4')})
        order by (state = 'planned'), not_before nulls first, load_number limit ${limit}`)
      return found.map(toBulkLoad)
    },

    /** The loads with the highest numbers, for the table that operators read. */
    async listLatest(jobId: string, limit: number): Promise<BulkLoad[]> {
      const found = await connection.any(sql.type(loadRow)`
        select ${columns} from bulk_loads where job_id = ${jobId}
        order by load_number desc limit ${limit}`)
      return found.map(toBulkLoad).reverse()
    },

    async totals(jobId: string): Promise<LoadTotals> {
      return connection.one(sql.type(row<LoadTotals>())`
        select count(*) as total, count(*) filter (where state = 'settled') as settled
        from bulk_loads where job_id = ${jobId}`)
    },

    /** The next free number; call it while the job's row is held. */
    async nextNumber(jobId: string): Promise<number> {
      return connection.oneFirst(sql.type(row<{ next: number }>())`
        select coalesce(max(load_number), 0) + 1 as next from bulk_loads where job_id = ${jobId}`)
    },

    async setState(
      jobId: string,
      loadNumber: number,
      state: 'planned' | 'sending' | 'sent',
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update bulk_loads set state = ${state}
        where job_id = ${jobId} and load_number = ${loadNumber} and state <> 'settled'`)
    },

    /** Ends the load; false when it was settled before. */
    async settle(
      jobId: string,
      loadNumber: number,
      counts: OutcomeCounts,
      retriedRecords: number,
    ): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update bulk_loads
        set state = 'settled', settled_at = now(), successful_records = ${counts.success},
          failed_records = ${counts.failed}, unprocessed_records = ${counts.unprocessed},
          unknown_records = ${counts.unknown}, retried_records = ${retriedRecords}
        where job_id = ${jobId} and load_number = ${loadNumber} and state <> 'settled'`)
      return result.rowCount === 1
    },
  }
}
