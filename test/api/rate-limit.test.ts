import { sql } from 'slonik'
import { afterEach, describe, expect, test } from 'vitest'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { openDatabase } from '../../db/database.ts'
import { row } from '../../db/row-type.ts'
import { hashApiKey, issueApiKey } from '../../security/api-key.ts'
import { addApiKey } from '../tenancy/add-api-key.ts'
import { type DatabaseProxy, startDatabaseProxy } from './database-proxy.ts'
import { problemOf, startTestApi, type TestApi } from './test-api.ts'

const WINDOW_MS = 60_000
let api: TestApi | undefined
let watching: DatabaseProxy | undefined
afterEach(async () => {
  await api?.stop()
  await watching?.cut()
  api = undefined
  watching = undefined
})

async function startLimited(
  requests: number,
  settings = {},
  urlFor?: (databaseUrl: string) => Promise<string>,
) {
  api = await startTestApi(
    {
      ...{ keysRequired: true, trustedProxies: 1 },
      rateLimit: { requests, windowMs: WINDOW_MS },
      ...settings,
    },
    urlFor,
  )
  return api
}

/** Reads what the API asks of its database. */
function counter() {
  let asked: string[] = []
  return {
    async through(databaseUrl: string): Promise<string> {
      const proxy = await startDatabaseProxy(databaseUrl, (chunk) => {
        asked.push(chunk.toString('latin1'))
        return chunk
      })
      watching = proxy
      return proxy.databaseUrl
    },
    reset() {
      asked = []
    },
    of: (text: string | RegExp) => asked.filter((each) => each.search(text) >= 0).length,
  }
}

/** A request with a key, from an address. */
const ask = (url: string, key: string | null, address = '203.0.113.1', path = '/v1/bulk-jobs') =>
  fetch(`${url}${path}`, {
    headers: {
      'x-forwarded-for': address,
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
    },
  })

test('each key has its own limit, and is told where it stands', async () => {
  const { url, pool } = await startLimited(3)
  const one = await addApiKey(pool, { role: 'admin' })
  const other = await addApiKey(pool, { role: 'admin' })
  for (const remaining of [2, 1, 0]) {
    const answer = await ask(url, one)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('ratelimit-policy')).toBe('"key";q=3;w=60')
    expect(answer.headers.get('ratelimit')).toMatch(
      new RegExp(`^"key";r=${remaining};t=(5\\d|60)$`),
    )
  }
  const refused = await ask(url, one)
  expect(refused.headers.get('ratelimit')).toMatch(/^"key";r=0;t=\d+$/)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30)
  expect(await problemOf(refused)).toMatchObject({ status: 429, code: 'rate_limited' })
  expect((await ask(url, other)).status).toBe(200)

  const legacy = await ask(url, one, '203.0.113.1', '/api/salesforce/bulk/jobs?user_id=ada')
  expect(legacy.status).toBe(429)
  expect(await legacy.json()).toMatchObject({ ok: false, error: 'rate_limited' })
})

test('errors count, and say where the caller stands', async () => {
  const { url, pool } = await startLimited(2)
  const key = await addApiKey(pool, { role: 'admin' })
  const missing = await ask(url, key, '203.0.113.1', '/v1/bulk-jobs/nobodys')
  expect(missing.status).toBe(404)
  expect(missing.headers.get('ratelimit')).toMatch(/^"key";r=1;/)
})

test('what a key lacks the scope for counts as well', async () => {
  const { url, pool } = await startLimited(2)
  const key = await addApiKey(pool, { role: 'viewer', scopes: [] })
  const refused = await ask(url, key)
  expect(refused.status).toBe(403)
  expect(refused.headers.get('ratelimit')).toMatch(/^"key";r=1;/)
  expect((await ask(url, key)).status).toBe(403)
  expect((await ask(url, key)).status).toBe(429)
})

test('processes share the limit, and requests at once are each counted', async () => {
  const { databaseUrl } = await startLimited(5)
  const processes = await Promise.all(
    [1, 2, 3].map(() => openDatabase({ url: databaseUrl, poolSize: 1, onError: () => {} })),
  )
  const uses = await Promise.all(
    Array.from({ length: 60 }, (_, at) =>
      processes[at % 3]?.system.rateLimits.use('key:shared', WINDOW_MS),
    ),
  )
  expect(uses.map((use) => use?.used).sort((a, b) => Number(a) - Number(b))).toEqual(
    Array.from({ length: 60 }, (_, at) => at + 1),
  )
  await Promise.all(processes.map((database) => database.end()))
})

