import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { ACK, type PushReceiver, startPushReceiver } from '../testing/push-receiver.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

let simulator: Simulator
let client: TestClient
let receiver: PushReceiver
beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.close())
beforeEach(async () => {
  await fetch(`${simulator.url}/__simulator/reset`, { method: 'POST' })
  client = await createTestClient(simulator.url)
  receiver = await startPushReceiver()
  await client.admin('PATCH', '/settings', {
    bulkStartDelayMs: 0,
    outboundWindowMs: 0,
    outboundRetryFirstMs: 10,
    outboundShuffle: false,
  })
})
afterEach(() => receiver.close())

async function subscribe(message: object): Promise<number> {
  const added = await client.admin('POST', '/outbound-messages', {
    name: 'Changes',
    endpointUrl: `${receiver.url}/hook`,
    ...message,
  })
  return z.object({ id: z.number() }).parse(added).id
}

const flush = (): Promise<unknown> => client.admin('POST', '/pushes/flush')

async function create(object: string, values: object): Promise<string> {
  const answer = await client.json('POST', `/sobjects/${object}`, values)
  return z.object({ id: z.string() }).parse(answer).id
}

const pushesSchema = z.object({
  waiting: z.number(),
  counts: z.record(z.string(), z.number()),
  pushes: z.array(
    z.object({
      outcome: z.string(),
      attempt: z.number(),
      error: z.string().nullable(),
      recordIds: z.array(z.string()),
    }),
  ),
})
const pushes = async () => pushesSchema.parse(await client.admin('GET', '/pushes'))

const notificationIds = (body: string): string[] =>
  [...body.matchAll(/<Id>(04l\w{15})<\/Id>/g)].map(([, id = '']) => id)
const recordIds = (body: string): string[] =>
  [...body.matchAll(/<sf:Id>(\w{18})<\/sf:Id>/g)].map(([, id = '']) => id)

