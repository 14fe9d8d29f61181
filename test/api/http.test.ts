import { request } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DatabaseProxy, startDatabaseProxy } from './database-proxy.ts'
import {
  accountDescribe,
  cacheDescribe,
  leftovers,
  postText,
  problemOf,
  startTestApi,
  type TestApi,
} from './test-api.ts'

let api: TestApi

beforeAll(async () => {
  api = await startTestApi({ batchSize: 2 })
  await cacheDescribe(api.pool, 'Account', accountDescribe())
})
afterAll(() => api.stop())

const insert = '/v1/bulk-jobs?object=Account&operation=insert'

function ask(
  path: string,
  method: string,
  headers: Record<string, string>,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port: api.port, path, method, headers },
      (response) => resolve(response.resume().statusCode),
    )
    asked.on('error', reject)
    asked.end()
  })
}

describe('requests', () => {
  test('get an id, their own where it is plain', async () => {
    const own = await fetch(`${api.url}/healthz`, { headers: { 'x-request-id': 'abc-1' } })
    expect(own.headers.get('x-request-id')).toBe('abc-1')
    const odd = await fetch(`${api.url}/nothing`, { headers: { 'x-request-id': 'a b{}' } })
    const problem = await problemOf(odd)
    expect(problem).toMatchObject({ status: 404, code: 'not_found' })
    expect(odd.headers.get('x-request-id')).toBe(problem.request_id)
    expect(problem.request_id).not.toBe('a b{}')
  })

  test('to unknown paths under /api get the envelope that callers there know', async () => {
    const response = await fetch(`${api.url}/api/salesforce/nothing`)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ ok: false, error: 'not_found' })
  })

  test('by another method are told which are taken', async () => {
    const wrong = await fetch(`${api.url}/v1/bulk-jobs`, { method: 'DELETE' })
    expect((await problemOf(wrong)).code).toBe('method_not_allowed')
    expect(wrong.headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST')
    const options = await fetch(`${api.url}/v1/bulk-jobs/x/pause`, { method: 'OPTIONS' })
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'OPTIONS, POST'])
    const head = await fetch(`${api.url}/healthz`, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  test('cannot be framed, sniffed or cached', async () => {
    const { headers } = await fetch(`${api.url}/v1/bulk-jobs`)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  })

  test('of web pages are refused on the own machine', async () => {
    expect(await ask('/healthz', 'GET', { host: `127.0.0.1:${api.port}` })).toBe(200)
    expect(await ask('/healthz', 'GET', { host: `localhost:${api.port}` })).toBe(200)
    expect(await ask('/healthz', 'GET', { host: 'evil.example' })).toBe(403)
    expect(await ask('/healthz', 'GET', { host: '127.0.0.1.evil.example' })).toBe(403)
    const own = { host: `localhost:${api.port}` }
    const path = '/v1/bulk-jobs/x/cancel'
    expect(await ask(path, 'POST', { ...own, origin: 'http://evil.example' })).toBe(403)
    expect(await ask(path, 'POST', { ...own, origin: 'null' })).toBe(403)
    expect(await ask(path, 'POST', { ...own, origin: `http://localhost:${api.port}` })).toBe(404)
  })

  test('that expect it are told to continue', async () => {
    const asked = request(`${api.url}${insert}`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv', expect: '100-continue' },
    })
    asked.flushHeaders()
    await new Promise((resolve) => asked.once('continue', resolve))
    const status = new Promise((resolve) =>
      asked.once('response', (response) => resolve(response.resume().statusCode)),
    )
    asked.end('Name\nA\n')
    expect(await status).toBe(202)
  })

  test('that are no HTTP do no harm', async () => {
    const socket = connect(api.port, '127.0.0.1')
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => {})
    socket.write('\u0000\u0001 nonsense\r\n\r\n')
    socket.resume()
    await closed
    expect((await fetch(`${api.url}/healthz`)).status).toBe(200)
  })
})

