import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import {
  type PushReceiver,
  type ReceivedPush,
  startPushReceiver,
} from '../testing/push-receiver.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

const OK = { status: 200, body: '{"ok":true}' }
const SECRET = 's3cret & more'

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
  receiver.answer(OK)
  await client.admin('PATCH', '/settings', { bulkStartDelayMs: 0 })
})
afterEach(() => receiver.close())

async function subscribe(webhook: object = {}): Promise<number> {
  const added = await client.admin('POST', '/webhooks', {
    url: `${receiver.url}/webhooks/salesforce`,
    secret: SECRET,
    ...webhook,
  })
  expect(JSON.stringify(added)).not.toContain(SECRET)
  return z.object({ id: z.number() }).parse(added).id
}

const flush = (): Promise<unknown> => client.admin('POST', '/pushes/flush')

async function create(object: string, values: object): Promise<string> {
  const answer = await client.json('POST', `/sobjects/${object}`, values)
  return z.object({ id: z.string() }).parse(answer).id
}

const bodySchema = z.looseObject({
  event_type: z.string(),
  object: z.string(),
  ids: z.array(z.string()),
  changeType: z.string(),
  changedFields: z.array(z.string()),
})
const bodies = () => receiver.received.map(({ body }) => bodySchema.parse(JSON.parse(body)))

const outcomes = async () =>
  z
    .object({
      pushes: z.array(
        z.object({ outcome: z.string(), attempt: z.number(), error: z.string().nullable() }),
      ),
    })
    .parse(await client.admin('GET', '/pushes')).pushes

/** What a receiver must find: written out once more, so that the sender is not its own witness. */
function isSigned(push: ReceivedPush | undefined, form: string, encoding: 'base64' | 'hex') {
  const timestamp = push?.headers['x-salesforce-timestamp']
  const expected = createHmac('sha256', SECRET)
    .update(`${String(timestamp)}.`)
    .update(form)
    .digest(encoding)
  return push?.headers['x-salesforce-signature'] === expected
}

describe('the callout', () => {
  test('tells object, ids, kind and changed fields of each kind of change', async () => {
    await subscribe()
    const id = await create('Contact', { LastName: 'Ö', Email: 'o@example.com' })
    await flush()
    await client.json('PATCH', `/sobjects/Contact/${id}`, { LastName: 'P', Email: 'o@example.com' })
    await flush()
    await client.json('DELETE', `/sobjects/Contact/${id}`)
    await flush()
    expect(receiver.received[0]?.path).toBe('/webhooks/salesforce')
    expect(receiver.received[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^SFDC-Callout\/\d+\.0$/),
    })
    const common = { object: 'Contact', ids: [id] }
    expect(bodies()).toMatchObject([
      { ...common, event_type: 'Contact.created', changeType: 'CREATE', changedFields: [] },
      { ...common, event_type: 'Contact.updated', changeType: 'UPDATE' },
      { ...common, event_type: 'Contact.deleted', changeType: 'DELETE', changedFields: [] },
    ])
    expect(bodies()[1]?.changedFields.toSorted()).toEqual(['LastName', 'Name'])
  })

  test('goes only where its object and event are wanted', async () => {
    await subscribe({ objects: ['lead'], events: ['deleted'] })
    await create('Account', { Name: 'A' })
    const id = await create('Lead', { LastName: 'L', Company: 'C' })
    await client.json('DELETE', `/sobjects/Lead/${id}`)
    await flush()
    expect(bodies().map((body) => body.event_type)).toEqual(['Lead.deleted'])
  })

  test('comes of bulk rows, in chunks of a trigger and batches of the author', async () => {
    await subscribe({ batchIds: 150 })
    const csv = `Name\n${Array.from({ length: 450 }, (_, index) => `Row ${index}`).join('\n')}\n`
    const info = await client.run({ object: 'Account', operation: 'insert' }, csv)
    await flush()
    const sizes = bodies().map((body) => body.ids.length)
    expect(sizes.toSorted((a, b) => a - b)).toEqual([50, 50, 50, 150, 150])
    const saved = await client.results(info.id, 'successfulResults')
    const ids = bodies().flatMap((body) => body.ids)
    expect(ids.toSorted()).toEqual(saved.map((row) => row['sf__Id']).toSorted())
  })

  test('is not made for what was refused', async () => {
    await subscribe()
    await client.run({ object: 'Contact', operation: 'insert' }, 'LastName,FirstName\nA,B\n,C\n')
    await flush()
    expect(bodies().map((body) => body.ids.length)).toEqual([1])
  })

  test('a transaction makes 100 of them, the rest is refused by the platform', async () => {
    await subscribe({ batchIds: 1 })
    const csv = `Name\n${Array.from({ length: 150 }, (_, index) => `Row ${index}`).join('\n')}\n`
    await client.run({ object: 'Account', operation: 'insert' }, csv)
    await flush()
    expect(receiver.received).toHaveLength(100)
    const refused = (await outcomes()).filter((push) => push.outcome === 'refused')
    expect(refused).toHaveLength(50)
    expect(refused[0]?.error).toBe('System.LimitException: Too many callouts: 101')
  })
})

