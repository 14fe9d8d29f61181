import { Hono } from 'hono'
import { type BulkJobWish, isTerminalBulkJobState } from '../../contracts/bulk-job.ts'
import { bulkJobWorkflowId } from '../../contracts/workflow-ids.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { type BulkJob, createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createWorkflowStartQueries } from '../../db/workflow-starts.ts'
import { auditEntry } from '../audit.ts'
import { bulkJobBody } from '../bulk-job-body.ts'
import type { ApiContext, ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { requireJob } from '../find-job.ts'
import type { Intake } from '../staging/accept-bulk-job.ts'

const START_GRACE_SECONDS = 5

const ACTIONS: Readonly<Record<BulkJobWish, string>> = {
  run: 'bulk_job.resumed',
  pause: 'bulk_job.paused',
  cancel: 'bulk_job.cancelled',
}

/** `POST /v1/bulk-jobs/{id}/pause`, `/resume`, `/cancel`: record what a person wants, then wake the workflow. */
export function createSteerBulkJobRoutes(deps: ApiDependencies, intake: Intake) {
  async function steer(c: ApiContext, wish: BulkJobWish): Promise<Response> {
    const job = await requireJob(c, c.req.param('jobId') ?? '')
    const wished = await c.var.database.transaction(async (transaction) => {
      const found = await createBulkJobQueries(transaction).setWish(
        job.workspaceId,
        job.jobId,
        wish,
      )
      if (found !== null) {
        await createAuditLogQueries(transaction).append(
          auditEntry(c, { action: ACTIONS[wish], subject: job.jobId }),
        )
      }
      return found
    })
    if (wished === null) throw await refusal(c, job.jobId, wish)
    await (wish !== 'pause' && wished.blockedReason === 'workflow_ended'
      ? startAgain(wished)
      : wake(wished))
    return c.json(bulkJobBody(wished, deps), 202)
  }

  async function refusal(c: ApiContext, jobId: string, wish: BulkJobWish): Promise<ApiError> {
    const job = await requireJob(c, jobId)
    return isTerminalBulkJobState(job.state)
      ? new ApiError('job_terminal', `The job has ended as ${job.state}; it cannot be steered.`)
      : new ApiError('job_cancelling', `The job is being cancelled; it is too late to ${wish} it.`)
  }

  async function wake(job: BulkJob): Promise<void> {
    try {
      if (await deps.starters.wakeBulkJob(job.jobId)) return
    } catch (error) {
      // The wish stands in the job's row.
      deps.logger.warn({ err: error, jobId: job.jobId }, 'job could not be woken')
      return
    }
    await startAgain(job)
  }

  /** No workflow runs: a wish to start one is written first, so that it happens while Temporal is down too. */
  async function startAgain(job: BulkJob): Promise<void> {
    await createWorkflowStartQueries(deps.database.workspace(job.workspaceId)).renew(
      {
        workflowId: bulkJobWorkflowId(deps.installationId, job.jobId),
        workspaceId: job.workspaceId,
        subjectId: job.jobId,
      },
      START_GRACE_SECONDS,
    )
    await intake.start(job)
  }

  return new Hono<ApiEnv>()
    .post('/v1/bulk-jobs/:jobId/pause', (c) => steer(c, 'pause'))
    .post('/v1/bulk-jobs/:jobId/resume', (c) => steer(c, 'run'))
    .post('/v1/bulk-jobs/:jobId/cancel', (c) => steer(c, 'cancel'))
}
