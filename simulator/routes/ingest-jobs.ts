import type { Hono } from 'hono'
import { z } from 'zod'
import { DELIMITERS, LINE_ENDINGS } from '../bulk/csv.ts'
import { ApiError, notFound } from '../http/api-error.ts'
import type { Org, OrgContext, OrgEnv } from '../http/org-context.ts'
import { receiveUpload } from '../http/receive-upload.ts'
import { versionOf } from '../http/version.ts'
import type { ObjectDefinition } from '../schema/field.ts'
import type { Job } from '../store/job-store.ts'
import { addIngestResultRoutes } from './ingest-results.ts'
import { ingestJobInfo } from './job-info.ts'
import { answerJobList } from './job-list.ts'

const ROOT = '/services/data/:version/jobs/ingest'

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

const patchSchema = z.object({ state: z.enum(['UploadComplete', 'Aborted']) })

/** Bulk API 2.0 ingest: create, upload, close, abort, look, list, delete, results. */
export function addIngestRoutes(app: Hono<OrgEnv>, org: Org): void {
  const uploading = new Set<string>()

  app.post(ROOT, async (c) => {
    const version = versionOf(c.req.param('version'))
    const job = await createJob(org, c, version)
    return c.json(ingestJobInfo(job))
  })

  app.get(ROOT, (c) => answerJobList(org, c, 'ingest', versionOf(c.req.param('version'))))

  app.put(`${ROOT}/:id/batches`, async (c) => {
    const job = findJob(org, c)
    refuseUpload(job, uploading.has(job.id))
    uploading.add(job.id)
    try {
      const bytes = await receiveUpload(c.env.incoming, org.files, job.id)
      await org.write(() => {
        // It may have been aborted or deleted while its data came in.
        refuseUpload(findJob(org, c), false)
        org.jobs.update(job.id, { uploadedBytes: bytes })
      })
    } finally {
      uploading.delete(job.id)
    }
    return c.body(null, 201)
  })

  app.patch(`${ROOT}/:id`, async (c) => {
    const parsed = patchSchema.safeParse(c.get('patchBody'))
    if (!parsed.success) {
      throw new ApiError(400, 'INVALIDJOB', 'state must be UploadComplete or Aborted')
    }
    const { state } = parsed.data
    const job = state === 'Aborted' ? await abortJob(org, c) : await closeJob(org, c)
    return c.json(ingestJobInfo(job))
  })

  app.get(`${ROOT}/:id`, (c) => c.json(ingestJobInfo(findJob(org, c))))

  app.delete(`${ROOT}/:id`, async (c) => {
    await org.write(() => {
      const job = findJob(org, c)
      if (job.state === 'Open' || job.state === 'InProgress') {
        throw invalidState(`Job ${job.id} cannot be deleted in state ${job.state}`)
      }
      org.jobs.remove(job.id)
    })
    org.files.remove(c.req.param('id'))
    return c.body(null, 204)
  })

  addIngestResultRoutes(app, org, findJob)
}

/** The job that a path names. Throws ApiError 404 when there is none. */
export function findJob(org: Org, c: OrgContext): Job {
  versionOf(c.req.param('version') ?? '')
  const job = org.jobs.get(c.req.param('id') ?? '')
  if (job === null || job.kind !== 'ingest') throw notFound()
  return job
}

function invalidState(message: string): ApiError {
  return new ApiError(400, 'INVALIDJOBSTATE', message)
}

function refuseUpload(job: Job, isUploading: boolean): void {
  if (job.state !== 'Open') {
    throw invalidState(`Job ${job.id} is in state ${job.state}: data is taken while it is Open`)
  }
  if (isUploading || job.uploadedBytes !== null) {
    throw invalidState(
      `Found multiple contents for job: <${job.id}>, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job and make sure you only do 'PUT' once on a given Job.`,
    )
  }
}

async function createJob(org: Org, c: OrgContext, apiVersion: number): Promise<Job> {
  const request = parseCreate(await c.req.text())
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
  const externalIdField =
    request.operation === 'upsert' ? upsertKey(org, object, request.externalIdFieldName) : null
  return org.write(() =>
    org.jobs.create({
      kind: 'ingest',
      createdBy: c.var.userNumber,
      operation: request.operation,
      object: object.name,
      state: 'Open',
      apiVersion,
      externalIdField,
      assignmentRuleId: request.assignmentRuleId ?? null,
      columnDelimiter: request.columnDelimiter,
      lineEnding: request.lineEnding,
      query: null,
    }),
  )
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
    throw new ApiError(400, 'INVALIDJOB', 'InvalidJob : External ID was blank for upsert')
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

async function closeJob(org: Org, c: OrgContext): Promise<Job> {
  const found = findJob(org, c)
  const effects =
    found.state === 'Open'
      ? org.faults.takeForJob({
          call: 'bulk.close',
          method: 'PATCH',
          path: c.req.path,
          object: found.object,
          operation: found.operation,
        })
      : []
  const closed = await org.write(() => {
    const job = findJob(org, c)
    if (job.state !== 'Open') {
      throw invalidState(`Job ${job.id} is in state ${job.state}: it cannot be closed`)
    }
    org.jobs.update(job.id, { state: 'UploadComplete', effects })
    return findJob(org, c)
  })
  org.bulk.run(closed.id)
  return closed
}

async function abortJob(org: Org, c: OrgContext): Promise<Job> {
  return org.write(() => {
    const job = findJob(org, c)
    abort(org, job)
    return findJob(org, c)
  })
}

/** Ends a job that is not over. Must run inside a transaction. Throws ApiError 400 for others. */
export function abort(org: Org, job: Job): void {
  if (job.state === 'JobComplete' || job.state === 'Failed' || job.state === 'Aborted') {
    throw invalidState(`Job ${job.id} is in state ${job.state}: it cannot be aborted`)
  }
  org.jobs.update(job.id, { state: 'Aborted', finished: Date.now() })
}
