import { request } from 'node:http'
import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { row } from '../../db/row-type.ts'
import { addApiKey } from '../tenancy/add-api-key.ts'
import { type Logged, postJson, startTestApi, type TestApi } from './test-api.ts'

const PAGE = 'https://console.example.com'

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** As a browser or a proxy asks, with headers that `fetch` would not send. */
function ask(
  api: TestApi,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ port: api.port, host: '127.0.0.1', method, path, headers }, (answer) => {
      answer.resume()
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers })
    })
    call.on('error', reject)
    call.end()
  })
}

describe('pages of other origins', () => {
  let open: TestApi
  let closed: TestApi
  beforeAll(async () => {
    open = await startTestApi({ corsOrigins: [PAGE], keysRequired: true, loopbackOnly: false })
    closed = await startTestApi({ loopbackOnly: false })
  })
  afterAll(() => Promise.all([open.stop(), closed.stop()]))

  test('may ask first, and then use what they asked for', async () => {
    const asked = await ask(open, 'OPTIONS', '/v1/bulk-jobs', {
      origin: PAGE,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,idempotency-key',
    })
    expect(asked.status).toBe(204)
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': PAGE,
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '600',
    })
    expect(String(asked.headers['access-control-allow-headers']).toLowerCase()).toContain(
      'idempotency-key',
    )
    const plain = await ask(open, 'OPTIONS', '/openapi.json', { origin: PAGE })
    expect(plain.headers['allow']).toBe('GET, HEAD, OPTIONS')
    // Refused for the lack of a key, which the page can read.
    const refused = await ask(open, 'GET', '/v1/bulk-jobs', { origin: PAGE })
    expect(refused.status).toBe(401)
    expect(refused.headers['access-control-allow-origin']).toBe(PAGE)
    expect(refused.headers['access-control-expose-headers']).toContain('Retry-After')
    expect(refused.headers['vary']).toContain('Origin')
  })

  test.each([`${PAGE}.evil.example`, 'https://evil.example', 'null', 'http://console.example.com'])(
    '%s is told nothing',
    async (origin) => {
      for (const method of ['OPTIONS', 'GET']) {
        const { headers } = await ask(open, method, '/openapi.json', { origin })
        expect(headers).not.toHaveProperty('access-control-allow-origin')
      }
    },
  )

  test('are told nothing where none is named', async () => {
    const { headers } = await ask(closed, 'GET', '/openapi.json', { origin: PAGE })
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  test('pass the guard of a loopback server where they are named', async () => {
    const local = await startTestApi({ corsOrigins: [PAGE] })
    expect((await ask(local, 'GET', '/v1/bulk-jobs', { origin: PAGE })).status).toBe(200)
    const evil = { origin: 'https://evil.example' }
    expect((await ask(local, 'GET', '/v1/bulk-jobs', evil)).status).toBe(403)
    await local.stop()
  })
})

describe('behind a proxy', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await startTestApi({ ...{ trustedProxies: 1, httpsRequired: true, loopbackOnly: false } })
  })
  afterAll(() => api.stop())
  const HOST = { host: 'conveyor.example.com' }

  test('a plain GET in clear is sent to HTTPS', async () => {
    const answer = await ask(api, 'GET', '/docs?x=1', { ...HOST, 'x-forwarded-proto': 'http' })
    expect(answer.status).toBe(308)
    expect(answer.headers['location']).toBe('https://conveyor.example.com/docs?x=1')
    expect(answer.headers).not.toHaveProperty('strict-transport-security')
  })

  test.each([
    ['POST', {}],
    ['GET', { authorization: 'Bearer cvy_test_x' }],
    ['GET', { 'x-api-key': 'cvy_test_x' }],
    ['GET', { cookie: 'session=x' }],
    ['GET', { host: '[::1]:5058' }],
  ])('%s with %j in clear is refused', async (method, headers) => {
    const given = { ...HOST, ...headers, 'x-forwarded-proto': 'http' }
    expect((await ask(api, method, '/v1/bulk-jobs', given)).status).toBe(403)
  })

  test.each([
    'x=cvy_live_x',
    'a=1&token=cvy_session_x',
    'x=Bearer%20cvy_test_x',
    'api_key=secret',
    'X-API-Key=secret',
    'access_token=00Dxx!secret',
    'Authorization=secret',
  ])('a GET with ?%s in clear is refused, and not sent on', async (query) => {
    const answer = await ask(api, 'GET', `/v1/bulk-jobs?${query}`, {
      ...HOST,
      'x-forwarded-proto': 'http',
    })
    expect([answer.status, answer.headers['location']]).toEqual([403, undefined])
  })

  test('what came by HTTPS is answered, and browsers stay with it', async () => {
    const answer = await ask(api, 'GET', '/openapi.json', { ...HOST, 'x-forwarded-proto': 'https' })
    expect(answer.status).toBe(200)
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000')
  })

  test('only the word of the trusted proxy counts', async () => {
    const forged = { ...HOST, 'x-forwarded-proto': 'https, http' }
    expect((await ask(api, 'GET', '/openapi.json', forged)).status).toBe(308)
    // A probe that comes past the proxy.
    expect((await ask(api, 'GET', '/livez', HOST)).status).toBe(200)
  })

  test('without a trusted proxy the header means nothing', async () => {
    const direct = await startTestApi({ loopbackOnly: false })
    const claimed = { ...HOST, 'x-forwarded-proto': 'http' }
    expect((await ask(direct, 'GET', '/openapi.json', claimed)).status).toBe(200)
    await direct.stop()
  })
})

