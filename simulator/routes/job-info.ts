import { makeId } from '../ids.ts'
import type { Job } from '../store/job-store.ts'
import { restDatetime } from '../values/render.ts'

/** A moment as job info shows it: whole seconds, `2022-01-02T17:38:59.000+0000`. */
function jobDate(ms: number): string {
  return restDatetime(new Date(Math.floor(ms / 1_000) * 1_000).toISOString())
}

/** What lists tell of a job: no counters and no times of processing. */
export function jobSummary(job: Job): object {
  const ingest = job.kind === 'ingest'
  return {
    id: job.id,
    operation: job.operation,
    object: job.object,
    createdById: makeId('005', job.createdBy),
    createdDate: jobDate(job.created),
    systemModstamp: jobDate(job.modified),
    state: job.state,
    ...(job.externalIdField === null ? {} : { externalIdFieldName: job.externalIdField }),
    ...(job.assignmentRuleId === null ? {} : { assignmentRuleId: job.assignmentRuleId }),
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: job.apiVersion,
    jobType: ingest ? 'V2Ingest' : 'V2Query',
    ...(ingest && job.state === 'Open'
      ? { contentUrl: `services/data/v${job.apiVersion}.0/jobs/ingest/${job.id}/batches` }
      : {}),
    lineEnding: job.lineEnding,
    columnDelimiter: job.columnDelimiter,
  }
}

/** Info of an ingest job, as every call on it answers. */
export function ingestJobInfo(job: Job): object {
  return {
    ...jobSummary(job),
    numberRecordsProcessed: job.processed,
    numberRecordsFailed: job.failed,
    retries: job.retries,
    totalProcessingTime: job.processingMs,
    apiActiveProcessingTime: job.activeMs,
    apexProcessingTime: 0,
    isPkChunkingSupported: true,
    ...(job.errorMessage === null ? {} : { errorMessage: job.errorMessage }),
  }
}

/** Info of a query job. */
export function queryJobInfo(job: Job): object {
  return {
    ...jobSummary(job),
    numberRecordsProcessed: job.processed,
    retries: job.retries,
    totalProcessingTime: job.processingMs,
    isPkChunkingSupported: true,
    ...(job.errorMessage === null ? {} : { errorMessage: job.errorMessage }),
  }
}
