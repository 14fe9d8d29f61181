import { type BulkJob, createBulkJobQueries } from '../db/bulk-jobs.ts'
import type { ApiContext } from './dependencies.ts'
import { ApiError } from './errors.ts'

const JOB_ID = /^[\w-]{1,200}$/

/** The job of that id. @throws {ApiError} `job_not_found` */
export async function requireJob(c: ApiContext, jobId: string): Promise<BulkJob> {
  // What cannot be an id is not asked for: a NUL in it would be an error of the database.
  const job = JOB_ID.test(jobId)
    ? await createBulkJobQueries(c.var.database).find(c.var.workspaceId, jobId)
    : null
  if (job === null) throw new ApiError('job_not_found', 'There is no job of this id.')
  return job
}
