import type { Hono } from 'hono'
import { columnOrder, rowOrder } from '../bulk/column-order.ts'
import { CsvError, csvLine, DELIMITERS, LINE_ENDINGS } from '../bulk/csv.ts'
import { readRows } from '../bulk/read-rows.ts'
import { ApiError } from '../http/api-error.ts'
import type { Org, OrgContext, OrgEnv } from '../http/org-context.ts'
import { createRandom, seedOf, shuffledOrder } from '../seeded-random.ts'
import type { Job } from '../store/job-store.ts'

const ROOT = '/services/data/:version/jobs/ingest/:id'
/** Unprocessed rows are shuffled within stretches of this many. */
const STRETCH_ROWS = 10_000

/** The three result files. Order is not promised, neither of lines nor of echoed columns. */
export function addIngestResultRoutes(
  app: Hono<OrgEnv>,
  org: Org,
  findJob: (org: Org, c: OrgContext) => Job,
): void {
  app.get(`${ROOT}/successfulresults`, (c) => {
    const job = findJob(org, c)
    return answer(org, c, job, ['sf__Id', 'sf__Created'], batches(org, job, 'successful'))
  })
  app.get(`${ROOT}/failedresults`, (c) => {
    const job = findJob(org, c)
    return answer(org, c, job, ['sf__Id', 'sf__Error'], batches(org, job, 'failed'))
  })
  app.get(`${ROOT}/unprocessedrecords`, (c) => {
    const job = findJob(org, c)
    return answer(org, c, job, [], unprocessed(org, job))
  })
}

function answer(
  org: Org,
  c: OrgContext,
  job: Job,
  own: readonly string[],
  lines: Generator<Uint8Array>,
) {
  if (job.state === 'Open') {
    throw new ApiError(400, 'INVALIDJOBSTATE', `Job ${job.id} is Open: it has no results yet`)
  }
  const first = lines.next()
  const noContent =
    org.settings().emptyResults204 || c.var.faults.some((fault) => fault.type === 'no_content')
  if (first.done === true && noContent) return c.body(null, 204)
  const type = { 'Content-Type': 'text/csv; charset=UTF-8' }
  if (c.req.method === 'HEAD') {
    // Nobody reads the lines to their end, which closes the file.
    lines.return(undefined)
    return c.body(null, 200, type)
  }
  const header = headerLine(org, job, own)
  const chunks = (function* () {
    yield header
    if (first.done !== true) yield first.value
    yield* lines
  })()
  return c.body(streamOf(chunks, lines), 200, type)
}

function headerLine(org: Org, job: Job, own: readonly string[]): Uint8Array {
  const names = uploadedHeader(org, job)
  const order = columnOrder(job, names.length)
  const cells = [...own, ...order.map((index) => names[index] ?? '')]
  if (cells.length === 0) return Buffer.alloc(0)
  return Buffer.from(csvLine(cells, DELIMITERS[job.columnDelimiter], LINE_ENDINGS[job.lineEnding]))
}

/** Names as the upload gave them; none where there is no upload or it cannot be read. */
function uploadedHeader(org: Org, job: Job): readonly string[] {
  if (job.uploadedBytes === null) return []
  const rows = readRows(org.files.upload(job.id), job, org.settings().bulkByteOrderMark)
  try {
    return rows.next().value ?? []
  } catch (error) {
    if (error instanceof CsvError) return []
    throw error
  } finally {
    rows.return()
  }
}

function* batches(org: Org, job: Job, which: 'successful' | 'failed'): Generator<Uint8Array> {
  const ranges = org.jobs.batches(job)
  const random = createRandom(org.settings().seed ^ seedOf(`${job.id}/batches`))
  const order = org.settings().shuffleRows ? shuffledOrder(ranges.length, random) : ranges.keys()
  for (const index of order) {
    const csv = org.jobs.batchCsv(job, ranges[index]?.firstRow ?? -1, which)
    if (csv !== null && csv.byteLength > 0) yield csv
  }
}

/** Rows that were not tried, as they were uploaded: those that no committed batch holds. */
function* unprocessed(org: Org, job: Job): Generator<Uint8Array> {
  if (job.uploadedBytes === null || job.state === 'JobComplete') return
  const delimiter = DELIMITERS[job.columnDelimiter]
  const ending = LINE_ENDINGS[job.lineEnding]
  const rows = readRows(org.files.upload(job.id), job, org.settings().bulkByteOrderMark)
  const committed = org.jobs.batches(job)
  let stretch: (readonly string[])[] = []
  let seq = 0
  let columns: readonly number[] = []

  function flush(): Uint8Array {
    let text = ''
    for (const index of rowOrder(org.settings(), `${job.id}/rest`, seq, stretch.length)) {
      const row = stretch[index] ?? []
      text += csvLine(
        columns.map((column) => row[column] ?? ''),
        delimiter,
        ending,
      )
    }
    stretch = []
    seq += 1
    return Buffer.from(text)
  }

  try {
    columns = columnOrder(job, rows.next().value?.length ?? 0)
    let place = -1
    for (const row of rows) {
      place += 1
      const range = committed[0]
      if (range !== undefined && place >= range.firstRow) {
        if (place === range.firstRow + range.rows - 1) committed.shift()
        continue
      }
      stretch.push(row)
      if (stretch.length === STRETCH_ROWS) yield flush()
    }
  } catch (error) {
    // A file that cannot be read has failed the job; what was read before the fault is shown.
    if (!(error instanceof CsvError)) throw error
  }
  if (stretch.length > 0) yield flush()
}

/** `source` is what the chunks are made of, and holds a file open until its end. */
function streamOf(
  chunks: Generator<Uint8Array>,
  source: Generator<Uint8Array>,
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      const { done, value } = chunks.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    },
    cancel() {
      source.return(undefined)
    },
  })
}
