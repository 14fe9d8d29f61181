import { sql } from 'slonik'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { row } from '../../db/row-type.ts'
import { openEventPayload } from '../../security/event-payload.ts'
import { createSealing, deriveSealingKey } from '../../security/sealing.ts'
import { refusalOf } from '../../simulator/push/outbound-answer.ts'
import { postJson, startTestApi, type TestApi } from '../api/test-api.ts'
import { addWorkspace } from '../tenancy/two-workspaces.ts'
import { notificationId, ORG, outboundXml } from './outbound-xml.ts'
import { accountId } from './sign-webhook.ts'
import { forgetEvents, type StoredEventRow, storedEvents } from './stored-events.ts'

const sealing = createSealing([deriveSealingKey('a key for tests, long enough to be one')])
const IssuedPath = z.object({
  path: z.string(),
  url: z.string(),
  previous_expires_at: z.string().nullable(),
})

let api: TestApi
let path: string
beforeAll(async () => {
  api = await startTestApi({
    logRequests: true,
    logResponses: true,
    webhooks: {
      ...{ secrets: [], maxBytes: 1_000_000, legacyAnswers: false, badGuessLimit: 10 },
      publicUrl: 'https://hooks.example.com/webhooks/salesforce',
    },
  })
  await api.pool.query(sql.type(row<never>())`
    update connections set organization_id = ${ORG.slice(0, 15)} where connection_id = 'default'`)
  path = (await issue()).path
})
afterAll(() => api.stop())
beforeEach(() => forgetEvents(api.pool))

async function issue(body: object = {}) {
  const answer = await postJson(`${api.url}/v1/connections/default/outbound-message-path`, body)
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([201, 'no-store'])
  return IssuedPath.parse(await answer.json())
}

async function send(xml: string | Uint8Array<ArrayBuffer>, to = path) {
  const answer = await fetch(api.url + to, {
    method: 'POST',
    headers: { 'content-type': 'text/xml; charset=UTF-8', soapaction: '""' },
    body: xml,
  })
  expect(answer.headers.get('content-type')).toBe('text/xml; charset=utf-8')
  return { status: answer.status, text: await answer.text(), headers: answer.headers }
}

const payloadOf = (event: StoredEventRow): unknown =>
  JSON.parse(
    openEventPayload(sealing, event.event_id, {
      payload: null,
      sealedPayload: event.sealed_payload ?? Buffer.alloc(0),
    }),
  )

test('a message is stored and acknowledged as the WSDL says', async () => {
  api.temporal.pumped.length = 0
  const xml = `<sf:Id>${accountId(1)}</sf:Id><sf:Name>A &amp; B &lt;x&gt; &#233;&#x1F600; &quot;</sf:Name><sf:Empty xsi:nil="true"/><sf:Raw__c><![CDATA[<b>&amp;</b>]]></sf:Raw__c><sf:LastModifiedDate>2026-03-01T10:00:00.000Z</sf:LastModifiedDate>`
  const sent = await send(outboundXml([{ id: notificationId(1), xml }]))
  expect(sent).toMatchObject({ status: 200 })
  expect(refusalOf(sent.status, sent.text)).toBeNull()
  expect(sent.text).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>',
  )
  const [event, ...others] = await storedEvents(api.pool)
  expect(others).toEqual([])
  expect(event).toMatchObject({
    ...{ workspace_id: 'default', connection_id: 'default', source: 'outbound_message' },
    ...{ event_type: 'Account.updated', object_type: 'Account', object_id: accountId(1) },
    ...{ change_type: 'updated', changed_fields: [] },
    occurred_at: new Date('2026-03-01T10:00:00.000Z'),
  })
  expect(event && payloadOf(event)).toEqual({
    ...{ event_type: 'Account.updated', object: 'Account', ids: [accountId(1)] },
    ...{ organizationId: ORG, actionId: '04k000000000001AAA', notificationId: notificationId(1) },
    records: [
      {
        ...{ Id: accountId(1), Name: 'A & B <x> é😀 "', Empty: null, Raw__c: '<b>&amp;</b>' },
        LastModifiedDate: '2026-03-01T10:00:00.000Z',
      },
    ],
  })
  expect(api.temporal.pumped).toEqual([event?.shard])
})

