import { blockRemedy } from '../contracts/block-remedies.ts'
import { legacyBulkJobStatus } from '../contracts/bulk-job.ts'
import type { LegacyCreatedFields, LegacyJob } from '../contracts/http/legacy-bulk-jobs.ts'
import type { BulkJob } from '../db/bulk-jobs.ts'

/** A job as callers of the replaced service know it; the end has both names that it ever had. */
export function legacyJobBody(job: BulkJob): LegacyJob {
  const completed = job.completedAt?.toISOString() ?? null
  return {
    job_id: job.jobId,
    operation: job.operation,
    object_type: job.objectType,
    status: legacyBulkJobStatus(job.state),
    state_detail: stateDetail(job),
    total_records: job.totalRecords,
    successful_records: job.counts.success,
    failed_records: job.counts.failed,
    unprocessed_records: job.counts.unprocessed,
    unknown_records: job.counts.unknown,
    created_at: job.createdAt.toISOString(),
    completed_at: completed,
    completed_date: completed,
  }
}

function stateDetail(job: BulkJob): string | null {
  if (job.state === 'Paused') return 'Paused'
  if (job.state === 'InProgress' && job.waitingFor !== null) return `Waiting: ${job.waitingFor}`
  if (job.blockedReason === null) return null
  return `Blocked (${job.blockedReason}): ${job.blockedDetail ?? ''} ${blockRemedy(job.blockedReason)}`
}

/** The answer to a create: the job runs on by itself, so its counters are at zero. */
export function legacyCreatedFields(job: BulkJob): LegacyCreatedFields {
  return {
    job_id: job.jobId,
    operation: job.operation,
    object_type: job.objectType,
    status: 'Queued',
    total_records: job.totalRecords,
    results: { successful_records: 0, failed_records: 0, errors: [], batches_processed: 0 },
    message: `Bulk job accepted with ${job.totalRecords} records`,
  }
}
