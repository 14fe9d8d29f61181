import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AuditLogSchema } from '../../contracts/http/audit-log.ts'
import { EndedSessionsSchema, SessionSchema } from '../../contracts/http/sessions.ts'
import { row } from '../../db/row-type.ts'
import { addApiKey } from '../tenancy/add-api-key.ts'
import { problemOf, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
let admin: string
beforeAll(async () => {
  api = await startTestApi({ keysRequired: true })
  admin = await addApiKey(api.pool, { role: 'admin', name: 'of the dashboard' })
})
afterAll(() => api.stop())

type Headers = Readonly<Record<string, string>>
const call = (method: string, path: string, headers: Headers = {}) =>
  fetch(`${api.url}${path}`, { method, headers: { ...headers } })

/** What a browser keeps of the answer, and what the page reads of it. */
async function signIn(key = admin) {
  const answer = await call('POST', '/v1/session', { authorization: `Bearer ${key}` })
  expect(answer.status).toBe(201)
  const written = answer.headers.get('set-cookie') ?? ''
  const body = SessionSchema.parse(await answer.json())
  const [cookie = ''] = written.split(';')
  return { written, cookie, body, csrf: body.session?.csrf_token ?? '' }
}

async function age(sessionId: string | undefined, change: ReturnType<typeof sql.fragment>) {
  await api.pool.query(sql.type(row<never>())`
    update sessions set ${change} where session_id = ${sessionId ?? ''}`)
}

describe('a session', () => {
  test('is made of a key, and the cookie is the only way to its token', async () => {
    const { written, cookie, body } = await signIn()
    const token = cookie.slice('conveyor_session='.length)
    expect(token).toMatch(/^cvy_session_[\w-]{43}$/)
    expect(written).toContain('; Max-Age=43200; Path=/; HttpOnly; SameSite=Strict')
    expect(written).not.toContain('Secure')
    expect(body).toMatchObject({ workspace_id: 'default', key: { name: 'of the dashboard' } })
    expect(body.scopes).toContain('admin:keys')
    expect(JSON.stringify(body)).not.toContain(token)
    const stored = await api.pool.oneFirst(sql.type(row<{ text: string }>())`
      select s::text as text from sessions s where session_id = ${body.session?.id ?? ''}`)
    expect(stored).not.toContain(token)
    expect(stored).not.toContain(Buffer.from(token).toString('hex'))
  })

  test('reads by cookie alone, and says who it is', async () => {
    const { cookie, body } = await signIn()
    expect((await call('GET', '/v1/api-keys', { cookie })).status).toBe(200)
    const again = SessionSchema.parse(await (await call('GET', '/v1/session', { cookie })).json())
    expect(again.session?.csrf_token).toBe(body.session?.csrf_token)
    expect(again.session?.id).toBe(body.session?.id)
  })

  test('may do what its key may and no more', async () => {
    const viewer = await addApiKey(api.pool, { role: 'viewer' })
    const { cookie, csrf } = await signIn(viewer)
    expect((await call('GET', '/v1/bulk-jobs', { cookie })).status).toBe(200)
    expect((await call('GET', '/v1/api-keys', { cookie })).status).toBe(403)
    const made = await call('POST', '/v1/api-keys', { cookie, 'x-csrf-token': csrf })
    expect(await problemOf(made)).toMatchObject({ code: 'insufficient_scope' })
  })

  test('makes no other session', async () => {
    const { cookie, csrf } = await signIn()
    const again = await call('POST', '/v1/session', { cookie, 'x-csrf-token': csrf })
    expect(await problemOf(again)).toMatchObject({ status: 401, code: 'unauthorized' })
  })

  test('shows in the audit log, as itself and by its key', async () => {
    const { cookie, csrf, body } = await signIn()
    await call('DELETE', '/v1/session', { cookie, 'x-csrf-token': csrf })
    const answer = await call('GET', `/v1/audit-log?subject=${body.session?.id}`, {
      authorization: `Bearer ${admin}`,
    })
    const { entries } = AuditLogSchema.parse(await answer.json())
    expect(entries.map(({ action, actor }) => [action, actor])).toEqual([
      ['session.ended', { kind: 'session', id: body.session?.id }],
      ['session.created', { kind: 'api_key', id: body.key?.id }],
    ])
  })
})

describe('a session ends', () => {
  async function expectOver(cookie: string, why: RegExp) {
    const answer = await call('GET', '/v1/session', { cookie })
    expect(answer.headers.get('set-cookie')).toMatch(/^conveyor_session=; Max-Age=0; Path=\//)
    const problem = await problemOf(answer)
    expect(problem).toMatchObject({ status: 401, code: 'unauthorized' })
    expect(problem.detail).toMatch(why)
  }

  test('at logout', async () => {
    const { cookie, csrf } = await signIn()
    const out = await call('DELETE', '/v1/session', { cookie, 'x-csrf-token': csrf })
    expect([out.status, out.headers.get('set-cookie')]).toEqual([
      204,
      expect.stringMatching(/Max-Age=0/),
    ])
    await expectOver(cookie, /was ended/)
  })

  test('with all others of its key, and none of another key', async () => {
    const key = await addApiKey(api.pool, { role: 'viewer' })
    const [first, second, other] = [await signIn(key), await signIn(key), await signIn()]
    const out = await call('DELETE', '/v1/sessions', {
      cookie: first.cookie,
      'x-csrf-token': first.csrf,
    })
    expect(EndedSessionsSchema.parse(await out.json())).toEqual({ ended: 2 })
    await expectOver(first.cookie, /was ended/)
    await expectOver(second.cookie, /was ended/)
    expect((await call('GET', '/v1/session', { cookie: other.cookie })).status).toBe(200)
  })

  test('after a time without a request, and goes on with one', async () => {
    const { cookie, body } = await signIn()
    await age(body.session?.id, sql.fragment`last_used_at = now() - interval '29 minutes'`)
    expect((await call('GET', '/v1/session', { cookie })).status).toBe(200)
    await expect
      .poll(async () => {
        const now = SessionSchema.parse(await (await call('GET', '/v1/session', { cookie })).json())
        return Date.parse(now.session?.idle_expires_at ?? '') - Date.now() > 25 * 60_000
      })
      .toBe(true)
    await age(body.session?.id, sql.fragment`last_used_at = now() - interval '30 minutes'`)
    await expectOver(cookie, /idle/)
  })

  test('after its whole time, used or not', async () => {
    const { cookie, body } = await signIn()
    await age(body.session?.id, sql.fragment`expires_at = now()`)
    await expectOver(cookie, /expired/)
  })

  test.each([
    ['revoked', sql.fragment`revoked_at = now()`, /key of this session was revoked/],
    ['expired', sql.fragment`expires_at = now()`, /key of this session expired/],
  ])('when its key is %s', async (_, change, why) => {
    const { cookie, body } = await signIn(await addApiKey(api.pool, { role: 'viewer' }))
    await api.pool.query(sql.type(row<never>())`
      update api_keys set ${change} where key_id = ${body.key?.id ?? ''}`)
    await expectOver(cookie, why)
  })

  test('when nobody knows its token', async () => {
    await expectOver(`conveyor_session=cvy_session_${'A'.repeat(43)}`, /not known/)
    await expectOver('conveyor_session=nonsense', /not known/)
    await expectOver('conveyor_session=', /not known/)
  })

  test('when its key has very many newer ones', async () => {
    const key = await addApiKey(api.pool, { role: 'viewer' })
    const first = await signIn(key)
    for (let more = 0; more < 50; more += 1) await signIn(key)
    await expectOver(first.cookie, /not known/)
  })
})

describe('a change by cookie', () => {
  const change = (cookie: string, headers: Headers) =>
    call('DELETE', '/v1/session', { cookie, ...headers })

  test.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another origin of the site', { 'sec-fetch-site': 'same-site' }],
    ['another origin, of an old browser', { origin: 'http://127.0.0.1:1' }],
    ['an origin without a name', { origin: 'null' }],
  ])('from %s is refused, token or not', async (_, headers) => {
    const { cookie, csrf } = await signIn()
    const answer = await change(cookie, { ...headers, 'x-csrf-token': csrf })
    expect(await problemOf(answer)).toMatchObject({ status: 403, code: 'origin_not_allowed' })
  })

  test('needs the token of its own session', async () => {
    const [{ cookie, csrf }, other] = [await signIn(), await signIn()]
    for (const headers of [{}, { 'x-csrf-token': other.csrf }, { 'x-csrf-token': 'x' }]) {
      expect(await problemOf(await change(cookie, headers))).toMatchObject({
        status: 403,
        code: 'csrf_token_invalid',
      })
    }
    const own = { origin: api.url, 'sec-fetch-site': 'same-origin', 'x-csrf-token': csrf }
    expect((await change(cookie, own)).status).toBe(204)
  })
})