test('all notifications are stored, each once however often it comes', async () => {
  const notification = (n: number) => ({
    id: notificationId(n),
    xml: `<sf:Id>${accountId(n)}</sf:Id>`,
  })
  const numbers = Array.from({ length: 100 }, (_, n) => n)
  const first = outboundXml(numbers.slice(0, 60).map(notification))
  // In 15 characters, as some orgs write ids, and one of them twice.
  const more = outboundXml([...numbers.slice(1), 99].map(notification)).replaceAll(
    /<Id>(04l\d{12})AAA/g,
    '<Id>$1',
  )
  const sent = await Promise.all([send(first), send(more), send(first)])
  expect(sent.map(({ status }) => status)).toEqual([200, 200, 200])
  const stored = await storedEvents(api.pool)
  expect(stored.map(({ object_id }) => object_id).sort()).toEqual(numbers.map(accountId))
})

test.each([
  ['created', '2026-03-01T10:00:00.000Z', '2026-03-01T10:00:01.000Z'],
  ['updated', '2026-03-01T10:00:00.000Z', '2026-03-01T10:00:01.001Z'],
  ['updated', '2026-03-01T10:00:00.000Z', null],
  ['updated', 'yesterday', 'yesterday'],
])('a record is %s where its times are %s and %s', async (change, created, modified) => {
  const xml = `<sf:Id>${accountId(1)}</sf:Id><sf:CreatedDate>${created}</sf:CreatedDate>${
    modified === null ? '' : `<sf:LastModifiedDate>${modified}</sf:LastModifiedDate>`
  }`
  await send(outboundXml([{ id: notificationId(1), xml }]))
  expect((await storedEvents(api.pool)).map((event) => event.change_type)).toEqual([change])
})

test.each(['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-14:00'])(
  'a time that no event can have, %s, is none',
  async (time) => {
    const xml = `<sf:Id>${accountId(1)}</sf:Id><sf:LastModifiedDate>${time}</sf:LastModifiedDate>`
    expect((await send(outboundXml([{ id: notificationId(1), xml }]))).status).toBe(200)
    const [event] = await storedEvents(api.pool)
    expect(Math.abs(Number(event?.occurred_at) - Date.now())).toBeLessThan(60_000)
  },
)

test('a record that is gone is acknowledged, as nothing more will come of it', async () => {
  const sent = await send(
    outboundXml([
      { id: notificationId(1), xml: '<sf:Id xsi:nil="true"/>' },
      { id: notificationId(2), xml: `<sf:Id>${accountId(2)}</sf:Id>` },
    ]),
  )
  expect(sent.status).toBe(200)
  expect((await storedEvents(api.pool)).map(({ object_id }) => object_id)).toEqual([accountId(2)])
})

