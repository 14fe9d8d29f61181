import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Role, Scope } from '../../contracts/access.ts'
import { CreatedApiKeySchema } from '../../contracts/http/api-keys.ts'
import { AuditEntrySchema, AuditLogSchema } from '../../contracts/http/audit-log.ts'
import { row } from '../../db/row-type.ts'
import { addApiKey } from '../tenancy/add-api-key.ts'
import { addWorkspace } from '../tenancy/two-workspaces.ts'
import { postJson, problemOf, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
let admin: string
beforeAll(async () => {
  api = await startTestApi({ keysRequired: true })
  admin = await addApiKey(api.pool, { role: 'admin' })
})
afterAll(() => api.stop())

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${api.url}${path}`, { headers })
const post = (path: string, body: unknown, key: string) =>
  postJson(`${api.url}${path}`, body, bearer(key))

async function make(role: Role, scopes?: readonly Scope[], key = admin) {
  const answer = await post('/v1/api-keys', { name: 'made', role, scopes }, key)
  expect(answer.status).toBe(201)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  return CreatedApiKeySchema.parse(await answer.json())
}

describe('a caller', () => {
  test('without a key is asked for one', async () => {
    const answer = await get('/v1/bulk-jobs')
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    expect(await problemOf(answer)).toMatchObject({ status: 401, code: 'unauthorized' })
    const legacy = await get('/api/salesforce/bulk/jobs?user_id=ada')
    expect([legacy.status, await legacy.json()]).toMatchObject([401, { error: 'unauthorized' }])
  })

  test('may show it as a bearer token or as X-API-Key', async () => {
    expect((await get('/v1/bulk-jobs', bearer(admin))).status).toBe(200)
    expect((await get('/v1/bulk-jobs', { authorization: `bearer  ${admin} ` })).status).toBe(200)
    expect((await get('/v1/bulk-jobs', { 'x-api-key': admin })).status).toBe(200)
  })

  test.each(['x', `${'cvy_live_'}${'A'.repeat(49)}`, 'Basic abc', ''])(
    'with %j is refused',
    async (key) => {
      expect((await problemOf(await get('/v1/bulk-jobs', bearer(key)))).code).toBe('unauthorized')
    },
  )

  test('that puts the key into the query is told to revoke it', async () => {
    const answer = await get(`/v1/bulk-jobs?api_key=${admin}`, bearer(admin))
    expect(await problemOf(answer)).toMatchObject({ status: 400, code: 'key_in_query' })
  })

  test('needs no key for what is public', async () => {
    for (const path of ['/', '/healthz', '/openapi.json', '/docs']) {
      expect((await get(path)).status, path).toBe(200)
    }
  })
})

describe('keys', () => {
  test('are shown once, and kept as a hash', async () => {
    const made = await make('operator')
    expect(made.key).toMatch(/^cvy_test_[0-9A-Za-z]{49}$/)
    const listed = await (await get('/v1/api-keys', bearer(admin))).text()
    expect(listed).toContain(made.id)
    expect(listed).not.toContain(made.key)
    const stored = await api.pool.oneFirst(sql.type(row<{ text: string }>())`
      select k::text as text from api_keys k where key_id = ${made.id}`)
    expect(stored).not.toContain(made.key.slice(12, -4))
  })

  test('do what their scopes say and no more', async () => {
    const viewer = await make('viewer')
    expect((await get('/v1/bulk-jobs', bearer(viewer.key))).status).toBe(200)
    const write = await post('/v1/bulk-jobs', {}, viewer.key)
    expect(await problemOf(write)).toMatchObject({ status: 403, code: 'insufficient_scope' })
    const narrow = await make('operator', ['bulk:write'])
    expect((await get('/v1/bulk-jobs', bearer(narrow.key))).status).toBe(403)
    expect((await get('/v1/api-keys', bearer(narrow.key))).status).toBe(403)
  })

  test('give no other key what they lack themselves', async () => {
    const keeper = await make('admin', ['admin:keys', 'bulk:read'])
    const more = await post('/v1/api-keys', { name: 'more', role: 'operator' }, keeper.key)
    expect(await problemOf(more)).toMatchObject({ status: 403, code: 'insufficient_scope' })
    const wrong = { name: 'odd', role: 'viewer', scopes: ['bulk:write'] }
    expect((await problemOf(await post('/v1/api-keys', wrong, admin))).detail).toContain('viewer')
    const own = await make('viewer', ['bulk:read'], keeper.key)
    expect(own.created_by).toBe(keeper.id)
  })

  test('end at once when they are revoked', async () => {
    const made = await make('viewer')
    expect((await get('/v1/bulk-jobs', bearer(made.key))).status).toBe(200)
    const revoke = () =>
      fetch(`${api.url}/v1/api-keys/${made.id}`, { method: 'DELETE', headers: bearer(admin) })
    const first = z.object({ revoked_at: z.string() }).parse(await (await revoke()).json())
    expect((await get('/v1/bulk-jobs', bearer(made.key))).status).toBe(401)
    expect(await (await revoke()).json()).toMatchObject({ revoked_at: first.revoked_at })
  })

  test('end when they expire', async () => {
    const soon = new Date(Date.now() + 1_500).toISOString()
    const answer = await post(
      '/v1/api-keys',
      { name: 's', role: 'viewer', expires_at: soon },
      admin,
    )
    const { key } = CreatedApiKeySchema.parse(await answer.json())
    expect((await get('/v1/bulk-jobs', bearer(key))).status).toBe(200)
    await expect
      .poll(async () => (await get('/v1/bulk-jobs', bearer(key))).status, { timeout: 5_000 })
      .toBe(401)
    const past = { name: 'p', role: 'viewer', expires_at: '2020-01-01T00:00:00Z' }
    expect((await problemOf(await post('/v1/api-keys', past, admin))).detail).toContain('future')
  })

  test('are rotated with an overlap', async () => {
    const old = await make('operator', ['bulk:read'])
    const answer = await post(`/v1/api-keys/${old.id}/rotate`, { overlap_seconds: 1 }, admin)
    const next = CreatedApiKeySchema.parse(await answer.json())
    expect(next).toMatchObject({ rotated_from: old.id, role: 'operator', scopes: ['bulk:read'] })
    expect((await get('/v1/bulk-jobs', bearer(next.key))).status).toBe(200)
    await expect
      .poll(async () => (await get('/v1/bulk-jobs', bearer(old.key))).status, { timeout: 5_000 })
      .toBe(401)
    expect((await get('/v1/bulk-jobs', bearer(next.key))).status).toBe(200)
  })

  test('have no successor that outlives the time they were made for', async () => {
    const day = 86_400_000
    const body = {
      name: 'a day',
      role: 'viewer',
      expires_at: new Date(Date.now() + day).toISOString(),
    }
    const made = CreatedApiKeySchema.parse(await (await post('/v1/api-keys', body, admin)).json())
    const answer = await post(`/v1/api-keys/${made.id}/rotate`, {}, admin)
    const next = CreatedApiKeySchema.parse(await answer.json())
    const left = Date.parse(next.expires_at ?? '') - Date.now()
    expect(left).toBeGreaterThan(day - 60_000)
    expect(left).toBeLessThanOrEqual(day)
  })

  test('have no successor where they are revoked meanwhile', async () => {
    const old = await make('viewer')
    const { rotated } = await api.pool.transaction(async (transaction) => {
      await transaction.query(sql.type(row<never>())`
        update api_keys set revoked_at = now() where key_id = ${old.id}`)
      const answer = post(`/v1/api-keys/${old.id}/rotate`, {}, admin)
      // It has read the key as it was, and waits for this transaction.
      await expect
        .poll(() =>
          transaction.exists(sql.type(row<object>())`
            select from pg_locks where not granted and transactionid = pg_current_xact_id()::xid`),
        )
        .toBe(true)
      return { rotated: answer }
    })
    expect(await problemOf(await rotated)).toMatchObject({ status: 409, code: 'key_revoked' })
    expect(
      await api.pool.exists(sql.type(row<object>())`
        select from api_keys where rotated_from = ${old.id}`),
    ).toBe(false)
  })

  test('say when they were last used', async () => {
    const made = await make('viewer')
    await get('/v1/bulk-jobs', bearer(made.key))
    const lastUsed = async () => {
      const answer = await get(`/v1/api-keys/${made.id}`, bearer(admin))
      return z.object({ last_used_at: z.string().nullable() }).parse(await answer.json())
        .last_used_at
    }
    await expect.poll(lastUsed).not.toBeNull()
  })

  test('of another workspace are not there', async () => {
    await addWorkspace(api.pool, 'elsewhere')
    const other = await addApiKey(api.pool, { role: 'admin', workspaceId: 'elsewhere' })
    const made = await make('viewer')
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/rotate'],
    ] as const) {
      const answer = await fetch(`${api.url}/v1/api-keys/${made.id}${path}`, {
        method,
        headers: { ...bearer(other), 'content-type': 'application/json' },
        body: method === 'POST' ? '{}' : null,
      })
      expect(await problemOf(answer)).toMatchObject({ status: 404, code: 'key_not_found' })
    }
    expect((await get('/v1/bulk-jobs', bearer(made.key))).status).toBe(200)
  })
})

describe('the audit log', () => {
  test('says who did what, from where', async () => {
    const made = await make('viewer')
    const answer = await get(`/v1/audit-log?subject=${made.id}`, bearer(admin))
    const { entries } = AuditLogSchema.parse(await answer.json())
    expect(entries).toMatchObject([
      {
        action: 'api_key.created',
        subject: made.id,
        outcome: 'success',
        actor: { kind: 'api_key' },
        address: '127.0.0.1',
      },
    ])
    expect(JSON.stringify(entries)).not.toContain(made.key)
  })

  test('can be taken out as NDJSON, page by page or whole', async () => {
    for (let n = 0; n < 3; n += 1) await make('viewer')
    const whole = await get('/v1/audit-log', {
      ...bearer(admin),
      accept: 'application/x-ndjson',
    })
    const lines = (await whole.text()).trim().split('\n')
    const ids = lines.map((line) => AuditEntrySchema.parse(JSON.parse(line)).id)
    const paged: number[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const at: string = cursor === '' ? '' : `&cursor=${cursor}`
      const page = AuditLogSchema.parse(
        await (await get(`/v1/audit-log?limit=2${at}`, bearer(admin))).json(),
      )
      paged.push(...page.entries.map((entry) => entry.id))
      cursor = page.next_cursor
    }
    expect(paged).toEqual(ids)
    expect(ids).toEqual([...ids].sort((a, b) => b - a))
  })

  test('is changed by nobody, the owner of the tables not left out', async () => {
    for (const statement of [
      sql.type(row<never>())`update audit_log set outcome = 'failed'`,
      sql.type(row<never>())`delete from audit_log`,
      sql.type(row<never>())`truncate audit_log`,
    ]) {
      await expect(api.pool.query(statement)).rejects.toThrow(/append-only/)
    }
  })
})