test('outside loopback the cookie goes over TLS alone, and for this host alone', async () => {
  const open = await startTestApi({ keysRequired: true, loopbackOnly: false })
  try {
    const key = await addApiKey(open.pool, { role: 'viewer' })
    const answer = await fetch(`${open.url}/v1/session`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
    })
    const written = answer.headers.get('set-cookie') ?? ''
    expect(written).toMatch(/^__Host-conveyor_session=cvy_session_/)
    expect(written).toContain('; Path=/; HttpOnly; Secure; SameSite=Strict')
    const [cookie = ''] = written.split(';')
    const plain = cookie.replace('__Host-', '')
    const statusWith = async (header: string) =>
      (await fetch(`${open.url}/v1/session`, { headers: { cookie: header } })).status
    expect([await statusWith(cookie), await statusWith(plain)]).toEqual([200, 401])
  } finally {
    await open.stop()
  }
})

test('a session token in the query is refused like a key', async () => {
  const { cookie } = await signIn()
  const token = cookie.slice('conveyor_session='.length)
  const answer = await call('GET', `/v1/bulk-jobs?cursor=${token}`, { cookie })
  expect(await problemOf(answer)).toMatchObject({ status: 400, code: 'key_in_query' })
})

test('where nobody is asked for a key there is nothing to exchange', async () => {
  const open = await startTestApi()
  try {
    const who = await (await fetch(`${open.url}/v1/session`)).json()
    expect(SessionSchema.parse(who)).toMatchObject({ key: null, session: null })
    expect((await fetch(`${open.url}/v1/session`, { method: 'POST' })).status).toBe(401)
  } finally {
    await open.stop()
  }
})
