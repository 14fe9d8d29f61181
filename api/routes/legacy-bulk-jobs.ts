import { Hono } from 'hono'
import { nearestName } from '../../bulk/nearest-name.ts'
import { readJsonRecords } from '../../bulk/staging/read-json-records.ts'
import {
  BULK_OPERATIONS,
  type BulkJobState,
  type BulkOperation,
  LEGACY_MAX_RECORDS,
} from '../../contracts/bulk-job.ts'
import {
  type LegacyFoundFields,
  type LegacyListFields,
  LegacyStatusSchema,
} from '../../contracts/http/legacy-bulk-jobs.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { createBulkJobBatchQueries } from '../../db/bulk-job-batches.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { auditEntry } from '../audit.ts'
import { requireConnectionOfUser } from '../connections/find-connection.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { requireJob } from '../find-job.ts'
import { requireContentType } from '../http/content-type.ts'
import { parseJsonBody } from '../http/parse-json-body.ts'
import { createRequestBody } from '../http/request-body.ts'
import { newBulkJobId } from '../job-id.ts'
import { legacyCreatedFields, legacyJobBody } from '../legacy-job-body.ts'
import type { Intake } from '../staging/accept-bulk-job.ts'

/** A job of the old size has 50 batches; one of /v1 may have thousands, which only /v1 shows in full. */
const MOST_BATCHES = 1_000
const MOST_LISTED = 200

/** The routes under /api/salesforce/bulk: every answer has its fields both flat and under `data`. */
export function createLegacyBulkJobRoutes(deps: ApiDependencies, intake: Intake) {
  return new Hono<ApiEnv>()
    .post('/api/salesforce/bulk/create-job', async (c) => {
      requireContentType(c.req.raw, ['application/json'])
      const body = createRequestBody(c.req.raw, deps.settings, c.var.textShare)
      const asked = readCreate(await parseJsonBody(body))
      const connection = await requireConnectionOfUser(c, asked.userId)
      const jobId = newBulkJobId(asked.objectType, asked.operation)
      const { job, replayed } = await intake.accept({
        job: {
          jobId,
          workspaceId: c.var.workspaceId,
          connectionId: connection.connectionId,
          userId: asked.userId,
          operation: asked.operation,
          objectType: asked.objectType,
          externalIdField: asked.externalIdField,
          correlationField: asked.correlationField,
          retryOf: null,
          requestId: c.var.requestId,
          createdBy: asked.userId,
        },
        rows: (registry) => readJsonRecords(asked.data, registry),
        onAccept: (transaction) =>
          createAuditLogQueries(transaction).append(
            auditEntry(c, { action: 'bulk_job.created', subject: jobId }),
          ),
        idempotencyKey: c.req.header('idempotency-key') ?? null,
        route: 'POST /api/salesforce/bulk/create-job',
        requestHash: () => body.digest('application/json'),
      })
      if (replayed) c.header('Idempotency-Replayed', 'true')
      c.header('Location', `/api/salesforce/bulk/jobs/${job.jobId}`)
      const fields = legacyCreatedFields(job)
      return c.json({ ok: true, ...fields, data: fields }, 201)
    })
    .get('/api/salesforce/bulk/jobs/:jobId', async (c) => {
      const job = await requireJob(c, c.req.param('jobId'))
      const batches = await createBulkJobBatchQueries(c.var.database).list(
        job.jobId,
        0,
        MOST_BATCHES,
      )
      const fields: LegacyFoundFields = {
        job: legacyJobBody(job),
        batches: batches.map((batch) => ({
          batch_id: batch.batchId,
          job_id: batch.jobId,
          batch_number: batch.batchNumber,
          successful_records: batch.counts.success,
          failed_records: batch.counts.failed,
          error_details: batch.errorDetails ?? null,
          created_at: batch.createdAt.toISOString(),
        })),
      }
      return c.json({ ok: true, ...fields, data: fields })
    })
    .get('/api/salesforce/bulk/jobs', async (c) => {
      const userId = c.req.query('user_id')?.trim() ?? ''
      if (userId === '') throw new ApiError('missing_user_id', 'user_id is required')
      const limit = wholeNumber('limit', c.req.query('limit'), 25, 1, MOST_LISTED)
      const offset = wholeNumber('offset', c.req.query('offset'), 0, 0, 1_000_000_000)
      const jobs = createBulkJobQueries(c.var.database)
      const filter = {
        workspaceId: c.var.workspaceId,
        userId: requirePlain('user_id', userId),
        states: statesOf(c.req.query('status')),
      }
      const page = await jobs.list(filter, limit, offset)
      const fields: LegacyListFields = {
        jobs: page.map(legacyJobBody),
        total_count: await jobs.count(filter),
        limit,
        offset,
      }
      return c.json({ ok: true, ...fields, data: fields })
    })
}

