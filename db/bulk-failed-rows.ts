import { type CommonQueryMethods, sql } from 'slonik'
import type { RowOutcome, RowResult } from '../contracts/bulk-job.ts'
import { row } from './row-type.ts'

/** A row of `bulk_failed_rows`: an input row that did not succeed. */
export interface BulkFailedRow {
  readonly rowNumber: number
  readonly batchNumber: number
  readonly outcome: Exclude<RowOutcome, 'success'>
  readonly errorCode: string | null
  readonly errorMessage: string | null
  readonly errorFields: readonly string[]
  readonly salesforceId: string | null
  readonly retryable: boolean
  /** The job that sends it again; null while none does. */
  readonly retryJobId: string | null
}

interface BulkFailedRowRow {
  row_number: number
  batch_number: number
  outcome: Exclude<RowOutcome, 'success'>
  error_code: string | null
  error_message: string | null
  error_fields: string[]
  salesforce_id: string | null
  retryable: boolean
  retry_job_id: string | null
}

function toBulkFailedRow(r: BulkFailedRowRow): BulkFailedRow {
  return {
    rowNumber: r.row_number,
    batchNumber: r.batch_number,
    outcome: r.outcome,
    errorCode: r.error_code,
    errorMessage: r.error_message,
    errorFields: r.error_fields,
    salesforceId: r.salesforce_id,
    retryable: r.retryable,
    retryJobId: r.retry_job_id,
  }
}

export type BulkFailedRowQueries = ReturnType<typeof createBulkFailedRowQueries>

export function createBulkFailedRowQueries(connection: CommonQueryMethods) {
  return {
    /** Adds or replaces rows; successes among them are left out. */
    async put(
      job: { jobId: string; workspaceId: string },
      results: readonly { batchNumber: number; result: RowResult }[],
    ): Promise<void> {
      const failed = results.filter(({ result }) => result.outcome !== 'success')
      if (failed.length === 0) return
      await connection.query(sql.type(row<never>())`
        insert into bulk_failed_rows (job_id, workspace_id, row_number, batch_number, outcome,
          error_code, error_message, error_fields, salesforce_id, retryable)
        select ${job.jobId}, ${job.workspaceId}, f.row_number, f.batch_number, f.outcome, f.error_code,
          f.error_message, f.error_fields, f.salesforce_id, f.retryable
        from jsonb_to_recordset(${sql.jsonb(
          failed.map(({ batchNumber, result }) => ({
            row_number: result.rowNumber,
            batch_number: batchNumber,
            outcome: result.outcome,
            error_code: result.errorCode,
            error_message: result.errorMessage,
            error_fields: [...result.errorFields],
            salesforce_id: result.salesforceId,
            retryable: result.retryable,
          })),
        )}) as f (row_number int, batch_number int, outcome text, error_code text, error_message text,
          error_fields jsonb, salesforce_id text, retryable boolean)
        on conflict (job_id, row_number) do update
        set outcome = excluded.outcome, error_code = excluded.error_code,
          error_message = excluded.error_message, error_fields = excluded.error_fields,
          salesforce_id = excluded.salesforce_id, retryable = excluded.retryable`)
    },

    /** A page in order of row number, with the job that claimed each row. */
    async list(
      jobId: string,
      page: {
        afterRow: number
        limit: number
        outcomes: readonly Exclude<RowOutcome, 'success'>[]
        retryableOnly?: boolean
      },
    ): Promise<BulkFailedRow[]> {
      const found = await connection.any(sql.type(row<BulkFailedRowRow>())`
        select f.row_number, f.batch_number, f.outcome, f.error_code, f.error_message, f.error_fields,
          f.salesforce_id, f.retryable, c.retry_job_id
        from bulk_failed_rows f left join bulk_retry_claims c using (job_id, row_number)
        where f.job_id = ${jobId} and f.row_number > ${page.afterRow}
          and f.outcome = any(${sql.array([...page.outcomes], 'text')})
          and (f.retryable or not ${page.retryableOnly ?? false})
        order by f.row_number limit ${page.limit}`)
      return found.map(toBulkFailedRow)
    },

    /** The rows of these numbers that are known as not succeeded. */
    async find(jobId: string, rowNumbers: readonly number[]): Promise<BulkFailedRow[]> {
      const found = await connection.any(sql.type(row<BulkFailedRowRow>())`
        select f.row_number, f.batch_number, f.outcome, f.error_code, f.error_message, f.error_fields,
          f.salesforce_id, f.retryable, c.retry_job_id
        from bulk_failed_rows f left join bulk_retry_claims c using (job_id, row_number)
        where f.job_id = ${jobId} and f.row_number = any(${sql.array([...rowNumbers], 'int4')})
        order by f.row_number`)
      return found.map(toBulkFailedRow)
    },

    /** How often each error code came, most frequent first. */
    async countByCode(
      jobId: string,
      limit: number,
    ): Promise<{ code: string; count: number; message: string }[]> {
      const found = await connection.any(
        sql.type(row<{ code: string; count: number; message: string }>())`
        select coalesce(error_code, 'unknown') as code, count(*) as count,
          coalesce(min(error_message), '') as message
        from bulk_failed_rows where job_id = ${jobId}
        group by 1 order by 2 desc, 1 limit ${limit}`,
      )
      return [...found]
    },

    /** Removes up to `limit` rows and says how many. */
    async deleteSomeOf(jobId: string, limit: number): Promise<number> {
      const result = await connection.query(sql.type(row<never>())`
        delete from bulk_failed_rows where (job_id, row_number) in (
          select job_id, row_number from bulk_failed_rows where job_id = ${jobId} limit ${limit})`)
      return result.rowCount
    },
  }
}