describe('the log', () => {
  let api: TestApi
  let key: string
  beforeAll(async () => {
    api = await startTestApi({ logRequests: true, logResponses: true, keysRequired: true })
    key = await addApiKey(api.pool, { role: 'admin' })
  })
  afterAll(() => api.stop())

  const lineOf = async (msg: string, requestId: string): Promise<Logged> => {
    const find = () =>
      api.logged.find((line) => line['msg'] === msg && line['requestId'] === requestId)
    await expect.poll(find).toBeDefined()
    const line = find()
    if (line === undefined) throw new Error('Just found.')
    return line
  }

  test('says who asked for what and what came of it, and nothing of what it was about', async () => {
    await postJson(
      `${api.url}/v1/bulk-jobs?surname=Lovelace`,
      { object: 'Account', operation: 'insert', records: [{ Name: 'Planted Ada' }] },
      {
        authorization: `Bearer ${key}`,
        'x-request-id': 'logged-1',
        'user-agent': `client ${key}`,
        'x-private': 'planted-header',
        cookie: 'session=planted-cookie',
      },
    ).then((answer) => answer.text())
    expect(await lineOf('request', 'logged-1')).toMatchObject({
      ...{ method: 'POST', path: '/v1/bulk-jobs', query: ['surname'], address: '127.0.0.1' },
      headers: { 'content-type': 'application/json', 'user-agent': 'client [redacted]' },
    })
    const keyId = await api.pool.oneFirst(sql.type(row<{ key_id: string }>())`
      select key_id from api_keys`)
    const response = await lineOf('response', 'logged-1')
    expect(response).toMatchObject({
      ...{ method: 'POST', path: '/v1/bulk-jobs', status: 400, code: 'unknown_parameter' },
      ...{ keyId, workspaceId: 'default', complete: true },
    })
    expect(Number(response['bytes'])).toBeGreaterThan(100)
    expect(Number(response['ms'])).toBeGreaterThanOrEqual(0)
  })

  test('holds neither keys nor records, wherever they were put', async () => {
    await fetch(`${api.url}/v1/bulk-jobs?api_key=${key}`, {
      headers: { 'x-request-id': 'logged-2' },
    })
    await fetch(`${api.url}/v1/api-keys/${key}`, { headers: { 'x-request-id': 'logged-3' } })
    await lineOf('response', 'logged-2')
    expect((await lineOf('response', 'logged-3'))['path']).toBe('/v1/api-keys/[redacted]')
    const all = JSON.stringify(api.logged)
    for (const planted of [key, 'Lovelace', 'Planted Ada', 'planted-header', 'planted-cookie']) {
      expect(all).not.toContain(planted)
    }
  })

  test('says nothing of requests where it was not asked to', async () => {
    const quiet = await startTestApi()
    await fetch(`${quiet.url}/openapi.json`)
    await quiet.stop()
    expect(quiet.logged).toEqual([])
  })
})

describe('readiness', () => {
  test('names each part, and is 503 while one is missing', async () => {
    const api = await startTestApi()
    const look = async () => {
      const answer = await fetch(`${api.url}/readyz`)
      return { status: answer.status, body: await answer.json() }
    }
    const ready = { postgres: 'up', temporal: 'up', migrations: 'current' }
    expect(await look()).toEqual({ status: 200, body: { status: 'ready', checks: ready } })
    api.temporal.isDown = true
    // Held for a second.
    expect((await look()).status).toBe(200)
    const down = { status: 'not_ready', checks: { ...ready, temporal: 'down' } }
    await expect.poll(look, { timeout: 5_000 }).toEqual({ status: 503, body: down })
    api.temporal.isDown = false
    await api.pool.query(sql.type(row<never>())`
      delete from conveyor_migrations where name = '0002_waiting_for.sql'`)
    const behind = { status: 'not_ready', checks: { ...ready, migrations: 'missing' } }
    await expect.poll(look, { timeout: 5_000 }).toEqual({ status: 503, body: behind })
    await api.stop()
  })
})
