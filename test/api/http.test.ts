import { request } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPool } from '../../db/pool.ts'
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

  test('while the database is away the answer is 503, and health still answers', async () => {
    let proxy: DatabaseProxy | undefined
    const cutOff = await startTestApi({}, async (databaseUrl) => {
      proxy = await startDatabaseProxy(databaseUrl)
      return createPool({ databaseUrl: proxy.databaseUrl, size: 2, onError: () => {} })
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
