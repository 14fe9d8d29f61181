import { type CommonQueryMethods, sql } from 'slonik'
import type { OutcomeCounts } from '../contracts/bulk-job.ts'
import { row } from './row-type.ts'

/** A row of `salesforce_bulk_job_batches`: the unit of progress and of reporting. */
export interface BulkJobBatch {
  readonly batchId: number
  readonly jobId: string
  /** From 1. */
  readonly batchNumber: number
  /** Number of its first row in the caller's input, from 1. */
  readonly firstRow: number
  /** Rows of a retry job keep the numbers of the original input, with gaps between them. */
  readonly lastRow: number
  readonly rowCount: number
  readonly encodedBytes: number
  /** Rows whose outcome is final. */
  readonly settledRecords: number
  readonly counts: OutcomeCounts
  readonly errorDetails: unknown
  readonly createdAt: Date
}

interface BulkJobBatchRow {
  batch_id: number
  job_id: string
  batch_number: number
  first_row: number
  last_row: number
  row_count: number
  encoded_bytes: number
  settled_records: number
  successful_records: number
  failed_records: number
  unprocessed_records: number
  unknown_records: number
  error_details: unknown
  created_at: Date
}

function toBulkJobBatch(r: BulkJobBatchRow): BulkJobBatch {
  return {
    batchId: r.batch_id,
    jobId: r.job_id,
    batchNumber: r.batch_number,
    firstRow: r.first_row,
    lastRow: r.last_row,
    rowCount: r.row_count,
    encodedBytes: r.encoded_bytes,
    settledRecords: r.settled_records,
    counts: {
      success: r.successful_records,
      failed: r.failed_records,
      unprocessed: r.unprocessed_records,
      unknown: r.unknown_records,
    },
    errorDetails: r.error_details,
    createdAt: r.created_at,
  }
}

const columns = sql.fragment`
  batch_id, job_id, batch_number, first_row, last_row, row_count, encoded_bytes, settled_records,
  successful_records, failed_records, unprocessed_records, unknown_records, error_details, created_at`

const batchRow = row<BulkJobBatchRow>()

export interface NewBulkJobBatch {
  readonly batchNumber: number
  readonly firstRow: number
  readonly lastRow: number
  readonly rowCount: number
  readonly encodedBytes: number
}

/** New figures of one batch after a load that touched it was settled. */
export interface BatchFigures {
  readonly batchNumber: number
  readonly counts: OutcomeCounts
  /** Error codes of its rows with how often each came; null where none failed. */
  readonly errorDetails: Readonly<Record<string, number>> | null
}

export type BulkJobBatchQueries = ReturnType<typeof createBulkJobBatchQueries>

export function createBulkJobBatchQueries(connection: CommonQueryMethods) {
  return {
    async insert(
      job: { jobId: string; workspaceId: string },
      batches: readonly NewBulkJobBatch[],
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into salesforce_bulk_job_batches
          (job_id, workspace_id, batch_number, first_row, last_row, row_count, encoded_bytes)
        select ${job.jobId}, ${job.workspaceId}, b.batch_number, b.first_row, b.last_row, b.row_count, b.encoded_bytes
        from ${sql.unnest(
          batches.map((b) => [b.batchNumber, b.firstRow, b.lastRow, b.rowCount, b.encodedBytes]),
          ['int4', 'int4', 'int4', 'int4', 'int4'],
        )} as b (batch_number, first_row, last_row, row_count, encoded_bytes)`)
    },

    /** A page in order of batch number. */
    async list(jobId: string, afterBatch: number, limit: number): Promise<BulkJobBatch[]> {
      const found = await connection.any(sql.type(batchRow)`
        select ${columns} from salesforce_bulk_job_batches
        where job_id = ${jobId} and batch_number > ${afterBatch}
        order by batch_number limit ${limit}`)
      return found.map(toBulkJobBatch)
    },

    /** Batches that hold any row of the inclusive range. */
    async listOverlapping(jobId: string, first: number, last: number): Promise<BulkJobBatch[]> {
      const found = await connection.any(sql.type(batchRow)`
        select ${columns} from salesforce_bulk_job_batches
        where job_id = ${jobId} and first_row <= ${last} and last_row >= ${first}
        order by batch_number`)
      return found.map(toBulkJobBatch)
    },

    async count(jobId: string): Promise<number> {
      return connection.oneFirst(sql.type(row<{ count: number }>())`
        select count(*) from salesforce_bulk_job_batches where job_id = ${jobId}`)
    },

    async setFigures(jobId: string, figures: readonly BatchFigures[]): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update salesforce_bulk_job_batches as b
        set successful_records = f.success, failed_records = f.failed,
          unprocessed_records = f.unprocessed, unknown_records = f.unknown,
          settled_records = f.success + f.failed + f.unprocessed + f.unknown,
          error_details = f.error_details
        from jsonb_to_recordset(${sql.jsonb(
          figures.map((f) => ({
            batch_number: f.batchNumber,
            ...f.counts,
            error_details: f.errorDetails,
          })),
        )}) as f (batch_number int, success int, failed int, unprocessed int, unknown int, error_details jsonb)
        where b.job_id = ${jobId} and b.batch_number = f.batch_number`)
    },
  }
}
