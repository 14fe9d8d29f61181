import { afterEach, expect, test } from 'vitest'
import { loadConfig } from '../../config/environment.ts'
import { problemOf, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi | undefined
afterEach(async () => {
  await api?.stop()
  api = undefined
})

async function start(allowlist: string, settings: Parameters<typeof startTestApi>[0] = {}) {
  const { webhookAllowlist } = loadConfig({
    DATABASE_URL: 'postgresql://conveyor:pw@127.0.0.1:5432/conveyor',
    CONVEYOR_WEBHOOK_ALLOWLIST: allowlist,
  }).http
  api = await startTestApi({ trustedProxies: 1, webhookAllowlist, ...settings })
  return api
}

const send = (url: string, from: string | null, path = '/webhooks/salesforce') =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: from === null ? {} : { 'x-forwarded-for': from },
    body: '{}',
  })

test('networks that are named get through, in either family, and others do not', async () => {
  const { url } = await start('192.0.2.0/24,2001:db8:1::/48,::ffff:198.51.100.0/120')
  for (const from of [
    ...['192.0.2.1', '192.0.2.255', '::ffff:192.0.2.1', '::ffff:c000:201', '[2001:db8:1::7]:443'],
    ...['2001:db8:1:ffff::1', '198.51.100.9', '192.0.2.1:8080', '203.0.113.1, 192.0.2.1'],
  ]) {
    // Who gets through has no signature.
    expect((await send(url, from)).status, from).toBe(401)
  }
  for (const from of [
    ...['192.0.3.0', '192.0.1.255', '2001:db8:2::1', '::192.0.2.1', '::ffff:192.0.3.1', '192.0.2'],
    ...['unknown', '0300.0.2.1', 'fe80::1%eth0', '192.0.2.1, 203.0.113.1'],
    // Past the proxy.
    null,
  ]) {
    const answer = await send(url, from)
    expect(answer.headers.get('x-request-id'), String(from)).not.toBeNull()
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.status, String(from)).toBe(403)
    expect(await answer.json()).toMatchObject({ ok: false, error: 'address_not_allowed' })
  }
})

test('all webhook paths are guarded before keys are asked for, and no other path is', async () => {
  const { url } = await start('192.0.2.0/24', { keysRequired: true })
  for (const path of [
    ...['/webhooks', '/webhooks/salesforce', '/webhooks/a/b', '/%77ebhooks/a'],
    ...['/webhooks/outbound-messages/x', '/v1/connections/default/webhooks'],
    '/v1/connections/default/%77ebhooks',
  ]) {
    expect((await send(url, '203.0.113.1', path)).status, path).toBe(403)
  }
  const { code } = await problemOf(await send(url, '203.0.113.1', '/webhooks/a'))
  expect(code).toBe('address_not_allowed')
  const legacy = await send(url, '203.0.113.1', '/api/webhooks/salesforce')
  expect(legacy.status).toBe(403)
  expect(legacy.headers.get('content-type')).toBe('application/json')
  expect(await legacy.json()).toMatchObject({
    ...{ ok: false, error: 'address_not_allowed', error_details: { code: 'address_not_allowed' } },
    request_id: expect.any(String),
  })
  for (const path of [
    '/v1/bulk-jobs',
    '/api/salesforce/webhooks/subscribe',
    '/webhooksx',
    '/v1/connections/default/webhook-secret',
  ]) {
    expect((await send(url, '203.0.113.1', path)).status, path).not.toBe(403)
  }
})

test('without trusted proxies the word of the caller does not count', async () => {
  const { url } = await start('192.0.2.0/24', { trustedProxies: 0 })
  expect((await send(url, '192.0.2.1')).status).toBe(403)
})

test('what did not come through every trusted proxy is refused, also where the list holds the proxy', async () => {
  const { url } = await start('127.0.0.0/8,192.0.2.0/24', { trustedProxies: 2 })
  expect((await send(url, '192.0.2.1, 127.0.0.1')).status).toBe(401)
  for (const from of [null, '', '192.0.2.1', ' , 192.0.2.1']) {
    expect((await send(url, from)).status, String(from)).toBe(403)
  }
})

test('a list with the address of the connection takes it', async () => {
  const { url } = await start('127.0.0.0/8', { trustedProxies: 0 })
  expect((await send(url, '203.0.113.1')).status).toBe(401)
})

test('an empty list takes webhooks from everywhere', async () => {
  const { url } = await start('')
  expect((await send(url, '203.0.113.1')).status).toBe(401)
})