interface CreateAsked {
  readonly userId: string
  readonly operation: BulkOperation
  readonly objectType: string
  readonly data: readonly unknown[]
  readonly externalIdField: string | null
  readonly correlationField: string | null
}

/** Field by field: each fault has a code that callers know. Fields that nobody knows are let pass, as ever. */
function readCreate(body: Record<string, unknown>): CreateAsked {
  const { data } = body
  for (const name of ['user_id', 'operation', 'object_type', 'data']) {
    const value = body[name]
    if (value === undefined || value === null || value === '') {
      throw new ApiError('missing_required_field', `${name} is required`)
    }
  }
  if (!Array.isArray(data)) {
    throw new ApiError('record_not_object', 'data must be an array of records')
  }
  if (data.length === 0) throw new ApiError('no_records', 'data holds no record')
  if (data.length > LEGACY_MAX_RECORDS) {
    const message = `data holds ${data.length} records; ${LEGACY_MAX_RECORDS} are taken at once. Send CSV or NDJSON to /v1/bulk-jobs.`
    throw new ApiError('data_too_large', message)
  }
  return {
    userId: requireText(body, 'user_id', 255),
    operation: readOperation(requireText(body, 'operation', 80)),
    objectType: requireText(body, 'object_type', 80),
    data,
    externalIdField: optionalText(body, 'external_id_field'),
    correlationField: optionalText(body, 'correlation_field'),
  }
}

function readOperation(given: string): BulkOperation {
  const wanted = given === 'hardDelete' ? 'hard_delete' : given
  const found = BULK_OPERATIONS.find((operation) => operation === wanted)
  if (found === undefined) {
    const nearest = nearestName(given, BULK_OPERATIONS)
    const advice =
      nearest === null ? `Known: ${BULK_OPERATIONS.join(', ')}.` : `Did you mean ${nearest}?`
    throw new ApiError('invalid_operation', `There is no such operation. ${advice}`)
  }
  return found
}

function optionalText(body: Record<string, unknown>, name: string): string | null {
  const value = body[name]
  return value === undefined || value === null || value === '' ? null : requireText(body, name, 160)
}

function requireText(body: Record<string, unknown>, name: string, longest: number): string {
  const value = body[name]
  // Callers of the replaced service send numbers as user ids too.
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || text.trim() === '' || text.length > longest) {
    throw new ApiError('invalid_request', `${name} must be text of 1 to ${longest} characters`)
  }
  return requirePlain(name, text.trim())
}

/** Postgres keeps no NUL, and control characters have no place in names. */
function requirePlain(name: string, text: string): string {
  if (/\p{Cc}/u.test(text) || !text.isWellFormed()) {
    throw new ApiError('invalid_request', `${name} holds a control character`)
  }
  return text
}

function wholeNumber(
  name: string,
  given: string | undefined,
  fallback: number,
  least: number,
  most: number,
): number {
  if (given === undefined || given === '') return fallback
  const value = /^\d{1,10}$/.test(given) ? Number(given) : Number.NaN
  if (!(value >= least && value <= most)) {
    throw new ApiError('invalid_request', `${name} must be a whole number from ${least} to ${most}`)
  }
  return value
}

function statesOf(status: string | undefined): readonly BulkJobState[] | undefined {
  if (status === undefined || status === '') return undefined
  const parsed = LegacyStatusSchema.safeParse(status)
  if (!parsed.success) {
    const known = LegacyStatusSchema.options.join(', ')
    throw new ApiError('invalid_request', `status must be one of ${known}`)
  }
  return parsed.data === 'InProgress' ? ['InProgress', 'Paused', 'Blocked'] : [parsed.data]
}