describe('what is not taken is a fault, and comes again', () => {
  const good = outboundXml([{ id: notificationId(1) }])
  const bomb = `<!DOCTYPE x [<!ENTITY a "${'a'.repeat(1_000)}"><!ENTITY b "${'&a;'.repeat(1_000)}">]>`
  test.each<[string, string | Uint8Array<ArrayBuffer>, number, string]>([
    ['nothing', '', 500, 'invalid_request'],
    ['JSON', '{}', 500, 'invalid_request'],
    ['half a message', good.slice(0, 700), 500, 'invalid_request'],
    ['a DTD', good.replace('<soapenv:E', '<!DOCTYPE x><soapenv:E'), 500, 'DTD'],
    [
      'a DTD in other letters',
      good.replace('<soapenv:E', '<!doctype x SYSTEM "http://127.0.0.1/x"><soapenv:E'),
      500,
      'DTD',
    ],
    [
      'an entity bomb',
      good.replace('<soapenv:E', `${bomb}<soapenv:E`).replace(ORG, '&b;'),
      500,
      'DTD',
    ],
    [
      'an unknown entity',
      good.replace('<sf:Id>', '<sf:Name>&nbsp;</sf:Name><sf:Id>'),
      500,
      'entity',
    ],
    [
      'a bare ampersand',
      good.replace('<sf:Id>', '<sf:Name>a & b</sf:Name><sf:Id>'),
      500,
      'well-formed',
    ],
    [
      'a NUL by its number',
      good.replace('<sf:Id>', '<sf:Name>&#0;</sf:Name><sf:Id>'),
      500,
      'entity',
    ],
    [
      'half a pair by its number',
      good.replace('<sf:Id>', '<sf:Name>&#xD800;</sf:Name><sf:Id>'),
      500,
      'entity',
    ],
    [
      'a control character',
      good.replace('<sf:Id>', '<sf:Name>\u0001</sf:Name><sf:Id>'),
      500,
      'character',
    ],
    [
      '10,000 levels',
      good.replace('<sf:Id>', `${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}<sf:Id>`),
      500,
      'deep',
    ],
    ['another encoding', good.replace('UTF-8', 'UTF-16'), 500, 'UTF-8'],
    ['no UTF-8', new Uint8Array([0x3c, 0xff, 0x3e]), 500, 'UTF-8'],
    [
      'another namespace',
      good.replaceAll('2005/09/outbound', '2005/09/other'),
      500,
      'outbound message',
    ],
    [
      'SOAP 1.2',
      good.replace(
        'http://schemas.xmlsoap.org/soap/envelope/',
        'http://www.w3.org/2003/05/soap-envelope',
      ),
      500,
      'outbound message',
    ],
    ['no notification', outboundXml([]), 500, 'notifications'],
    [
      '101 notifications',
      outboundXml(Array.from({ length: 101 }, (_, n) => ({ id: notificationId(n) }))),
      500,
      'notifications',
    ],
    ['a notification without an id', good.replace(/<Id>.*<\/Id>/, ''), 500, 'Id'],
    ['an sObject without a type', good.replace(/xsi:type="[^"]*"/, ''), 500, 'type'],
    ...['sf:bulk_job', 'sf:Endpoint', 'channel'].map((type): [string, string, number, string] => [
      `the name of an own event: ${type}`,
      outboundXml([{ id: notificationId(1), type }]),
      500,
      "Conveyor's own",
    ]),
    [
      'an Id that is none',
      outboundXml([{ id: notificationId(1), xml: '<sf:Id>x</sf:Id>' }]),
      500,
      'Id',
    ],
    [
      'more than a megabyte',
      good.replace('<sf:Id>', `<sf:Name>${'x'.repeat(1_000_000)}</sf:Name><sf:Id>`),
      413,
      'payload_too_large',
    ],
    [
      'another org',
      outboundXml([{ id: notificationId(1) }], '00D000000000002AAA'),
      404,
      'not_found',
    ],
  ])('%s', async (_, xml, status, named) => {
    const sent = await send(xml)
    expect(sent.status).toBe(status)
    expect(refusalOf(200, sent.text)).toMatch(/^SOAP fault: /)
    expect(sent.text).toContain(named)
    expect(await storedEvents(api.pool)).toEqual([])
  })

  test('what the database refuses', async () => {
    await api.pool.query(sql.type(row<never>())`
      alter table salesforce_webhook_events add constraint poison check (object_type <> 'Poison__c')`)
    try {
      const sent = await send(
        outboundXml([{ id: notificationId(1) }, { id: notificationId(2), type: 'sf:Poison__c' }]),
      )
      expect(sent.status).toBe(500)
      // Salesforce asks for nothing but time either way; its Setup shows whose fault it is.
      expect(sent.text).toContain('soapenv:Client')
      expect(await storedEvents(api.pool)).toEqual([])
    } finally {
      await api.pool.query(sql.type(row<never>())`
        alter table salesforce_webhook_events drop constraint poison`)
    }
    expect((await send(outboundXml([{ id: notificationId(1) }]))).status).toBe(200)
  })

  test('a message of an org that is not known yet', async () => {
    await addWorkspace(api.pool, 'fresh')
    const fresh = Buffer.alloc(32, 7).toString('base64url')
    await api.pool.query(sql.type(row<never>())`
      insert into webhook_intakes (connection_id, workspace_id, path_hash)
      values ('connection-of-fresh', 'fresh', sha256(${fresh}::bytea))`)
    const sent = await send(good, `/webhooks/outbound-messages/${fresh}`)
    expect(sent).toMatchObject({ status: 500 })
    expect(sent.text).toContain('Authorise it')
    await api.pool.query(sql.type(row<never>())`
      update connections set organization_id = ${ORG} where connection_id = 'connection-of-fresh'`)
    // The look-up is kept for seconds.
    await expect
      .poll(async () => (await send(good, `/webhooks/outbound-messages/${fresh}`)).status)
      .toBe(200)
    expect(await storedEvents(api.pool)).toMatchObject([
      { workspace_id: 'fresh', connection_id: 'connection-of-fresh' },
    ])
  })
})

describe('the path', () => {
  const good = outboundXml([{ id: notificationId(1) }])

  test('is in no log, nor is what was sent', async () => {
    await send(good)
    await send('<x>')
    const lines = JSON.stringify(api.logged)
    expect(lines).toContain('/webhooks/outbound-messages/[redacted]')
    expect(lines).not.toContain(path.split('/').at(-1))
    expect(lines).not.toContain('a.session.of.somebody')
  })

  test('is shown once, and only its hash is kept', async () => {
    const { path: shown, url } = await issue({ overlap_seconds: 3_600 })
    expect(url).toBe(`https://hooks.example.com${shown}`)
    const [secretPart = ''] = shown.split('/').slice(-1)
    expect(Buffer.from(secretPart, 'base64url')).toHaveLength(32)
    const kept = await api.pool.oneFirst(sql.type(row<{ text: string }>())`
      select row_to_json(i)::text || (select json_agg(a) from audit_log a)::text as text
      from webhook_intakes i where connection_id = 'default'`)
    expect(kept).not.toContain(secretPart)
    expect(kept).toContain('outbound_message_path.issued')
    expect(kept).toContain('outbound_message_path.rotated')
    // The one before goes on until its time is over.
    expect([(await send(good)).status, (await send(good, shown)).status]).toEqual([200, 200])
    const next = await issue({ overlap_seconds: 0 })
    expect(next.previous_expires_at).toBeNull()
    const tried = [path, shown, next.path].map(async (each) => (await send(good, each)).status)
    expect(await Promise.all(tried)).toEqual([404, 404, 200])
    path = next.path
  })

  test('is gone once it is removed', async () => {
    const removed = await fetch(`${api.url}/v1/connections/default/outbound-message-path`, {
      method: 'DELETE',
    })
    expect(await removed.json()).toEqual({ connection_id: 'default', removed: true })
    expect((await send(good)).status).toBe(404)
    path = (await issue()).path
    expect((await send(good)).status).toBe(200)
  })

  test('can be guessed a few times, and the right one is taken all the same', async () => {
    const guess = (n: number) =>
      send(good, `/webhooks/outbound-messages/${Buffer.alloc(32, n).toString('base64url')}`)
    const statuses: number[] = []
    for (let n = 100; n < 120; n += 1) statuses.push((await guess(n)).status)
    // Ten a minute, with those of the tests before.
    expect(statuses[0]).toBe(404)
    expect(statuses.at(-1)).toBe(429)
    const last = await guess(120)
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await send(good)).status).toBe(200)
    for (const odd of ['x', 'a'.repeat(5_000), '%00', 'aa/bb']) {
      const answer = await fetch(`${api.url}/webhooks/outbound-messages/${odd}`, {
        method: 'POST',
        body: good,
      })
      expect([404, 429]).toContain(answer.status)
    }
  })
})
