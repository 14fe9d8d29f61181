import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ConnectedClient, connectClient } from './connected-client.ts'
import { type Answer, cutAfterBody, readAll, SESSION_EXPIRED, text } from './scripted-org.ts'

const ID = '7505e00000AbCdEAAV'
const CONTENT_URL = `services/data/v67.0/jobs/ingest/${ID}/batches`
const PUT = `PUT /${CONTENT_URL}`
const job = { id: ID, contentUrl: CONTENT_URL }

let connected: ConnectedClient
beforeEach(async () => {
  connected = await connectClient()
})
afterEach(() => connected.close())

const source = (content: string | Buffer) => {
  const bytes = Buffer.from(content)
  const opened: Readable[] = []
  return {
    opened,
    contentLength: bytes.byteLength,
    stream() {
      const pieces: Buffer[] = []
      for (let at = 0; at < bytes.length; at += 16_384) pieces.push(bytes.subarray(at, at + 16_384))
      const stream = Readable.from(pieces, { objectMode: false })
      opened.push(stream)
      return stream
    },
  }
}

test('the body arrives whole with its length, and progress is told', async () => {
  const { org, client } = connected
  org.route(PUT, text(201, ''))
  const content = `Name\n${'ä'.repeat(300_000)}\n`
  const steps: number[] = []
  const body = source(content)
  await client.ingest.upload(job, body, undefined, (bytes) => steps.push(bytes))
  const seen = org.requests.at(-1)
  expect(seen?.body).toBe(content)
  expect(seen?.headers).toMatchObject({
    'content-length': String(body.contentLength),
    'content-type': 'text/csv; charset=UTF-8',
  })
  expect(seen?.headers['transfer-encoding']).toBeUndefined()
  expect(steps.at(-1)).toBe(body.contentLength)
  expect(steps).toEqual([...steps].sort((a, b) => a - b))
})

test.each([
  ['after the body', SESSION_EXPIRED],
  [
    'before the body',
    ((response) => {
      response.writeHead(401, { 'content-type': 'application/json' })
      response.end('[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]')
    }) satisfies Answer,
  ],
])('a 401 %s opens the body again with a new session', async (_when, refusal) => {
  const { org, client } = connected
  org.route(PUT, refusal, text(201, ''))
  const body = source('Name\nx\n')
  await client.ingest.upload(job, body)
  expect(org.requests.at(-1)?.body).toBe('Name\nx\n')
  expect(org.requests.at(-1)?.headers.authorization).toBe('Bearer t2')
  expect(body.opened).toHaveLength(2)
  expect(body.opened.every((stream) => stream.destroyed)).toBe(true)
})

test('a refusal before a large body is read ends its stream', async () => {
  const { org, client } = connected
  org.route(PUT, (response) => {
    response.writeHead(400, { 'content-type': 'application/json' })
    response.end('[{"errorCode":"INVALIDJOBSTATE","message":"Job is not open"}]')
  })
  const body = source(randomBytes(20_000_000))
  await expect(client.ingest.upload(job, body)).rejects.toMatchObject({
    kind: 'invalid_state',
    effect: 'none',
  })
  expect(body.opened).toHaveLength(1)
  await expect.poll(() => body.opened[0]?.destroyed).toBe(true)
})

test.each([
  ['cut after the body', () => cutAfterBody(), 'no_answer'],
  ['503 after the body', () => text(503, ''), 'unavailable'],
])('%s: one PUT, effect unknown', async (_name, answer, kind) => {
  const { org, client } = connected
  org.route(PUT, answer())
  const body = source('Name\nx\n')
  await expect(client.ingest.upload(job, body)).rejects.toMatchObject({ kind, effect: 'unknown' })
  expect(org.count(PUT)).toBe(1)
  expect(body.opened).toHaveLength(1)
})

test('a slow upload has no total limit, only one on silence', async () => {
  const quick = await connectClient(300)
  quick.org.route(PUT, text(201, ''))
  await quick.client.ingest.upload(job, {
    contentLength: 10,
    stream: () =>
      Readable.from(
        (async function* () {
          for (let sent = 0; sent < 10; sent += 1) {
            await sleep(90)
            yield Buffer.from('x')
          }
        })(),
      ),
  })
  expect(quick.org.requests.at(-1)?.body).toBe('x'.repeat(10))
  await quick.close()
})

test('a server that takes no more bytes ends in no_answer', async () => {
  const quick = await connectClient(300)
  // The request is never read: its body fills the buffers and stops.
  quick.org.route(PUT, () => {})
  await expect(
    quick.client.ingest.upload(job, source(randomBytes(20_000_000))),
  ).rejects.toMatchObject({ kind: 'no_answer', effect: 'unknown' })
  await quick.close()
})

test('a source that fails is told as itself', async () => {
  const { org, client } = connected
  org.route(PUT, async (_response, _seen, request) => void (await readAll(request).catch(() => '')))
  const disk = new Error('EIO: disk')
  const stream = () =>
    Readable.from(
      (async function* () {
        yield Buffer.from('Name\n')
        throw disk
      })(),
    )
  await expect(client.ingest.upload(job, { stream, contentLength: 100 })).rejects.toBe(disk)
})

test.each([
  ['longer', 3],
  ['shorter', 30],
])('a body %s than announced is an error', async (_name, contentLength) => {
  const { org, client } = connected
  org.route(PUT, async (_response, _seen, request) => void (await readAll(request).catch(() => '')))
  await expect(
    client.ingest.upload(job, { ...source('Name\nx\n'), contentLength }),
  ).rejects.toMatchObject({ kind: 'invalid_request', retry: 'never', effect: 'unknown' })
})

test('the caller can give up in the middle', async () => {
  const { org, client } = connected
  org.route(PUT, () => {})
  const body = source(randomBytes(20_000_000))
  await expect(client.ingest.upload(job, body, AbortSignal.timeout(100))).rejects.toMatchObject({
    kind: 'aborted',
    effect: 'unknown',
  })
  expect(body.opened[0]?.destroyed).toBe(true)
})

test.each(['//127.0.0.2/x', 'https://example.com/x', 'http://127.0.0.1:1/x'])(
  'no token goes to %s',
  async (contentUrl) => {
    const body = source('Name\n')
    await expect(
      connected.client.ingest.upload({ id: ID, contentUrl }, body),
    ).rejects.toMatchObject({
      kind: 'invalid_answer',
    })
    expect(body.opened).toHaveLength(0)
  },
)
