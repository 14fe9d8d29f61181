import { writeFileSync } from 'node:fs'
import { z } from 'zod'
import { DELIMITERS, LINE_ENDINGS } from '../bulk/csv.ts'
import { ApiError } from '../http/api-error.ts'
import type { Org, OrgContext } from '../http/org-context.ts'
import type { ObjectDefinition } from '../schema/field.ts'
import type { Job, NewJob } from '../store/job-store.ts'
import { contentType, refuseContentType } from './ingest-content-type.ts'
import { multipartBoundary, readMultipart } from './ingest-multipart.ts'
import { removeExpiredJobs } from './job-expiry.ts'

// Keys of these objects are the names on the wire.
const delimiterNames = Object.keys(DELIMITERS) as (keyof typeof DELIMITERS)[]
const lineEndingNames = Object.keys(LINE_ENDINGS) as (keyof typeof LINE_ENDINGS)[]

const createSchema = z.object({
  object: z.string(),
  operation: z.enum(['insert', 'update', 'upsert', 'delete', 'hardDelete']),
  contentType: z.literal('CSV').default('CSV'),
  externalIdFieldName: z.string().nullish(),
  assignmentRuleId: z.string().nullish(),
  lineEnding: z.enum(lineEndingNames).default('LF'),
  columnDelimiter: z.enum(delimiterNames).default('COMMA'),
})

/** Makes a job; one that comes with its data in the same request is closed at once. */
export async function createIngestJob(org: Org, c: OrgContext, apiVersion: number): Promise<Job> {
  await removeExpiredJobs(org)
  const type = contentType(c)
  const boundary = multipartBoundary(type)
  if (boundary === null) {
    refuseContentType(type, 'application/json')
    const wanted = checkJob(org, c, await c.req.text(), apiVersion)
    return org.write(() => org.jobs.create(wanted))
  }
  const { job, content } = readMultipart(await c.req.text(), boundary)
  const wanted = checkJob(org, c, job, apiVersion)
  const effects = org.faults.takeForJob({
    call: 'bulk.create',
    method: 'POST',
    path: c.req.path,
    object: wanted.object,
    operation: wanted.operation,
  })
  // All at once: a process that is killed in between must not leave an open job that nobody knows.
  const closed = await org.write(() => {
    const { id } = org.jobs.create(wanted)
    writeFileSync(org.files.upload(id), content)
    const uploadedBytes = Buffer.byteLength(content)
    org.jobs.update(id, { state: 'UploadComplete', uploadedBytes, effects })
    return org.jobs.get(id)
  })
  if (closed === null) throw new Error('a job is not there after it was made')
  org.bulk.run(closed.id)
  return closed
}

/** Throws ApiError 400 for what cannot become a job. */
function checkJob(org: Org, c: OrgContext, body: string, apiVersion: number): NewJob {
  const request = parseCreate(body)
  const object = org.schema.object(request.object)
  if (object === null) {
    throw new ApiError(400, 'INVALIDENTITY', `Unable to find object: ${request.object}`)
  }
  if (request.operation === 'hardDelete' && !org.settings().hardDeletePermission) {
    throw new ApiError(
      400,
      'FEATURENOTENABLED',
      'hardDelete operation requires special user profile permission, please contact your system administrator',
    )
  }
  if (org.bulkUse.lastDay().batches >= org.settings().bulkBatchesMax) {
    throw new ApiError(400, 'EXCEEDEDQUOTA', 'ExceededQuota : ApiBatchItems Limit exceeded.')
  }
  return {
    kind: 'ingest',
    createdBy: c.var.userNumber,
    operation: request.operation,
    object: object.name,
    state: 'Open',
    apiVersion,
    externalIdField:
      request.operation === 'upsert' ? upsertKey(org, object, request.externalIdFieldName) : null,
    assignmentRuleId: request.assignmentRuleId ?? null,
    columnDelimiter: request.columnDelimiter,
    lineEnding: request.lineEnding,
    query: null,
    columnSeed: org.settings().shuffleColumns ? org.settings().seed : null,
  }
}

function parseCreate(body: string): z.infer<typeof createSchema> {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    throw new ApiError(400, 'JSON_PARSER_ERROR', 'The request body is not valid JSON')
  }
  const parsed = createSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new ApiError(
    400,
    'INVALIDJOB',
    `InvalidJob : ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'the request is invalid'}`,
  )
}

function upsertKey(org: Org, object: ObjectDefinition, name: string | null | undefined): string {
  if (name === null || name === undefined || name === '') {
    throw new ApiError(
      400,
      'INVALIDJOB',
      `InvalidJob : External ID was blank for ${object.name}. An External ID must be specified for upsert.`,
    )
  }
  const field = org.schema.field(object, name)
  if (field === null || (!field.externalId && field.system !== 'id')) {
    throw new ApiError(
      400,
      'INVALIDJOB',
      `InvalidJob : Field name provided, ${name} does not match an External ID, Salesforce Id, or indexed field for ${object.name}`,
    )
  }
  return field.name
}
