import { sql } from 'slonik'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { row } from '../../db/row-type.ts'
import { postJson, problemOf, startTestApi, type TestApi } from '../api/test-api.ts'
import { addApiKey } from '../tenancy/add-api-key.ts'
import { addWorkspace } from '../tenancy/two-workspaces.ts'
import { accountId, sendWebhook, TEST_SECRET } from './sign-webhook.ts'
import { forgetEvents, storedEvents } from './stored-events.ts'

const IssuedSecret = z.object({
  connection_id: z.string(),
  url: z.string(),
  secret: z.string(),
  previous_expires_at: z.string().nullable(),
})
const PATH = '/v1/connections/connection-of-left/webhooks'

let api: TestApi
const keys: Record<string, string> = {}
beforeAll(async () => {
  api = await startTestApi({ keysRequired: true })
  for (const workspaceId of ['left', 'right']) {
    await addWorkspace(api.pool, workspaceId)
    keys[workspaceId] = await addApiKey(api.pool, { role: 'operator', workspaceId })
  }
})
afterAll(() => api.stop())
beforeEach(() => forgetEvents(api.pool))

const issuing = (of: string, body: object = {}, as = of) =>
  postJson(`${api.url}/v1/connections/connection-of-${of}/webhook-secret`, body, {
    authorization: `Bearer ${keys[as]}`,
  })

async function issue(of: string, body: object = {}) {
  const answer = await issuing(of, body)
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([201, 'no-store'])
  return IssuedSecret.parse(await answer.json())
}

const hook = { event_type: 'Account.updated', id: accountId(1) }

test('a connection without a secret says how to get one, and takes nothing', async () => {
  const answer = await sendWebhook(api.url, hook, {}, PATH)
  expect(await problemOf(answer)).toMatchObject({
    ...{ status: 401, code: 'webhook_secret_missing' },
    detail: expect.stringContaining('POST /v1/connections/connection-of-left/webhook-secret'),
  })
  const tried = await sendWebhook(api.url, { test: true }, {}, PATH)
  expect(await tried.json()).toMatchObject({ ok: true, signature_error: 'webhook_secret_missing' })
  expect(await storedEvents(api.pool)).toEqual([])
})

test('each connection has its own secret, and its events are its workspace’s', async () => {
  const left = await issue('left')
  const right = await issue('right')
  expect(left).toMatchObject({
    connection_id: 'connection-of-left',
    url: PATH,
    previous_expires_at: null,
  })
  expect(left.secret).toMatch(/^cvy_webhook_[\w-]{43}$/)
  const send = (secret: string, to: string) =>
    sendWebhook(api.url, hook, { secret }, `/v1/connections/connection-of-${to}/webhooks`)
  expect((await send(left.secret, 'left')).status).toBe(200)
  expect((await send(right.secret, 'right')).status).toBe(200)
  for (const [secret, to] of [
    [left.secret, 'right'],
    [right.secret, 'left'],
    [TEST_SECRET, 'left'],
  ] as const) {
    expect(await problemOf(await send(secret, to))).toMatchObject({ code: 'signature_invalid' })
  }
  expect(await storedEvents(api.pool)).toMatchObject([
    { workspace_id: 'left', connection_id: 'connection-of-left' },
    { workspace_id: 'right', connection_id: 'connection-of-right' },
  ])
})

test('one delivery id of two connections is two deliveries', async () => {
  const headers = { 'webhook-id': 'the-same' }
  for (const of of ['left', 'right']) {
    const { secret } = await issue(of)
    const answer = await sendWebhook(
      api.url,
      hook,
      { secret, headers },
      `/v1/connections/connection-of-${of}/webhooks`,
    )
    expect(await answer.json()).toMatchObject({ duplicate: false })
  }
})

describe('a secret', () => {
  test('that was replaced goes on for a while, or not at all', async () => {
    const first = await issue('left')
    const second = await issue('left', { overlap_seconds: 600 })
    const until = Date.parse(second.previous_expires_at ?? '')
    expect(Math.abs(until - Date.now() - 600_000)).toBeLessThan(30_000)
    const statuses = async (secrets: readonly string[]) =>
      Promise.all(
        secrets.map(async (secret) => (await sendWebhook(api.url, hook, { secret }, PATH)).status),
      )
    expect(await statuses([first.secret, second.secret])).toEqual([200, 200])
    const third = await issue('left', { overlap_seconds: 0 })
    expect(third.previous_expires_at).toBeNull()
    expect(await statuses([first.secret, second.secret, third.secret])).toEqual([401, 401, 200])
  })

  test('ends when its time is over, also where it was looked up before', async () => {
    const first = await issue('left')
    await issue('left', { overlap_seconds: 1 })
    await expect
      .poll(async () => (await sendWebhook(api.url, hook, { secret: first.secret }, PATH)).status)
      .toBe(401)
  })

  test('is stored sealed, shown once, and in the audit log by its name only', async () => {
    const { secret } = await issue('left')
    const stored = await api.pool.oneFirst(sql.type(row<{ text: string }>())`
      select (select json_agg(i) from webhook_intakes i)::text || (select json_agg(a) from audit_log a)::text as text`)
    expect(stored).not.toContain(Buffer.from(secret).toString('hex'))
    expect(stored).not.toContain(secret)
    expect(stored).toContain('webhook_secret.rotated')
    expect(JSON.stringify(api.logged)).not.toContain(secret)
  })

  test.each([
    [{ overlap_seconds: -1 }, 'invalid_request'],
    [{ overlap_seconds: 604_801 }, 'invalid_request'],
    [{ overlap: 1 }, 'unknown_parameter'],
  ])('is not issued for %j', async (body, code) => {
    expect(await problemOf(await issuing('left', body))).toMatchObject({ status: 400, code })
  })

  test('is made by nobody else, and by nobody for a connection that is not there', async () => {
    expect((await issuing('left', {}, 'right')).status).toBe(404)
    const viewer = await addApiKey(api.pool, { role: 'viewer', workspaceId: 'left' })
    const asViewer = await postJson(
      `${api.url}/v1/connections/connection-of-left/webhook-secret`,
      {},
      { authorization: `Bearer ${viewer}` },
    )
    expect(asViewer.status).toBe(403)
  })
})

test('connections that are not there, or no more, have no webhooks', async () => {
  for (const id of ['connection-of-nobody', 'x'.repeat(300), '%00', "'"]) {
    const answer = await sendWebhook(api.url, hook, {}, `/v1/connections/${id}/webhooks`)
    expect((await problemOf(answer)).code, id).toBe('connection_not_found')
  }
  await addWorkspace(api.pool, 'gone')
  keys['gone'] = await addApiKey(api.pool, { role: 'admin', workspaceId: 'gone' })
  const { secret } = await issue('gone')
  await api.pool.query(sql.type(row<never>())`
    update connections set flow = 'web_server' where connection_id = 'connection-of-gone'`)
  const removed = await fetch(`${api.url}/v1/connections/connection-of-gone`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${keys['gone']}` },
  })
  expect(removed.status).toBe(200)
  await expect
    .poll(async () => {
      const path = '/v1/connections/connection-of-gone/webhooks'
      return (await sendWebhook(api.url, hook, { secret }, path)).status
    })
    .toBe(404)
  const left = await api.pool.oneFirst(sql.type(row<{ n: number }>())`
    select count(*) as n from webhook_intakes where connection_id = 'connection-of-gone'`)
  expect(left).toBe(0)
})