describe('the reference', () => {
  test('is an OpenAPI 3.1 document that names every route', async () => {
    const document: unknown = await (await fetch(`${api.url}/openapi.json`)).json()
    expect(document).toMatchObject({
      openapi: '3.1.0',
      paths: {
        '/v1/bulk-jobs': { get: {}, post: {} },
        '/v1/bulk-jobs/{jobId}': { get: {} },
        '/v1/bulk-jobs/{jobId}/batches': { get: {} },
        '/v1/bulk-jobs/{jobId}/loads': { get: {} },
        '/v1/bulk-jobs/{jobId}/results': { get: {} },
        '/v1/bulk-jobs/{jobId}/retry': { post: {} },
        '/v1/bulk-jobs/{jobId}/pause': { post: {} },
        '/v1/bulk-jobs/{jobId}/resume': { post: {} },
        '/v1/bulk-jobs/{jobId}/cancel': { post: {} },
        '/api/salesforce/bulk/create-job': { post: {} },
        '/api/salesforce/bulk/jobs': { get: {} },
        '/api/salesforce/bulk/jobs/{jobId}': { get: {} },
        '/healthz': { get: {} },
      },
    })
    // Every reference leads somewhere, and patterns are patterns of JSON Schema.
    const text = JSON.stringify(document)
    const schemas = new Set(text.match(/#\/components\/schemas\/\w+/g))
    for (const reference of schemas) {
      const name = reference.split('/').pop() ?? ''
      expect(document).toHaveProperty(['components', 'schemas', name])
    }
    expect(text).not.toMatch(/"pattern":"[^"]*\/u"/)
  })

  test('has a page that asks nobody else for anything', async () => {
    for (const path of ['/docs', '/docs/reference.js', '/docs/reference.css']) {
      const response = await fetch(`${api.url}${path}`)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-security-policy')).toContain("script-src 'self'")
      expect(await response.text()).not.toMatch(/(?:src|href)="https?:|url\(|@import/)
    }
    expect(await (await fetch(api.url)).json()).toMatchObject({ links: { docs: '/docs' } })
  })
})

describe('limits', () => {
  test('rows are refused over the quota and near the end of the disk, and nothing stays', async () => {
    const small = await startTestApi({ stagingQuotaBytes: 10 })
    try {
      const url = `${small.url}${insert}`
      const over = await problemOf(await postText(url, 'text/csv', 'Name\nA\n'))
      expect(over).toMatchObject({ status: 507, code: 'insufficient_storage' })
      expect(await leftovers(small.pool)).toEqual({ jobs: 0, staging: 0 })
    } finally {
      await small.stop()
    }
    api.disk.free = 10
    const full = await problemOf(await postText(`${api.url}${insert}`, 'text/csv', 'Name\nA\n'))
    expect(full).toMatchObject({ status: 507, code: 'insufficient_storage' })
    api.disk.free = 1e12
    expect((await postText(`${api.url}${insert}`, 'text/csv', 'Name\nA\n')).status).toBe(202)
  })

  test('large JSON bodies wait their turn; small ones and streams never wait for them', async () => {
    const limits = { smallBodyBytes: 200, smallBytes: 600, smallWaiters: 5, largeWaiters: 2 }
    const small = await startTestApi({
      textBudget: { ...limits, largeBytes: 1_000, waitMs: 2_000 },
    })
    const records = (count: number) =>
      JSON.stringify({
        object: 'Account',
        operation: 'insert',
        records: Array.from({ length: count }, () => ({ Name: 'A' })),
      })
    const post = (count: number) =>
      postText(`${small.url}/v1/bulk-jobs`, 'application/json', records(count))
    try {
      await cacheDescribe(small.pool, 'Account', accountDescribe())
      // One alone may be larger, and several come one after the other.
      const together = await Promise.all([post(200), post(200), post(200)])
      expect(together.map((response) => response.status)).toEqual([202, 202, 202])

      const slow = connect(small.port, '127.0.0.1')
      const body = records(200)
      slow.write(
        `POST /v1/bulk-jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
      )
      slow.write(body.slice(0, 1_500))
      await new Promise((resolve) => setTimeout(resolve, 100))
      let hasWaited = false
      const waiting = post(100).finally(() => {
        hasWaited = true
      })
      for (let times = 0; times < 5; times += 1) expect((await post(1)).status).toBe(202)
      const stream = await postText(`${small.url}${insert}`, 'text/csv', 'Name\nA\n')
      expect(stream.status).toBe(202)
      expect(hasWaited).toBe(false)
      const refused = await waiting
      expect(await problemOf(refused)).toMatchObject({ status: 503, code: 'service_unavailable' })
      expect(refused.headers.get('retry-after')).toBe('5')
      slow.destroy()
      await expect.poll(async () => (await post(100)).status).toBe(202)
    } finally {
      await small.stop()
    }
  })

  test('a JSON body that trickles ends; a stream may take longer', async () => {
    const hasty = await startTestApi({ wholeBodyMs: 600 })
    const trickle = (path: string, type: string, text: string) => {
      const pieces = async function* () {
        for (const character of text) {
          await new Promise((resolve) => setTimeout(resolve, 100))
          yield Buffer.from(character)
        }
      }
      return fetch(`${hasty.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: ReadableStream.from(pieces()),
        duplex: 'half',
      })
    }
    try {
      await cacheDescribe(hasty.pool, 'Account', accountDescribe())
      const json = '{"object":"Account","operation":'
      const late = await problemOf(await trickle('/v1/bulk-jobs', 'application/json', json))
      expect(late).toMatchObject({ status: 408, code: 'request_timeout' })
      expect(late.detail).toContain('within 0.6 s')
      expect(late.detail).toContain('Send CSV or NDJSON')
      const stream = await trickle(insert, 'text/csv', 'Name\nA\nB\nC\n')
      expect(stream.status).toBe(202)
    } finally {
      await hasty.stop()
    }
  })

  test('while the database is away the answer is 503, and health still answers', async () => {
    let proxy: DatabaseProxy | undefined
    const cutOff = await startTestApi({}, async (databaseUrl) => {
      proxy = await startDatabaseProxy(databaseUrl)
      return proxy.databaseUrl
    })
    try {
      expect((await fetch(`${cutOff.url}/v1/bulk-jobs`)).status).toBe(200)
      await proxy?.cut()
      for (let at = 0; at < 3; at++) {
        const response = await fetch(`${cutOff.url}/v1/bulk-jobs`)
        expect(await problemOf(response)).toMatchObject({
          status: 503,
          code: 'service_unavailable',
        })
        expect(response.headers.get('retry-after')).toBe('2')
      }
      const create = await postText(`${cutOff.url}${insert}`, 'text/csv', 'Name\nA\n')
      expect((await problemOf(create)).code).toBe('service_unavailable')
      const legacy = await fetch(`${cutOff.url}/api/salesforce/bulk/jobs/bulk_job_x`)
      expect(await legacy.json()).toMatchObject({ ok: false, error: 'service_unavailable' })
      expect((await fetch(`${cutOff.url}/healthz`)).status).toBe(200)
    } finally {
      await cutOff.stop()
    }
  })
})
