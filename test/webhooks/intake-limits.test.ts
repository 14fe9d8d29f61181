import { sql } from 'slonik'
import { afterEach, expect, test } from 'vitest'
import { row } from '../../db/row-type.ts'
import { type DatabaseProxy, startDatabaseProxy } from '../api/database-proxy.ts'
import { startTestApi, type TestApi } from '../api/test-api.ts'
import { addWorkspace } from '../tenancy/two-workspaces.ts'
import { accountId, type Signing, sendWebhook, TEST_SECRET } from './sign-webhook.ts'
import { storedEvents } from './stored-events.ts'

let api: TestApi | undefined
afterEach(async () => {
  await api?.stop()
  api = undefined
})

async function start(
  webhooks: Partial<TestApi['settings']['webhooks']>,
  settings: Parameters<typeof startTestApi>[0] = {},
) {
  api = await startTestApi({
    ...settings,
    webhooks: {
      ...{ secrets: [TEST_SECRET], maxBytes: 1_000_000, legacyAnswers: false, badGuessLimit: 5 },
      ...{ publicUrl: null, ...webhooks },
    },
  })
  return api
}

const hook = (n: number) => ({ event_type: 'Account.updated', id: accountId(n) })
const WRONG = { secret: 'some other secret of that length' }

test('wrong signatures are counted by address, and right ones of the same address pass', async () => {
  const { url, pool } = await start({ badGuessLimit: 5 }, { trustedProxies: 1 })
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } })
  const statuses: number[] = []
  for (let n = 0; n < 8; n += 1) {
    statuses.push((await sendWebhook(url, hook(n), { ...WRONG, ...from('203.0.113.7') })).status)
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
  const refused = await sendWebhook(url, hook(1), { ...WRONG, ...from('203.0.113.7') })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await refused.json()).toMatchObject({ ok: false, error: 'rate_limited' })
  expect((await sendWebhook(url, hook(1), { ...WRONG, ...from('203.0.113.8') })).status).toBe(401)
  const good = await Promise.all(
    Array.from({ length: 50 }, (_, n) => sendWebhook(url, hook(n), from('203.0.113.7'))),
  )
  expect(good.every(({ status }) => status === 200)).toBe(true)
  const [long, short] = [10_000, 100].map((length) => {
    const tail = `"id":"${accountId(99)}","x":"${'x'.repeat(length)}"}`
    return { body: `{ "event_type":"A.updated",${tail}`, form: `{"event_type":"A.updated",${tail}` }
  })
  const suspect = async (sent: typeof long) =>
    (await sendWebhook(url, sent?.body, { form: sent?.form ?? '', ...from('203.0.113.7') })).status
  // Its address is suspect now: little is done to find out what else may have been signed.
  expect([await suspect(long), await suspect(short)]).toEqual([429, 200])
  // But for a connection that signs so: the address may be that of many orgs.
  expect(await suspect(long)).toBe(200)
  const audited = await pool.anyFirst(sql.type(row<{ details: unknown }>())`
    select details from audit_log where action = 'webhook_signature.guesses_refused'`)
  expect(audited).toEqual([{ limit: 5, window_seconds: 60 }])
})

test('ids that nobody has are counted by address, and none is looked up after that', async () => {
  const { url, pool } = await start({ badGuessLimit: 5 }, { trustedProxies: 1 })
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } })
  const send = async (id: string, signing: Signing = {}) =>
    (await sendWebhook(url, hook(1), signing, `/v1/connections/${id}/webhooks`)).status
  // Without a signature nothing is looked up, so nothing is learned, and nothing counted.
  for (let n = 0; n < 10; n += 1) {
    const headers = { ...from('203.0.113.7').headers, 'x-salesforce-signature': '' }
    expect(await send(`nobody-${n}`, { headers })).toBe(401)
  }
  await addWorkspace(pool, 'unmet')
  const statuses: number[] = []
  for (let n = 0; n < 7; n += 1) statuses.push(await send(`nobody-${n}`, from('203.0.113.7')))
  expect(statuses).toEqual([404, 404, 404, 404, 404, 429, 429])
  // A connection that was never met is not looked up for such an address; one that was is answered as ever.
  expect(await send('connection-of-unmet', from('203.0.113.7'))).toBe(429)
  expect(await send('connection-of-unmet', from('203.0.113.8'))).toBe(401)
  expect(await send('default', from('203.0.113.7'))).toBe(200)
  const tried = (id: string, address: string) =>
    sendWebhook(
      url,
      { test: true },
      { headers: { 'x-forwarded-for': address, 'x-salesforce-signature': '' } },
      `/v1/connections/${id}/webhooks`,
    )
  expect((await tried('nobody', '203.0.113.8')).status).toBe(404)
  expect((await tried('nobody', '203.0.113.7')).status).toBe(429)
  expect((await tried('connection-of-unmet', '203.0.113.7')).status).toBe(200)
})

test('without any secret nothing is taken', async () => {
  const { url, pool } = await start({ secrets: [] })
  const answer = await sendWebhook(url, hook(1))
  expect(answer.status).toBe(401)
  expect(await answer.json()).toMatchObject({
    ...{ ok: false, error: 'webhook_secret_missing' },
    message: expect.stringContaining('SALESFORCE_WEBHOOK_SECRET'),
  })
  expect((await sendWebhook(url, hook(1), { secret: '' })).status).toBe(401)
  expect(await storedEvents(pool)).toEqual([])
})

test('where it is set, refusals are answered 200 and say so', async () => {
  const { url, pool } = await start({ legacyAnswers: true, maxBytes: 10_000 })
  for (const [body, signing, code] of [
    [hook(1), WRONG, 'signature_invalid'],
    [hook(1), { at: 1_700_000_000 }, 'timestamp_invalid'],
    [{ ids: [] }, {}, 'missing_required_field'],
    ['x'.repeat(20_000), {}, 'payload_too_large'],
  ] as const) {
    const answer = await sendWebhook(url, body, signing)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      ok: false,
      error: code,
      message: expect.any(String),
    })
  }
  expect(await storedEvents(pool)).toEqual([])
  expect((await sendWebhook(url, hook(1))).status).toBe(200)
  // Only where the replaced service was.
  expect((await sendWebhook(url, hook(1), WRONG, '/v1/connections/default/webhooks')).status).toBe(
    401,
  )
})

test('without the database it is 503 and comes again, whatever is set', async () => {
  let proxy: DatabaseProxy | undefined
  api = await startTestApi(
    {
      webhooks: {
        secrets: [TEST_SECRET],
        maxBytes: 1e6,
        legacyAnswers: true,
        badGuessLimit: 5,
        publicUrl: null,
      },
    },
    async (databaseUrl) => {
      proxy = await startDatabaseProxy(databaseUrl)
      return proxy.databaseUrl
    },
  )
  expect((await sendWebhook(api.url, hook(1))).status).toBe(200)
  await proxy?.cut()
  const answer = await sendWebhook(api.url, hook(2))
  expect(answer.status).toBe(503)
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await answer.json()).toMatchObject({ ok: false, error: 'service_unavailable' })
  expect((await storedEvents(api.pool)).map(({ object_id }) => object_id)).toEqual([accountId(1)])
})
