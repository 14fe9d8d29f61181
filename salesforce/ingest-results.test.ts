import { createHash, randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import { text as readText } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ConnectedClient, connectClient } from './connected-client.ts'
import { type Answer, SESSION_EXPIRED, text } from './scripted-org.ts'

const ID = '7505e00000AbCdEAAV'
const ROOT = '/services/data/v67.0/jobs/ingest'
const CSV = { 'content-type': 'text/csv; charset=UTF-8' }

let connected: ConnectedClient
beforeEach(async () => {
  connected = await connectClient()
})
afterEach(() => connected.close())

const route = `GET ${ROOT}/${ID}/successfulResults`

test('each kind has its path; 204 is an empty stream', async () => {
  const { org, client } = connected
  org.route(route, text(200, '"sf__Id"\n"001"\n', CSV))
  org.route(`GET ${ROOT}/${ID}/failedResults`, (response) => void response.writeHead(204).end())
  org.route(
    `GET ${ROOT}/${ID}/unprocessedrecords`,
    text(200, '', { ...CSV, 'content-length': '0' }),
  )
  expect(await readText(await client.ingest.results(ID, 'successful'))).toBe('"sf__Id"\n"001"\n')
  expect(await readText(await client.ingest.results(ID, 'failed'))).toBe('')
  expect(await readText(await client.ingest.results(ID, 'unprocessed'))).toBe('')
})

test('a large file passes in bounded memory and unchanged', async () => {
  const { org, client } = connected
  const piece = randomBytes(1_000_000)
  const sent = createHash('sha256')
  org.route(route, async (response) => {
    response.writeHead(200, CSV)
    for (let count = 0; count < 20; count += 1) {
      sent.update(piece)
      if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve))
    }
    response.end()
  })
  const stream = await client.ingest.results(ID, 'successful')
  const read = createHash('sha256')
  let chunks = 0
  for await (const chunk of stream) {
    read.update(chunk)
    expect(stream.readableLength).toBeLessThan(1_000_000)
    chunks += 1
    if (chunks % 10 === 0) await sleep(1)
  }
  expect(read.digest('hex')).toBe(sent.digest('hex'))
})

test('a file cut in chunks, or before its length, is an error', async () => {
  const { org, client } = connected
  const cutting =
    (headers: Record<string, string>): Answer =>
    (response, _seen, request) => {
      response.writeHead(200, { ...CSV, ...headers })
      response.write('"sf__Id"\n"001"\n', () => setTimeout(() => request.socket.destroy(), 20))
    }
  org.route(route, cutting({}), cutting({ 'content-length': '1000' }))
  for (const _kind of ['chunked', 'length']) {
    await expect(readText(await client.ingest.results(ID, 'successful'))).rejects.toMatchObject({
      kind: 'no_answer',
      effect: 'none',
    })
  }
  expect(org.count(route)).toBe(2)
})

test.each([
  ['at once', (stream: Readable) => stream],
  ['while it is read away', (stream: Readable) => stream.resume()],
])(
  'a cut that nobody listens for (%s) ends no process and meets who reads later',
  async (_when, touch) => {
    const { org, client } = connected
    org.route(route, (response, _seen, request) => {
      response.writeHead(200, CSV)
      response.write('"sf__Id"\n', () => request.socket.destroy())
    })
    const stream = touch(await client.ingest.results(ID, 'successful'))
    await expect.poll(() => stream.destroyed).toBe(true)
    await expect(readText(stream)).rejects.toMatchObject({ kind: 'no_answer' })
  },
)

test('a file that only the end of the connection ends is refused', async () => {
  const { org, client } = connected
  org.route(route, (_response, _seen, request) => {
    request.socket.end(
      'HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\nconnection: close\r\n\r\n"sf__Id"\n',
    )
  })
  await expect(client.ingest.results(ID, 'successful')).rejects.toMatchObject({
    kind: 'invalid_answer',
  })
})

test('a page in place of a file is refused', async () => {
  const { org, client } = connected
  org.route(route, text(200, '<html>', { 'content-type': 'text/html' }))
  await expect(client.ingest.results(ID, 'successful')).rejects.toMatchObject({
    kind: 'invalid_answer',
  })
})

test('a file that stops in the middle ends in no_answer', async () => {
  const quick = await connectClient(200)
  quick.org.route(route, (response) => {
    response.writeHead(200, CSV)
    response.write('"sf__Id"\n')
  })
  const stream = await quick.client.ingest.results(ID, 'successful')
  await expect(readText(stream)).rejects.toMatchObject({ kind: 'no_answer' })
  await quick.close()
})

test('a reader that pauses longer than the limit on silence loses nothing', async () => {
  const quick = await connectClient(200)
  const content = 'x'.repeat(3_000_000)
  quick.org.route(route, text(200, content, CSV))
  const stream = await quick.client.ingest.results(ID, 'successful')
  await sleep(1_200)
  expect(await readText(stream)).toBe(content)
  await quick.close()
})

test('an abort or a destroy ends the stream and frees the connection', async () => {
  const { org, client } = connected
  let closed = 0
  org.route(route, (response, _seen, request) => {
    request.socket.once('close', () => {
      closed += 1
    })
    response.writeHead(200, CSV)
    response.write('"sf__Id"\n')
  })
  const controller = new AbortController()
  const aborted = await client.ingest.results(ID, 'successful', controller.signal)
  setTimeout(() => controller.abort(), 20)
  await expect(readText(aborted)).rejects.toMatchObject({ kind: 'aborted' })
  const destroyed = await client.ingest.results(ID, 'successful')
  destroyed.destroy()
  await expect.poll(() => closed).toBe(2)
})

test('a streamed answer is not repeated, save for a renewed session', async () => {
  const { org, client } = connected
  org.route(route, SESSION_EXPIRED, text(503, ''))
  await expect(client.ingest.results(ID, 'successful')).rejects.toMatchObject({
    kind: 'unavailable',
  })
  expect(org.count(route)).toBe(2)
})