describe('the signature', () => {
  const fields = ['Name', 'Description', 'AnnualRevenue']
  const values = { Name: 'Zoë "Ω" 𝒳', Description: 'a/b\n\u007F', AnnualRevenue: 1500 }

  test('of the raw body, in base64', async () => {
    await subscribe({ fields })
    await create('Account', values)
    await flush()
    const [push] = receiver.received
    expect(isSigned(push, push?.body ?? '', 'base64')).toBe(true)
    const age = Date.now() / 1_000 - Number(push?.headers['x-salesforce-timestamp'])
    expect(age).toBeGreaterThanOrEqual(0)
    expect(age).toBeLessThan(5)
  })

  test('of the sorted compact form, in hex', async () => {
    await subscribe({ fields, form: 'sorted', encoding: 'hex' })
    const id = await create('Account', values)
    await flush()
    const [push] = receiver.received
    const { userId, eventDate } = JSON.parse(push?.body ?? '')
    const form = `{"changeType":"CREATE","changedFields":[],"eventDate":"${eventDate}","event_type":"Account.created","ids":["${id}"],"object":"Account","organizationId":"00DfK0000000001UAA","records":[{"AnnualRevenue":1500,"Description":"a/b\\n\u007F","Id":"${id}","Name":"Zoë \\"Ω\\" 𝒳"}],"userId":"${userId}"}`
    expect(isSigned(push, form, 'hex')).toBe(true)
    expect(push?.body).not.toBe(form)
  })

  test('of the form that Python makes', async () => {
    await subscribe({ fields, form: 'python' })
    const id = await create('Account', values)
    await flush()
    const [push] = receiver.received
    const { userId, eventDate } = JSON.parse(push?.body ?? '')
    // As printed by json.dumps(body, sort_keys=True).
    const form = `{"changeType": "CREATE", "changedFields": [], "eventDate": "${eventDate}", "event_type": "Account.created", "ids": ["${id}"], "object": "Account", "organizationId": "00DfK0000000001UAA", "records": [{"AnnualRevenue": 1500, "Description": "a/b\\n\\u007f", "Id": "${id}", "Name": "Zo\\u00eb \\"\\u03a9\\" \\ud835\\udcb3"}], "userId": "${userId}"}`
    expect(isSigned(push, form, 'base64')).toBe(true)
  })
})

describe('failure', () => {
  test('is final: Apex makes a callout once', async () => {
    receiver.answer({ status: 500, body: '' })
    await subscribe()
    await create('Account', { Name: 'A' })
    await flush()
    expect(receiver.received).toHaveLength(1)
    expect(await outcomes()).toMatchObject([{ outcome: 'failed', error: 'status 500' }])
  })

  test('is repeated by an author who asks for it, with a fresh signature', async () => {
    receiver.answer({ status: 500, body: '' }, { status: 302, body: '' }, OK)
    await subscribe({ retries: 2, retryDelayMs: 1 })
    await create('Account', { Name: 'A' })
    await flush()
    expect((await outcomes()).map((push) => [push.attempt, push.outcome])).toEqual([
      [1, 'failed'],
      [2, 'failed'],
      [3, 'delivered'],
    ])
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1)
    for (const push of receiver.received) expect(isSigned(push, push.body, 'base64')).toBe(true)
  })

  test('comes of a receiver that is too slow, and of one that is not there', async () => {
    await client.admin('PATCH', '/settings', { calloutTimeoutMs: 40 })
    let release = (): void => {}
    receiver.answer({ ...OK, after: new Promise<void>((resolve) => (release = resolve)) })
    await subscribe()
    await create('Account', { Name: 'A' })
    await flush()
    release()
    await receiver.close()
    await create('Account', { Name: 'B' })
    await flush()
    const [slow, gone] = await outcomes()
    expect(slow).toMatchObject({ outcome: 'failed', error: 'Read timed out' })
    expect(gone).toMatchObject({
      outcome: 'failed',
      error: expect.stringContaining('ECONNREFUSED'),
    })
    receiver = await startPushReceiver()
  })
})