describe('the message', () => {
  test('is the envelope of the WSDL, with typed values in order and none for empty fields', async () => {
    await subscribe({
      object: 'account',
      fields: ['Name', 'AnnualRevenue', 'Id', 'NumberOfEmployees', 'Description', 'CreatedDate'],
    })
    const id = await create('Account', {
      Name: 'Ä & <B> "C" \u0001',
      AnnualRevenue: 12_500_000,
      NumberOfEmployees: 12,
    })
    await flush()
    expect(receiver.received).toHaveLength(1)
    const [push] = receiver.received
    expect(push?.path).toBe('/hook')
    expect(push?.headers).toMatchObject({
      'content-type': 'text/xml; charset=UTF-8',
      soapaction: '""',
    })
    const body = push?.body ?? ''
    const [notification = ''] = notificationIds(body)
    const created = /<sf:CreatedDate>(.*)<\/sf:CreatedDate>/.exec(body)?.[1] ?? ''
    expect(created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/)
    const action = /<ActionId>(04k\w{15})<\/ActionId>/.exec(body)?.[1]
    expect(body).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>00DfK0000000001UAA</OrganizationId>
   <ActionId>${action}</ActionId>
   <SessionId xsi:nil="true"/>
   <EnterpriseUrl>${simulator.url}/services/Soap/c/67.0/00DfK0000000001</EnterpriseUrl>
   <PartnerUrl>${simulator.url}/services/Soap/u/67.0/00DfK0000000001</PartnerUrl>
   <Notification>
    <Id>${notification}</Id>
    <sObject xsi:type="sf:Account" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
     <sf:Id>${id}</sf:Id>
     <sf:AnnualRevenue>1.25E7</sf:AnnualRevenue>
     <sf:CreatedDate>${created}</sf:CreatedDate>
     <sf:Name>Ä &amp; &lt;B&gt; &quot;C&quot; \uFFFD</sf:Name>
     <sf:NumberOfEmployees>12</sf:NumberOfEmployees>
    </sObject>
   </Notification>
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>`)
  })

  test('carries a session that works, where it is asked for', async () => {
    await subscribe({ object: 'Account', includeSessionId: true })
    await create('Account', { Name: 'A' })
    await flush()
    const token = /<SessionId>(.+)<\/SessionId>/.exec(receiver.received[0]?.body ?? '')?.[1] ?? ''
    expect(token).not.toBe(client.token)
    const answer = await fetch(`${simulator.url}/services/data/v64.0/limits`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(answer.status).toBe(200)
  })

  test('is sent for the events and the object that were asked for, and only while active', async () => {
    const n = await subscribe({ object: 'Account', events: ['updated'] })
    const id = await create('Account', { Name: 'A' })
    await create('Contact', { LastName: 'C' })
    await flush()
    expect(receiver.received).toHaveLength(0)
    await client.json('PATCH', `/sobjects/Account/${id}`, { Name: 'B' })
    await flush()
    expect(receiver.received).toHaveLength(1)
    await client.admin('PATCH', `/outbound-messages/${n}`, { active: false })
    await client.json('PATCH', `/sobjects/Account/${id}`, { Name: 'C' })
    await client.admin('PATCH', `/outbound-messages/${n}`, { active: true })
    await client.json('DELETE', `/sobjects/Account/${id}`)
    await flush()
    expect(receiver.received).toHaveLength(1)
  })

  test('what the schema does not have is refused', async () => {
    await expect(subscribe({ object: 'Nothing' })).rejects.toThrow('400')
    await expect(subscribe({ object: 'Account', fields: ['Nothing'] })).rejects.toThrow('400')
    await expect(subscribe({ object: 'Account', endpointUrl: 'ftp://a' })).rejects.toThrow('400')
  })
})

describe('bulk jobs', () => {
  test('rows of the other thread arrive too, at most 100 in a message, each once', async () => {
    await subscribe({ object: 'Account', fields: ['Name'] })
    const csv = `Name\n${Array.from({ length: 250 }, (_, index) => `Row ${index}`).join('\n')}\n`
    const info = await client.run({ object: 'Account', operation: 'insert' }, csv)
    expect(await client.results(info.id, 'successfulResults')).toHaveLength(250)
    await flush()
    const sizes = receiver.received.map(({ body }) => notificationIds(body).length)
    expect(Math.max(...sizes)).toBe(100)
    const ids = receiver.received.flatMap(({ body }) => recordIds(body))
    expect(ids).toHaveLength(250)
    const saved = await client.results(info.id, 'successfulResults')
    expect(new Set(ids)).toEqual(new Set(saved.map((row) => row['sf__Id'])))
    expect(new Set(receiver.received.flatMap(({ body }) => notificationIds(body))).size).toBe(250)
  })

  test('a window gathers changes of several calls in one message', async () => {
    await client.admin('PATCH', '/settings', { outboundWindowMs: 300 })
    await subscribe({ object: 'Account' })
    for (const name of ['A', 'B', 'C']) await create('Account', { Name: name })
    await flush()
    expect(receiver.received.map(({ body }) => recordIds(body).length)).toEqual([3])
  })
})

describe('acknowledgement', () => {
  const envelope = (body: string): string =>
    `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`
  const outbound = 'http://soap.sforce.com/2005/09/outbound'

  test.each([
    ['an error status', { ...ACK, status: 500 }],
    ['a success that is not 200', { ...ACK, status: 202 }],
    ['no body', { status: 200, body: '' }],
    ['no XML', { status: 200, body: 'OK' }],
    [
      'the element that blogs show',
      {
        status: 200,
        body: envelope(`<notifications xmlns="${outbound}"><Ack>true</Ack></notifications>`),
      },
    ],
    [
      'another namespace',
      {
        status: 200,
        body: envelope('<notificationsResponse><Ack>true</Ack></notificationsResponse>'),
      },
    ],
    [
      'Ack in another namespace',
      {
        status: 200,
        body: envelope(
          `<n:notificationsResponse xmlns:n="${outbound}"><Ack>true</Ack></n:notificationsResponse>`,
        ),
      },
    ],
    [
      'false',
      {
        status: 200,
        body: envelope(
          `<notificationsResponse xmlns="${outbound}"><Ack>false</Ack></notificationsResponse>`,
        ),
      },
    ],
    ['a broken document', { status: 200, body: ACK.body.slice(0, -10) }],
    [
      'a document type',
      { status: 200, body: `<!DOCTYPE a [<!ENTITY b "true">]>${ACK.body.replace(/<\?.*\?>/, '')}` },
    ],
  ])('%s is none: the same notification comes again', async (_, answer) => {
    receiver.answer(answer, ACK)
    await subscribe({ object: 'Account' })
    await create('Account', { Name: 'A' })
    await flush()
    expect(receiver.received).toHaveLength(2)
    const [first, second] = receiver.received.map(({ body }) => notificationIds(body))
    expect(second).toEqual(first)
    const log = await pushes()
    expect(log.pushes.map((push) => [push.outcome, push.attempt])).toEqual([
      ['failed', 1],
      ['delivered', 2],
    ])
  })

  test('prefixes, white space, CDATA and comments do not matter', async () => {
    receiver.answer({
      status: 200,
      body: `\uFEFF<!-- hello -->${envelope(
        `<o:notificationsResponse xmlns:o='${outbound}'>\n<o:Ack >\n<![CDATA[true]]> </o:Ack>\n</o:notificationsResponse>`,
      )}`,
    })
    await subscribe({ object: 'Account' })
    await create('Account', { Name: 'A' })
    await flush()
    expect(receiver.received).toHaveLength(1)
  })

  test('a listener that is too slow is asked again', async () => {
    await client.admin('PATCH', '/settings', { outboundTimeoutMs: 50 })
    let release = (): void => {}
    const after = new Promise<void>((resolve) => {
      release = resolve
    })
    receiver.answer({ ...ACK, after }, ACK)
    await subscribe({ object: 'Account' })
    await create('Account', { Name: 'A' })
    await flush()
    release()
    expect(receiver.received).toHaveLength(2)
    expect((await pushes()).pushes[0]).toMatchObject({ outcome: 'failed', error: 'Read timed out' })
  })
})

describe('what happens between change and delivery', () => {
  test('a retry carries the latest data, and every notification of the record does', async () => {
    receiver.answer({ status: 503, body: '' }, ACK)
    await client.admin('PATCH', '/settings', { outboundRetryFirstMs: 60_000 })
    await subscribe({ object: 'Account', fields: ['Name'] })
    const id = await create('Account', { Name: 'old' })
    await expect.poll(() => receiver.received.length).toBe(1)
    await expect.poll(async () => (await pushes()).pushes.length).toBe(1)
    await client.admin('PATCH', '/settings', { outboundWindowMs: 60_000 })
    await client.json('PATCH', `/sobjects/Account/${id}`, { Name: 'new' })
    expect(receiver.received).toHaveLength(1)
    await client.admin('POST', '/pushes/retry')
    await flush()
    const bodies = receiver.received.map(({ body }) => body)
    expect(bodies[0]).toContain('<sf:Name>old</sf:Name>')
    const later = bodies.slice(1).join('')
    expect(later.match(/<sf:Name>new<\/sf:Name>/g)).toHaveLength(2)
    expect(later).not.toContain('old')
    expect(new Set(notificationIds(later)).size).toBe(2)
  })

  test('of a deleted record nothing is told, or its id', async () => {
    await client.admin('PATCH', '/settings', { outboundWindowMs: 60_000 })
    await subscribe({ object: 'Account', fields: ['Name'] })
    const id = await create('Account', { Name: 'A' })
    await client.json('DELETE', `/sobjects/Account/${id}`)
    await client.admin('POST', '/pushes/retry')
    await flush()
    const body = receiver.received[0]?.body ?? ''
    expect(
      body,
    ).toContain(`<sObject xsi:type="sf:Account" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
     <sf:Id xsi:nil="true"/>
    </sObject>`)
    await client.admin('PATCH', '/settings', { outboundDeletedRecord: 'id' })
    const second = await create('Account', { Name: 'B' })
    await client.json('DELETE', `/sobjects/Account/${second}`)
    await client.admin('POST', '/pushes/retry')
    await flush()
    expect(recordIds(receiver.received[1]?.body ?? '')).toEqual([second])
    expect(receiver.received[1]?.body).not.toContain('sf:Name')
  })

  test('the wait grows up to its limit, and after its life a notification is given up', async () => {
    receiver.answer({ status: 503, body: '' })
    await client.admin('PATCH', '/settings', {
      outboundRetryFirstMs: 20,
      outboundRetryMaxMs: 80,
      outboundLifetimeMs: 400,
    })
    await subscribe({ object: 'Account' })
    await create('Account', { Name: 'A' })
    await flush()
    const log = await pushes()
    expect(log.waiting).toBe(0)
    expect(log.pushes.at(-1)).toMatchObject({ outcome: 'expired' })
    const attempts = log.pushes.filter((push) => push.outcome === 'failed').length
    // 20 + 40 + 80 + 80 + … and the time that the attempts take.
    expect(attempts).toBeGreaterThanOrEqual(3)
    expect(attempts).toBeLessThanOrEqual(7)
  })

  test('an acknowledged message may come once more', async () => {
    await client.admin('PATCH', '/settings', { outboundDuplicateRate: 1 })
    await subscribe({ object: 'Account' })
    await create('Account', { Name: 'A' })
    await flush()
    const ids = receiver.received.map(({ body }) => notificationIds(body))
    expect(ids).toHaveLength(2)
    expect(ids[1]).toEqual(ids[0])
  })

  test('removing a message drops what waits for it', async () => {
    receiver.answer({ status: 503, body: '' })
    await client.admin('PATCH', '/settings', { outboundRetryFirstMs: 60_000 })
    const n = await subscribe({ object: 'Account' })
    await create('Account', { Name: 'A' })
    await expect.poll(async () => (await pushes()).pushes.length).toBe(1)
    expect((await pushes()).waiting).toBe(1)
    await client.admin('DELETE', `/outbound-messages/${n}`)
    expect((await pushes()).waiting).toBe(0)
  })
})