test('a window ends, begins anew, and is removed', async () => {
  const { url, pool, databaseUrl } = await startLimited(1)
  const key = await addApiKey(pool, { role: 'admin' })
  expect((await ask(url, key)).status).toBe(200)
  expect((await ask(url, key)).status).toBe(429)
  const end = () =>
    pool.query(sql.type(row<never>())`
      update rate_limit_windows set ends_at = now() - interval '1 second'`)
  await end()
  expect((await ask(url, key)).status).toBe(200)
  await end()
  const database = await openDatabase({ url: databaseUrl, poolSize: 1, onError: () => {} })
  await database.system.rateLimits.deleteEnded(100)
  expect(
    await pool.oneFirst(sql.type(row<{ count: number }>())`
      select count(*) from rate_limit_windows`),
  ).toBe(0)
  await database.end()
})

test('without a key it is the address that counts, of IPv6 its network; health is never counted', async () => {
  const { url } = await startLimited(2)
  const document = (address: string) => ask(url, null, address, '/openapi.json')
  expect((await document('2600:1:2:3::1')).status).toBe(200)
  expect((await document('2600:1:2:3::2')).status).toBe(200)
  expect((await document('2600:1:2:3::3')).status).toBe(429)
  expect((await document('2600:1:2:4::1')).status).toBe(200)
  for (const path of ['/healthz', '/livez', '/readyz']) {
    const answer = await ask(url, null, '2600:1:2:3::4', path)
    expect(answer.status).toBe(200)
    expect(answer.headers.has('ratelimit')).toBe(false)
  }
})

test('callers whose address no trusted proxy has seen count as one', async () => {
  const { url, pool } = await startLimited(2, { trustedProxies: 2 })
  const document = (address: string) => ask(url, null, address, '/openapi.json')
  expect((await document('203.0.113.1')).status).toBe(200)
  expect((await document('')).status).toBe(200)
  expect((await document('203.0.113.2')).status).toBe(429)
  expect((await document('203.0.113.2, 203.0.113.3')).status).toBe(200)
  const counted = await pool.anyFirst(sql.type(row<{ subject: string }>())`
    select subject from rate_limit_windows order by subject`)
  expect(counted).toEqual(['address:203.0.113.2', 'address:unknown'])
})

test('who needs no key is not limited', async () => {
  const { url } = await startLimited(1, { keysRequired: false, trustedProxies: 0 })
  for (let turn = 0; turn < 3; turn += 1) expect((await ask(url, null)).status).toBe(200)
})

test('who shows no key where one is needed is counted by address, and then not even counted', async () => {
  const statements = counter()
  const { url, pool } = await startLimited(2, {}, statements.through)
  const key = await addApiKey(pool, { role: 'viewer' })
  const first = await ask(url, null)
  expect(first.status).toBe(401)
  expect(first.headers.get('www-authenticate')).toBe('Bearer')
  expect(first.headers.get('ratelimit')).toMatch(/^"address";r=1;/)
  expect((await ask(url, null)).status).toBe(401)
  const refused = await ask(url, null)
  expect(refused.headers.get('ratelimit')).toMatch(/^"address";r=0;t=\d+$/)
  expect(await problemOf(refused)).toMatchObject({ status: 429, code: 'rate_limited' })
  expect(statements.of('rate_limit_windows')).toBe(3)
  statements.reset()
  const again = await ask(url, null)
  expect(again.headers.get('ratelimit')).toMatch(/^"address";r=0;t=\d+$/)
  expect(Number(again.headers.get('retry-after'))).toBeGreaterThan(30)
  expect([again.status, statements.of('rate_limit_windows')]).toEqual([429, 0])
  expect((await ask(url, key)).status).toBe(200)
  expect((await ask(url, null, '203.0.113.2')).status).toBe(401)
})