describe('faults', () => {
  const fault = (n: number, action: object, others: object = {}): Promise<unknown> =>
    client.admin('POST', '/faults', { match: { subscription: n }, action, ...others })

  test('drop, duplicate and delay', async () => {
    const n = await subscribe()
    await fault(n, { type: 'push_drop' })
    await create('Account', { Name: 'dropped' })
    await flush()
    expect(receiver.received).toHaveLength(0)
    await fault(n, { type: 'push_duplicate', copies: 2 })
    await create('Account', { Name: 'thrice' })
    await flush()
    expect(receiver.received).toHaveLength(3)
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1)
    await fault(n, { type: 'push_delay', ms: 150 })
    const before = Date.now()
    await create('Account', { Name: 'late' })
    await flush()
    expect(Date.now() - before).toBeGreaterThanOrEqual(150)
    expect(receiver.received).toHaveLength(4)
    expect((await outcomes()).map((push) => push.outcome)).toEqual([
      'dropped',
      'delivered',
      'delivered',
      'delivered',
      'delivered',
    ])
  })

  test('reorder: the next push overtakes', async () => {
    const n = await subscribe({ objects: ['Account', 'Lead'] })
    await fault(n, { type: 'push_reorder', ms: 10_000 })
    await create('Account', { Name: 'first' })
    await create('Lead', { LastName: 'second', Company: 'C' })
    await flush()
    expect(bodies().map((body) => body.object)).toEqual(['Lead', 'Account'])
  })

  test('a wrong signature, an old timestamp', async () => {
    const n = await subscribe()
    await fault(n, { type: 'push_wrong_signature' })
    await create('Account', { Name: 'A' })
    await flush()
    const [wrong] = receiver.received
    expect(isSigned(wrong, wrong?.body ?? '', 'base64')).toBe(false)
    await fault(n, { type: 'push_old_timestamp', seconds: 600 })
    await create('Account', { Name: 'B' })
    await flush()
    const old = receiver.received[1]
    expect(isSigned(old, old?.body ?? '', 'base64')).toBe(true)
    const age = Date.now() / 1_000 - Number(old?.headers['x-salesforce-timestamp'])
    expect(age).toBeGreaterThanOrEqual(600)
    expect(age).toBeLessThan(610)
  })

  test('by name, after so many, each so-many-th', async () => {
    await subscribe()
    await client.admin('POST', '/faults', {
      match: { call: 'push.webhook', object: 'Account' },
      after: 1,
      everyKth: 2,
      times: 'always',
      action: { type: 'push_drop' },
    })
    for (const name of ['1', '2', '3', '4', '5']) {
      await create('Account', { Name: name })
      await flush()
    }
    expect((await outcomes()).map((push) => push.outcome)).toEqual([
      'delivered',
      'delivered',
      'dropped',
      'delivered',
      'dropped',
    ])
  })
})

test('what was not sent before a restart is sent after it', async () => {
  const folder = mkdtempSync(`${tmpdir()}/simulator-push-`)
  const database = `${folder}/org.sqlite`
  const first = await startSimulator({ database })
  try {
    client = await createTestClient(first.url)
    receiver.answer({ status: 503, body: '' })
    await subscribe({ retries: 5, retryDelayMs: 60_000 })
    await create('Account', { Name: 'A' })
    await expect.poll(() => receiver.received.length).toBe(1)
    await expect.poll(async () => (await outcomes()).length).toBe(1)
  } finally {
    await first.close()
  }
  receiver.answer(OK)
  const second = await startSimulator({ database })
  try {
    client = await createTestClient(second.url)
    await client.admin('POST', '/pushes/retry')
    await flush()
    expect(receiver.received).toHaveLength(2)
    expect(receiver.received[1]?.body).toBe(receiver.received[0]?.body)
  } finally {
    await second.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
