import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

export type BulkRetryClaimQueries = ReturnType<typeof createBulkRetryClaimQueries>

/** A failed row is sent again by one retry job at most: `unique (job_id, row_number)`. */
export function createBulkRetryClaimQueries(connection: CommonQueryMethods) {
  return {
    /** Claims rows for a retry job; returns the numbers that it got. Rows claimed before stay with their job. */
    async claim(
      job: { jobId: string; workspaceId: string },
      retryJobId: string,
      rowNumbers: readonly number[],
    ): Promise<readonly number[]> {
      return connection.anyFirst(sql.type(row<{ row_number: number }>())`
        insert into bulk_retry_claims (job_id, workspace_id, row_number, retry_job_id)
        select ${job.jobId}, ${job.workspaceId}, n, ${retryJobId}
        from unnest(${sql.array([...rowNumbers], 'int4')}) as n
        on conflict (job_id, row_number) do nothing
        returning row_number`)
    },

    /** Some retry job of this job; null where there is none. */
    async latest(jobId: string): Promise<string | null> {
      return connection.maybeOneFirst(sql.type(row<{ retry_job_id: string }>())`
        select retry_job_id from bulk_retry_claims where job_id = ${jobId}
        order by retry_job_id desc limit 1`)
    },
  }
}
