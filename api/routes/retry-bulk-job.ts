import { Hono } from 'hono'
import { RetryBulkJobSchema } from '../../contracts/http/bulk-jobs.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { auditEntry } from '../audit.ts'
import { acceptedBulkJobBody, bulkJobUrl } from '../bulk-job-body.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { requireJob } from '../find-job.ts'
import { requireContentType } from '../http/content-type.ts'
import { parseJsonBody } from '../http/parse-json-body.ts'
import { createRequestBody } from '../http/request-body.ts'
import { requestIssues } from '../http/request-issues.ts'
import type { Retrier } from '../staging/retry-bulk-job.ts'

/** `POST /v1/bulk-jobs/{id}/retry`: failed or corrected rows of an ended job, as a new linked job. */
export function createRetryBulkJobRoute(deps: ApiDependencies, retrier: Retrier) {
  return new Hono<ApiEnv>().post('/v1/bulk-jobs/:jobId/retry', async (c) => {
    requireContentType(c.req.raw, ['application/json'])
    const body = createRequestBody(c.req.raw, deps.settings, c.var.textShare)
    const parsed = RetryBulkJobSchema.safeParse(await parseJsonBody(body))
    if (!parsed.success) {
      throw requestIssues(parsed.error, 'field', Object.keys(RetryBulkJobSchema.shape))
    }
    const parent = await requireJob(c, c.req.param('jobId'))
    const { job, replayed } = await retrier.retry(parent, parsed.data, {
      requestId: c.var.requestId,
      onAccept: (transaction) =>
        createAuditLogQueries(transaction).append(
          auditEntry(c, { action: 'bulk_job.retried', subject: parent.jobId }),
        ),
      idempotencyKey: c.req.header('idempotency-key') ?? null,
      route: 'POST /v1/bulk-jobs/{id}/retry',
      requestHash: () => body.digest(parent.jobId),
    })
    if (replayed) c.header('Idempotency-Replayed', 'true')
    c.header('Location', bulkJobUrl(job.jobId))
    return c.json(acceptedBulkJobBody(job, deps), 202)
  })
}
