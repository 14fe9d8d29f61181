import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { Hono } from 'hono'
import { z } from 'zod'
import { DELIMITERS, LINE_ENDINGS } from '../bulk/csv.ts'
import { INDEX_ENTRY_BYTES } from '../bulk/run-query-job.ts'
import { ApiError, notFound } from '../http/api-error.ts'
import type { Org, OrgContext, OrgEnv } from '../http/org-context.ts'
import { versionOf } from '../http/version.ts'
import { bulkPlan, checkBulkStatement } from '../soql/bulk-query.ts'
import { parseSoql } from '../soql/parse.ts'
import type { Job } from '../store/job-store.ts'
import { abort } from './ingest-jobs.ts'
import { removeExpiredJobs } from './job-expiry.ts'
import { queryJobInfo } from './job-info.ts'
import { answerJobList } from './job-list.ts'
import { refuseOtherQueryMethods } from './job-methods.ts'
import { planSoql, refusing } from './plan-soql.ts'

const ROOT = '/services/data/:version/jobs/query'
/** Rows of a page when the caller does not say. */
const DEFAULT_PAGE_ROWS = 50_000

const createSchema = z.object({
  operation: z.enum(['query', 'queryAll']),
  query: z.string().min(1),
  contentType: z.literal('CSV').default('CSV'),
  // Keys of these objects are the names on the wire.
  columnDelimiter: z.enum(Object.keys(DELIMITERS) as (keyof typeof DELIMITERS)[]).default('COMMA'),
  lineEnding: z.enum(Object.keys(LINE_ENDINGS) as (keyof typeof LINE_ENDINGS)[]).default('LF'),
})

/** Bulk API 2.0 query: create, look, abort, delete, list, and results by pages. */
export function addQueryJobRoutes(app: Hono<OrgEnv>, org: Org): void {
  function findJob(c: OrgContext): Job {
    versionOf(c.req.param('version') ?? '')
    const job = org.jobs.get(c.req.param('id') ?? '')
    if (job === null || job.kind !== 'query') throw notFound()
    return job
  }

  app.post(ROOT, async (c) => {
    const apiVersion = versionOf(c.req.param('version'))
    const request = parseCreate(await c.req.text())
    const object = checkQuery(org, request.query, c.var.userNumber)
    await removeExpiredJobs(org)
    const effects = org.faults.takeForJob({
      call: 'bulkQuery.create',
      method: 'POST',
      path: c.req.path,
      object,
      operation: request.operation,
    })
    const job = await org.write(() => {
      const made = org.jobs.create({
        kind: 'query',
        createdBy: c.var.userNumber,
        operation: request.operation,
        object,
        state: 'UploadComplete',
        apiVersion,
        externalIdField: null,
        assignmentRuleId: null,
        columnDelimiter: request.columnDelimiter,
        lineEnding: request.lineEnding,
        query: request.query,
      })
      org.jobs.update(made.id, { effects })
      return made
    })
    org.bulk.run(job.id)
    return c.json(queryJobInfo(job))
  })

  app.get(ROOT, (c) => answerJobList(org, c, 'query', versionOf(c.req.param('version'))))
  app.get(`${ROOT}/:id`, (c) => c.json(queryJobInfo(findJob(c))))

  app.patch(`${ROOT}/:id`, async (c) => {
    const body: unknown = await c.req.json().catch(() => null)
    if (!z.object({ state: z.literal('Aborted') }).safeParse(body).success) {
      throw new ApiError(400, 'INVALIDJOB', 'state must be Aborted')
    }
    const job = await org.write(() => {
      abort(org, findJob(c))
      return findJob(c)
    })
    return c.json(queryJobInfo(job))
  })

  app.delete(`${ROOT}/:id`, async (c) => {
    const removed = await org.write(() => {
      const job = findJob(c)
      if (job.state === 'UploadComplete' || job.state === 'InProgress') {
        throw new ApiError(400, 'INVALIDJOBSTATE', `Job ${job.id} is in state ${job.state}`)
      }
      org.jobs.remove(job.id)
      return job.id
    })
    org.files.remove(removed)
    return c.body(null, 204)
  })

  app.get(`${ROOT}/:id/results`, (c) => answerResults(org, c, findJob(c)))
  refuseOtherQueryMethods(app)
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
  throw new ApiError(400, 'INVALIDJOB', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}

/** The object that the query reads. Throws ApiError 400 for one that Bulk does not run. */
function checkQuery(org: Org, soql: string, user: number): string {
  const statement = refusing(soql, () => parseSoql(soql))
  refusing(soql, () => checkBulkStatement(statement))
  const { plan } = planSoql(org, soql, { user, withDeleted: false })
  return refusing(soql, () => bulkPlan(plan, statement)).object.name
}

async function answerResults(org: Org, c: OrgContext, job: Job) {
  const version = versionOf(c.req.param('version') ?? '')
  if (version !== job.apiVersion) {
    throw new ApiError(409, 'API_VERSION_MISMATCH', `The job was made with v${job.apiVersion}.0`)
  }
  if (job.state !== 'JobComplete') {
    throw new ApiError(400, 'INVALIDJOBSTATE', `Job ${job.id} is in state ${job.state}`)
  }
  const locator = c.req.query('locator')
  const from = locator === undefined ? 0 : Number(Buffer.from(locator, 'base64url').toString())
  const most = Number(c.req.query('maxRecords') ?? DEFAULT_PAGE_ROWS)
  if (!Number.isSafeInteger(from) || from < 0 || from > job.processed) {
    throw new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator')
  }
  if (!Number.isSafeInteger(most) || most < 1) {
    throw new ApiError(400, 'INVALID_PARAMETER', 'maxRecords must be a positive number')
  }
  const to = Math.min(job.processed, from + most)
  const headers = {
    'Content-Type': 'text/csv; charset=UTF-8',
    'Sforce-Locator': to === job.processed ? 'null' : Buffer.from(String(to)).toString('base64url'),
    'Sforce-NumberOfRecords': String(to - from),
  }
  // Nobody would read the file to its end, which closes it.
  if (c.req.method === 'HEAD') return c.body(null, 200, headers)
  const path = org.files.result(job.id)
  const [headerEnd, start, end] = await rowStarts(path, [0, from, to], job.processed).catch(
    (error: unknown) => {
      // The job was deleted since it was looked up, and its files with it.
      throw org.jobs.get(job.id) === null ? notFound() : error
    },
  )
  const stream = (async function* () {
    if (headerEnd > 0) yield* createReadStream(path, { start: 0, end: headerEnd - 1 })
    if (end > start) yield* createReadStream(path, { start, end: end - 1 })
  })()
  // The two stream types differ only in how the DOM library declares them.
  const body = Readable.toWeb(Readable.from(stream, { objectMode: false })) as ReadableStream
  return c.body(body, 200, headers)
}

/** Byte offsets of rows in a result file; the row after the last one starts where the file ends. */
async function rowStarts(
  path: string,
  rows: readonly [number, number, number],
  total: number,
): Promise<[number, number, number]> {
  const index = await open(`${path}.index`, 'r')
  try {
    const { size } = await stat(path)
    const entry = Buffer.alloc(INDEX_ENTRY_BYTES)
    const offset = async (row: number): Promise<number> => {
      if (row >= total) return size
      await index.read(entry, 0, INDEX_ENTRY_BYTES, row * INDEX_ENTRY_BYTES)
      return Number(entry.readBigUInt64LE())
    }
    return [await offset(rows[0]), await offset(rows[1]), await offset(rows[2])]
  } finally {
    await index.close()
  }
}
