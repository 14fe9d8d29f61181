import { createReadStream, createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, type Dispatcher, request } from 'undici'
import { z } from 'zod'
import { type ClientRun, clientTaskSchema, ownUse } from './bulk/client-run.ts'
import { type CsvFilePart, type SplitCsvFile, splitCsvFile } from './bulk/csv-file-parts.ts'
import { requestToken } from './bulk/request-token.ts'

/**
 * What a careful script would do and no more: cut the file, stream each part into an upstream job,
 * wait, download all results. It keeps nothing, recovers from nothing and ties nothing to its rows.
 */

const RESULT_FILES = ['successfulResults', 'failedResults', 'unprocessedrecords'] as const
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 30_000
/** Share of the time already waited that the next wait takes. */
const WAIT_SHARE = 0.05
const RECORDS_UNBOUNDED = { maxRows: Number.MAX_SAFE_INTEGER, maxBytes: Number.MAX_SAFE_INTEGER }

const jobSchema = z.object({ id: z.string(), state: z.string() })

const started = performance.now()
const task = clientTaskSchema.parse(JSON.parse(process.argv[2] ?? ''))
const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 })
const token = await requestToken(task)
const jobsUrl = `${task.orgUrl}/services/data/v${task.apiVersion}/jobs/ingest`
const input = await splitCsvFile(task.csv, task)
const waiting = [...input.parts.entries()]
const run = { jobs: input.parts.length, successful: 0, failed: 0, unprocessed: 0 }
await Promise.all(Array.from({ length: task.lanes }, lane))
const result: ClientRun = { ...run, wallMs: performance.now() - started, ...ownUse() }
process.stdout.write(`${JSON.stringify(result)}\n`)
await agent.close()

async function lane(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [number, part] = next
    const id = await load(input, part)
    await waitForEnd(id)
    const [successful, failed, unprocessed] = await download(id, number)
    run.successful += successful
    run.failed += failed
    run.unprocessed += unprocessed
  }
}

async function load({ header }: SplitCsvFile, part: CsvFilePart): Promise<string> {
  const { id } = jobSchema.parse(
    await (
      await call('POST', '', {
        contentType: 'application/json',
        body: JSON.stringify({
          ...{ object: 'Account', operation: 'insert' },
          ...{ contentType: 'CSV', lineEnding: 'LF', columnDelimiter: 'COMMA' },
        }),
      })
    ).json(),
  )
  const uploaded = await call('PUT', `/${id}/batches`, {
    contentType: 'text/csv',
    body: Readable.from(partBytes(header, part), { objectMode: false }),
    length: header.length + part.end - part.start,
  })
  await uploaded.dump()
  const closed = await call('PATCH', `/${id}`, {
    contentType: 'application/json',
    body: JSON.stringify({ state: 'UploadComplete' }),
  })
  await closed.dump()
  return id
}

async function* partBytes(header: Buffer, part: CsvFilePart): AsyncGenerator<Buffer> {
  yield header
  yield* createReadStream(task.csv, {
    start: part.start,
    end: part.end - 1,
    highWaterMark: 1 << 18,
  })
}

async function waitForEnd(id: string): Promise<void> {
  const begin = performance.now()
  for (;;) {
    const waited = performance.now() - begin
    await sleep(Math.min(LONGEST_WAIT_MS, Math.max(FIRST_WAIT_MS, waited * WAIT_SHARE)))
    const { state } = jobSchema.parse(await (await call('GET', `/${id}`)).json())
    if (state === 'JobComplete') return
    if (state === 'Failed' || state === 'Aborted') throw new Error(`Job ${id} ended as ${state}.`)
  }
}

/** Records in each of the three files. */
async function download(id: string, number: number): Promise<[number, number, number]> {
  const counts: number[] = []
  for (const name of RESULT_FILES) {
    const path = join(task.directory, `${number}-${name}.csv`)
    await pipeline(await call('GET', `/${id}/${name}`), createWriteStream(path))
    counts.push((await splitCsvFile(path, RECORDS_UNBOUNDED)).rows)
  }
  const [successful = 0, failed = 0, unprocessed = 0] = counts
  return [successful, failed, unprocessed]
}

async function call(
  method: Dispatcher.HttpMethod,
  path: string,
  send?: { contentType: string; body: string | Readable; length?: number },
): Promise<Dispatcher.ResponseData['body']> {
  const answer = await request(`${jobsUrl}${path}`, {
    dispatcher: agent,
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(send === undefined ? {} : { 'content-type': send.contentType }),
      ...(send?.length === undefined ? {} : { 'content-length': String(send.length) }),
    },
    body: send?.body ?? null,
  })
  if (answer.statusCode < 300) return answer.body
  throw new Error(`${method} ${path}: ${answer.statusCode} ${await answer.body.text()}`)
}
