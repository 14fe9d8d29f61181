import { Hono } from 'hono'
import type { ColumnRegistry } from '../../bulk/staging/column-registry.ts'
import { readCsvRows } from '../../bulk/staging/read-csv-rows.ts'
import { readJsonRecords } from '../../bulk/staging/read-json-records.ts'
import { readNdjsonRows } from '../../bulk/staging/read-ndjson-rows.ts'
import type { ReadPage } from '../../bulk/staging/read-row.ts'
import { LEGACY_MAX_RECORDS } from '../../contracts/bulk-job.ts'
import {
  type BulkJobTarget,
  BulkJobTargetSchema,
  CreateBulkJobSchema,
} from '../../contracts/http/bulk-jobs.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { auditEntry } from '../audit.ts'
import { acceptedBulkJobBody, bulkJobUrl } from '../bulk-job-body.ts'
import { requireConnectionOfId, requireConnectionOfUser } from '../connections/find-connection.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { requireContentType } from '../http/content-type.ts'
import { parseJsonBody } from '../http/parse-json-body.ts'
import { readQuery } from '../http/read-query.ts'
import { createRequestBody, type RequestBody } from '../http/request-body.ts'
import { requestIssues } from '../http/request-issues.ts'
import { newBulkJobId } from '../job-id.ts'
import type { Intake } from '../staging/accept-bulk-job.ts'

export const BULK_JOB_CONTENT_TYPES = [
  'application/json',
  'text/csv',
  'application/x-ndjson',
] as const

interface Asked {
  readonly target: BulkJobTarget
  readonly rows: (registry: ColumnRegistry) => AsyncIterable<ReadPage>
}

/** `POST /v1/bulk-jobs`: JSON, or CSV and NDJSON of any size. */
export function createBulkJobRoute(deps: ApiDependencies, intake: Intake) {
  return new Hono<ApiEnv>().post('/v1/bulk-jobs', async (c) => {
    const request = c.req.raw
    const type = requireContentType(request, BULK_JOB_CONTENT_TYPES)
    const body = createRequestBody(request, deps.settings, c.var.textShare)
    const { target, rows } = await readAsked(request, type, body)
    const connection =
      target.connection_id === undefined
        ? await requireConnectionOfUser(c, null)
        : await requireConnectionOfId(c, target.connection_id)
    const jobId = newBulkJobId(target.object, target.operation)
    const { job, replayed } = await intake.accept({
      job: {
        jobId,
        workspaceId: c.var.workspaceId,
        connectionId: connection.connectionId,
        userId: null,
        operation: target.operation,
        objectType: target.object,
        externalIdField: target.external_id_field ?? null,
        correlationField: target.correlation_field ?? null,
        retryOf: null,
        requestId: c.var.requestId,
        createdBy: null,
      },
      rows,
      onAccept: (transaction) =>
        createAuditLogQueries(transaction).append(
          auditEntry(c, { action: 'bulk_job.created', subject: jobId }),
        ),
      idempotencyKey: c.req.header('idempotency-key') ?? null,
      route: 'POST /v1/bulk-jobs',
      requestHash: () => body.digest(`${type}\n${sortedQuery(request)}`),
    })
    if (replayed) c.header('Idempotency-Replayed', 'true')
    c.header('Location', bulkJobUrl(job.jobId))
    return c.json(acceptedBulkJobBody(job, deps), 202)
  })
}

async function readAsked(
  request: Request,
  type: (typeof BULK_JOB_CONTENT_TYPES)[number],
  body: RequestBody,
): Promise<Asked> {
  switch (type) {
    case 'application/json':
      return readJsonAsked(request, body)
    case 'text/csv':
      return {
        target: readQuery(request, BulkJobTargetSchema),
        rows: (registry) => readCsvRows(body.bytes(), registry),
      }
    case 'application/x-ndjson':
      return {
        target: readQuery(request, BulkJobTargetSchema),
        rows: (registry) => readNdjsonRows(body.bytes(), registry),
      }
  }
}

async function readJsonAsked(request: Request, body: RequestBody): Promise<Asked> {
  readQuery(request, BulkJobTargetSchema.pick({}))
  const given = await parseJsonBody(body)
  const parsed = CreateBulkJobSchema.safeParse(given)
  if (!parsed.success) {
    throw requestIssues(parsed.error, 'field', Object.keys(CreateBulkJobSchema.shape))
  }
  const { records, ...target } = parsed.data
  if (records.length > LEGACY_MAX_RECORDS) {
    const message = `A JSON body takes ${LEGACY_MAX_RECORDS} records; ${records.length} were sent. Send CSV or NDJSON.`
    throw new ApiError('data_too_large', message)
  }
  return { target, rows: (registry) => readJsonRecords(records, registry) }
}

function sortedQuery(request: Request): string {
  const query = new URL(request.url).searchParams
  query.sort()
  return query.toString()
}