describe('an address that shows keys and sessions which do not hold', () => {
  const UNKNOWN_SESSION = `__Host-conveyor_session=cvy_session_${'A'.repeat(43)}`
  const byCookie = (url: string, cookie: string) =>
    fetch(`${url}/v1/bulk-jobs`, { headers: { cookie, 'x-forwarded-for': '203.0.113.1' } })
  const LOOK_UPS = /from (?:api_keys|sessions) where/

  const revoke = (pool: TestApi['pool'], key: string) =>
    pool.query(sql.type(row<never>())`
      update api_keys set revoked_at = now() where key_hash = ${sql.binary(hashApiKey(key))}`)

  async function startGuessed() {
    const statements = counter()
    const started = await startLimited(1_000, { loopbackOnly: false }, statements.through)
    return { ...started, statements }
  }

  /** Twenty, of all kinds. */
  async function useUp({ url, pool }: Pick<TestApi, 'url' | 'pool'>): Promise<void> {
    const expired = await addApiKey(pool, { role: 'admin', expiresAt: new Date(0) })
    const revoked = await addApiKey(pool, { role: 'admin' })
    await revoke(pool, revoked)
    const shown = [
      ...[() => ask(url, issueApiKey('test').key), () => ask(url, 'not even a key')],
      ...[() => ask(url, expired), () => ask(url, revoked)],
      () => byCookie(url, UNKNOWN_SESSION),
    ]
    for (let turn = 0; turn < 20; turn += 1) {
      expect((await shown[turn % shown.length]?.())?.status, `turn ${turn}`).toBe(401)
    }
  }

  test('is stopped, which is noted once, and then costs no look-up', async () => {
    const { url, pool, statements } = await startGuessed()
    const unseen = await addApiKey(pool, { role: 'admin' })
    await useUp({ url, pool })
    const stopped = await ask(url, issueApiKey('test').key)
    expect(await problemOf(stopped)).toMatchObject({ status: 429, code: 'rate_limited' })
    expect(Number(stopped.headers.get('retry-after'))).toBeGreaterThan(30)
    statements.reset()
    for (let turn = 0; turn < 3; turn += 1) {
      expect((await ask(url, issueApiKey('test').key)).status).toBe(429)
      expect((await ask(url, unseen)).status).toBe(429)
      expect((await byCookie(url, UNKNOWN_SESSION)).status).toBe(429)
    }
    expect([statements.of(LOOK_UPS), statements.of('rate_limit_windows')]).toEqual([0, 0])
    // No credential is shown, so none is guessed.
    expect((await ask(url, null, '203.0.113.1', '/openapi.json')).status).toBe(200)
    expect((await ask(url, unseen, '203.0.113.2')).status).toBe(200)
    const noted = await createAuditLogQueries(pool).list(
      { action: 'api_key.guesses_refused' },
      10,
      null,
    )
    expect(noted).toMatchObject([{ outcome: 'refused', address: '203.0.113.1', actorId: null }])
  })

  test('keeps out nobody whose key or session held before, until it is revoked', async () => {
    const { url, pool, statements } = await startGuessed()
    const [good, other] = [
      await addApiKey(pool, { role: 'admin' }),
      await addApiKey(pool, { role: 'admin' }),
    ]
    const signedIn = await fetch(`${url}/v1/session`, {
      method: 'POST',
      headers: { authorization: `Bearer ${good}` },
    })
    const [cookie = ''] = (signedIn.headers.get('set-cookie') ?? '').split(';')
    expect((await byCookie(url, cookie)).status).toBe(200)
    await useUp({ url, pool })
    expect((await ask(url, issueApiKey('test').key)).status).toBe(429)
    expect((await ask(url, good)).status).toBe(200)
    expect((await byCookie(url, cookie)).status).toBe(200)
    // Held at another address, and so counts as known at this one.
    expect((await ask(url, other)).status).toBe(429)
    expect((await ask(url, other, '203.0.113.2')).status).toBe(200)
    expect((await ask(url, other)).status).toBe(200)

    await revoke(pool, good)
    statements.reset()
    for (let turn = 0; turn < 3; turn += 1) expect((await ask(url, good)).status).toBe(429)
    // The first alone: then it is known no more.
    expect(statements.of(LOOK_UPS)).toBe(1)
    expect((await byCookie(url, cookie)).status).toBe(429)
  })
})

test('a database that is away limits nobody, and is reported once', async () => {
  let proxy: DatabaseProxy | undefined
  api = await startTestApi(
    { keysRequired: true, rateLimit: { requests: 1, windowMs: WINDOW_MS } },
    async (databaseUrl) => {
      proxy = await startDatabaseProxy(databaseUrl)
      return proxy.databaseUrl
    },
  )
  expect((await ask(api.url, null, '', '/openapi.json')).status).toBe(200)
  await proxy?.cut()
  for (let turn = 0; turn < 3; turn += 1) {
    expect((await ask(api.url, null, '', '/openapi.json')).status).toBe(200)
  }
  const warnings = api.logged.filter(({ msg }) =>
    String(msg).startsWith('requests are not counted'),
  )
  expect(warnings).toHaveLength(1)
  expect(await (await ask(api.url, null, '', '/readyz')).json()).toEqual({
    status: 'not_ready',
    checks: { postgres: 'down', temporal: 'up', migrations: 'unknown' },
  })
  expect((await ask(api.url, null, '', '/livez')).status).toBe(200)
})
