import { blockRemedy } from '../contracts/block-remedies.ts'
import { isTerminalBulkJobState } from '../contracts/bulk-job.ts'
import type { BulkJobBody } from '../contracts/http/bulk-jobs.ts'
import { bulkJobWorkflowId } from '../contracts/workflow-ids.ts'
import type { BulkJob } from '../db/bulk-jobs.ts'
import type { ApiDependencies } from './dependencies.ts'

export function bulkJobUrl(jobId: string): string {
  return `/v1/bulk-jobs/${encodeURIComponent(jobId)}`
}

/** A job as /v1 shows it. */
export function bulkJobBody(job: BulkJob, deps: ApiDependencies, now = Date.now()): BulkJobBody {
  if (job.state === 'Staging') throw new Error('A staging job is hidden from callers.')
  const self = bulkJobUrl(job.jobId)
  return {
    id: job.jobId,
    object: job.objectType,
    operation: job.operation,
    connection_id: job.connectionId,
    external_id_field: job.externalIdField,
    correlation_field: job.correlationField,
    state: job.state,
    wish: job.wish,
    counts: { total: job.totalRecords, ...job.counts },
    progress: progressOf(job, now),
    blocked:
      job.blockedReason === null
        ? null
        : {
            reason: job.blockedReason,
            detail: job.blockedDetail ?? '',
            remedy: blockRemedy(job.blockedReason),
            since: (job.blockedAt ?? job.updatedAt).toISOString(),
          },
    waiting_for: job.state === 'InProgress' ? job.waitingFor : null,
    error_details: job.errorDetails ?? null,
    checked: job.checkedAt !== null,
    columns: [...job.columns],
    retry_of: job.retryOf,
    created_at: job.createdAt.toISOString(),
    started_at: job.startedAt?.toISOString() ?? null,
    updated_at: job.updatedAt.toISOString(),
    completed_at: job.completedAt?.toISOString() ?? null,
    purged_at: job.purgedAt?.toISOString() ?? null,
    links: {
      self,
      batches: `${self}/batches`,
      loads: `${self}/loads`,
      results: `${self}/results`,
      retry_of: job.retryOf === null ? null : bulkJobUrl(job.retryOf),
      temporal_ui: temporalUiLink(job, deps),
    },
  }
}

/** A job as it was accepted: the same answer however often the request comes and whatever happened since. */
export function acceptedBulkJobBody(job: BulkJob, deps: ApiDependencies): BulkJobBody {
  return bulkJobBody(
    {
      ...job,
      state: 'Queued',
      wish: 'run',
      counts: { success: 0, failed: 0, unprocessed: 0, unknown: 0 },
      processedRecords: 0,
      errorDetails: null,
      blockedReason: null,
      waitingFor: null,
      startedAt: null,
      completedAt: null,
      purgedAt: null,
      updatedAt: job.createdAt,
      // Whether create checked the rows shows in the time: the first step sets a later one.
      checkedAt:
        job.checkedAt !== null && job.checkedAt.getTime() === job.createdAt.getTime()
          ? job.checkedAt
          : null,
    },
    deps,
  )
}

function progressOf(job: BulkJob, now: number): BulkJobBody['progress'] {
  const { success, failed, unprocessed, unknown } = job.counts
  const settled = success + failed + unprocessed + unknown
  const rows = Math.min(job.totalRecords, Math.max(settled, job.processedRecords))
  const unknownRate = (reason: string) => ({ rows, rate: null, eta_seconds: null, reason })
  if (job.startedAt === null) return unknownRate('not_started')
  const end = job.completedAt?.getTime() ?? now
  const seconds = (end - job.startedAt.getTime()) / 1000
  if (seconds <= 0 || rows === 0) return unknownRate('no_rows_yet')
  const rate = Math.round((rows / seconds) * 10) / 10
  if (isTerminalBulkJobState(job.state)) return { rows, rate, eta_seconds: 0, reason: null }
  if (job.state === 'Paused' || job.state === 'Blocked') {
    return { rows, rate, eta_seconds: null, reason: job.state === 'Paused' ? 'paused' : 'blocked' }
  }
  const eta = Math.ceil(((job.totalRecords - rows) * seconds) / rows)
  return { rows, rate, eta_seconds: eta, reason: null }
}

function temporalUiLink(job: BulkJob, deps: ApiDependencies): string | null {
  const { temporalUi } = deps.settings
  if (temporalUi === null) return null
  const workflowId = encodeURIComponent(bulkJobWorkflowId(deps.installationId, job.jobId))
  return `${temporalUi.url}/namespaces/${encodeURIComponent(temporalUi.namespace)}/workflows/${workflowId}`
}
