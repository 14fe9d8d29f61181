import { request } from 'node:http'
import { sql } from 'slonik'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { shardOfRecord } from '../../contracts/pump.ts'
import { DEFAULT_CONNECTION_ID } from '../../contracts/tenancy.ts'
import { row } from '../../db/row-type.ts'
import { openEventPayload } from '../../security/event-payload.ts'
import { createSealing, deriveSealingKey } from '../../security/sealing.ts'
import { startTestApi, type TestApi } from '../api/test-api.ts'
import { accountId, PREVIOUS_TEST_SECRET, sendWebhook, signedHeaders } from './sign-webhook.ts'
import { forgetEvents, type StoredEventRow, storedEvents } from './stored-events.ts'

let api: TestApi
beforeAll(async () => {
  // Callers share one address here; good ones are counted nowhere, and keys are asked of everybody else.
  api = await startTestApi({ keysRequired: true, rateLimit: { requests: 5, windowMs: 60_000 } })
})
afterAll(() => api.stop())
beforeEach(() => forgetEvents(api.pool))

const now = () => Math.floor(Date.now() / 1_000)
const UPDATE = {
  event_type: 'Account.updated',
  object: 'Account',
  ids: [accountId(1)],
  changeType: 'UPDATE',
  changedFields: ['Name', 'Owner.Name'],
  eventDate: '2026-03-01T10:11:12.000Z',
}
const sealing = createSealing([deriveSealingKey('a key for tests, long enough to be one')])
function payloadOf(event: StoredEventRow): string {
  return openEventPayload(sealing, event.event_id, {
    payload: null,
    // The API of the tests has a key, so that all is sealed.
    sealedPayload: event.sealed_payload ?? Buffer.alloc(0),
  })
}

async function refusal(answer: Response) {
  const body: unknown = await answer.json()
  expect(body).toMatchObject({
    ok: false,
    message: expect.any(String),
    request_id: expect.any(String),
    error_details: { code: expect.any(String) },
  })
  expect(await storedEvents(api.pool)).toEqual([])
  // Just checked.
  const { error, message } = body as { error: string; message: string }
  return { status: answer.status, error, message }
}

describe('a good webhook', () => {
  test('is an event in the queue of its pump before it is answered', async () => {
    api.temporal.pumped.length = 0
    const answer = await sendWebhook(api.url, UPDATE, { headers: { 'x-request-id': 'trace-7' } })
    expect(answer.status).toBe(200)
    const [event, ...others] = await storedEvents(api.pool)
    expect(others).toEqual([])
    const fields = { duplicate: false, events: 1, event_ids: [event?.event_id] }
    expect(await answer.json()).toEqual({
      ...{ ok: true, message: '1 event was stored.', ...fields },
      data: fields,
    })
    const shard = shardOfRecord(DEFAULT_CONNECTION_ID, accountId(1).slice(0, 15))
    expect(event).toMatchObject({
      ...{ workspace_id: 'default', connection_id: 'default', source: 'webhook', shard },
      ...{ event_type: 'Account.updated', object_type: 'Account', object_id: accountId(1) },
      ...{ change_type: 'updated', changed_fields: ['Name', 'Owner.Name'], request_id: 'trace-7' },
      occurred_at: new Date('2026-03-01T10:11:12.000Z'),
    })
    expect(event && payloadOf(event)).toBe(JSON.stringify(UPDATE))
    expect(api.temporal.pumped).toEqual([shard])
  })

  test.each(['base64', 'hex', 'base64url'] as const)('may be signed in %s', async (encoding) => {
    expect((await sendWebhook(api.url, UPDATE, { encoding })).status).toBe(200)
  })

  test('may be signed by the previous secret, and in either canonical form', async () => {
    const signing = [
      { secret: PREVIOUS_TEST_SECRET },
      { form: '{"event_type":"Lead.deleted","id":"00Q000000000001AAA","x":1.0}' },
      { form: '{"event_type": "Lead.deleted", "id": "00Q000000000001AAA", "x": 1.0}' },
    ]
    for (const each of signing) {
      const body = `{"id": "00Q000000000001AAA", "event_type" : "Lead.deleted", "x":1.0 }`
      expect((await sendWebhook(api.url, body, each)).status).toBe(200)
    }
    expect(await storedEvents(api.pool)).toHaveLength(3)
  })

  test('has every record of ids, each once whichever form its id has, and its own entry', async () => {
    const ids = [accountId(1), accountId(2), accountId(1).slice(0, 15), accountId(3)]
    const records = `[{"Id":"${accountId(2)}","Big":12345678901234567890,"R":1.10},{"Id":"${accountId(1).slice(0, 15)}","Name":"é"}]`
    const body = `{"event_type":"Account.created", "ids":${JSON.stringify(ids)}, "records": ${records}, "x":1.0}`
    const answer = await sendWebhook(api.url, body)
    expect(await answer.json()).toMatchObject({ ok: true, events: 3 })
    const events = await storedEvents(api.pool)
    expect(events.map(({ object_id }) => object_id)).toEqual([1, 2, 3].map(accountId))
    expect(events.map(payloadOf)).toEqual([
      `{"event_type":"Account.created","x":1.0,"records":[{"Id":"${accountId(1).slice(0, 15)}","Name":"é"}]}`,
      `{"event_type":"Account.created","x":1.0,"records":[{"Id":"${accountId(2)}","Big":12345678901234567890,"R":1.10}]}`,
      '{"event_type":"Account.created","x":1.0}',
    ])
  })

  test('of a thousand records is taken', async () => {
    const ids = Array.from({ length: 1_000 }, (_, n) => accountId(n))
    expect((await sendWebhook(api.url, { ...UPDATE, ids })).status).toBe(200)
    expect(await storedEvents(api.pool)).toHaveLength(1_000)
  })

  test.each([
    ['Order__c', { object: 'Order__c', changeType: 'CREATE' }, 'Order__c.created'],
    [
      'a namespace',
      { object: 'acme__Order__c', changeType: 'undeleted' },
      'acme__Order__c.undeleted',
    ],
    ['a platform event', { object: 'Low_Ink__e', changeType: 'created' }, 'Low_Ink__e.created'],
    ['a word of Apex', { object: 'Task', changeType: 'AFTER_DELETE' }, 'Task.deleted'],
    ['the type alone', { event_type: 'Task.UNDELETE' }, 'Task.undeleted'],
    ['another case', { event_type: 'task.update', object: 'Task' }, 'Task.updated'],
    ['half a type', { event_type: 'created', object: 'Task' }, 'Task.created'],
    [
      'a type of the sender',
      { event_type: 'stage_reached', object: 'Opportunity', changeType: 'UPDATE' },
      'Opportunity.updated',
    ],
  ])('says its object and change: %s', async (_, fields, type) => {
    const answer = await sendWebhook(api.url, { ...fields, id: accountId(1) })
    expect(answer.status).toBe(200)
    expect((await storedEvents(api.pool)).map(({ event_type }) => event_type)).toEqual([type])
  })

  test('keeps what Postgres can hold as it was sent', async () => {
    const body = `{"event_type":"Account.updated","id":"${accountId(1)}","n":[1e5,0.000001,-1.5E-300,12345678901234567890],"t":"\\\\u0000 \\ud83d\\ude00","deep":${'['.repeat(90)}${']'.repeat(90)}}`
    expect((await sendWebhook(api.url, body)).status).toBe(200)
    const [event] = await storedEvents(api.pool)
    expect(event && payloadOf(event)).toBe(body)
  })
})

describe('a webhook that nobody can be believed to have sent', () => {
  test.each([
    ['no signature', { 'x-salesforce-signature': '' }, 'signature_missing'],
    ['no timestamp', { 'x-salesforce-timestamp': '' }, 'signature_missing'],
    ['a timestamp in words', { 'x-salesforce-timestamp': 'yesterday' }, 'timestamp_invalid'],
    ['milliseconds', { 'x-salesforce-timestamp': `${now()}000` }, 'timestamp_invalid'],
    ['a negative one', { 'x-salesforce-timestamp': '-1' }, 'timestamp_invalid'],
    [
      'a signature that is too short',
      { 'x-salesforce-signature': 'ab'.repeat(31) },
      'signature_invalid',
    ],
    ['one that is too long', { 'x-salesforce-signature': 'ab'.repeat(33) }, 'signature_invalid'],
    ['one of other letters', { 'x-salesforce-signature': '!'.repeat(44) }, 'signature_invalid'],
    ['one of 8 kB', { 'x-salesforce-signature': 'a'.repeat(8_000) }, 'signature_invalid'],
    ['a wrong one', { 'x-salesforce-signature': 'ab'.repeat(32) }, 'signature_invalid'],
  ])('%s', async (_, headers, code) => {
    const answer = await sendWebhook(api.url, UPDATE, { headers })
    expect(await refusal(answer)).toMatchObject({ status: 401, error: code })
  })

  test('another body, another secret', async () => {
    const tampered = await sendWebhook(api.url, UPDATE, { form: `${JSON.stringify(UPDATE)} ` })
    expect(await refusal(tampered)).toMatchObject({ status: 401, error: 'signature_invalid' })
    const other = await sendWebhook(api.url, UPDATE, { secret: 'the secret of another' })
    expect(await refusal(other)).toMatchObject({ status: 401, error: 'signature_invalid' })
  })

  test.each([
    [-301, 'in the past'],
    [-100_000, 'in the past'],
    [302, 'in the future'],
  ])('signed %d s from now', async (seconds, words) => {
    const answer = await sendWebhook(api.url, UPDATE, { at: now() + seconds })
    const refused = await refusal(answer)
    expect(refused).toMatchObject({ status: 401, error: 'timestamp_invalid' })
    expect(refused.message).toContain(words)
  })

  test.each([-295, 295])('but %d s are within the window', async (seconds) => {
    expect((await sendWebhook(api.url, UPDATE, { at: now() + seconds })).status).toBe(200)
  })
})

describe('a body that is not understood names the fault', () => {
  const id = accountId(1)
  const good = { event_type: 'Account.updated', ids: [id] }
  test.each<[string, unknown, number, string, string]>([
    ['no JSON', '{"ids":', 400, 'invalid_json', 'not JSON'],
    ['an array', '[]', 400, 'invalid_json', 'object'],
    ['null', 'null', 400, 'invalid_json', 'object'],
    ['nothing', '', 400, 'invalid_json', 'not JSON'],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 400, 'invalid_utf8', 'UTF-8'],
    ['no ids', { event_type: 'Account.updated' }, 400, 'missing_required_field', 'ids'],
    ['empty ids', { ...good, ids: [] }, 400, 'invalid_request', 'ids'],
    ['ids in a text', { ...good, ids: id }, 400, 'invalid_request', 'ids'],
    ['an id that is none', { ...good, ids: [id, '001x'] }, 400, 'invalid_request', 'ids[1]'],
    ['an id of 16', { ...good, ids: [`${id.slice(0, 15)}A`] }, 400, 'invalid_request', 'ids[0]'],
    ['a number for an id', { event_type: 'Account.updated', id: 1 }, 400, 'invalid_request', 'id'],
    ['10,000 ids', { ...good, ids: Array(10_000).fill(id) }, 413, 'too_many_records', '1000'],
    ['no object', { changeType: 'UPDATE', ids: [id] }, 400, 'missing_required_field', 'object'],
    ['no change', { object: 'Account', ids: [id] }, 400, 'missing_required_field', 'changeType'],
    [
      'an odd object',
      { ...good, event_type: "A'; drop.updated" },
      400,
      'invalid_request',
      'event_type',
    ],
    [
      'an odd object',
      { object: '1Account', changeType: 'UPDATE', id },
      400,
      'invalid_request',
      'object',
    ],
    ['an own event', { event_type: 'Bulk_Job.updated', id }, 400, 'invalid_request', 'event_type'],
    ['an own event', { event_type: 'endpoint.failing', id }, 400, 'invalid_request', 'event_type'],
    [
      'an unknown change',
      { ...good, event_type: 'Account.merged' },
      400,
      'invalid_request',
      'event_type',
    ],
    [
      'an unknown change',
      { object: 'Account', changeType: 'MERGE', id },
      400,
      'invalid_request',
      'changeType',
    ],
    ['two objects', { ...good, object: 'Contact' }, 400, 'invalid_request', 'Contact'],
    ['two changes', { ...good, changeType: 'DELETE' }, 400, 'invalid_request', 'changeType'],
    [
      'fields in a text',
      { ...good, changedFields: 'Name' },
      400,
      'invalid_request',
      'changedFields',
    ],
    [
      'an odd field',
      { ...good, changedFields: ['Name', 'a b'] },
      400,
      'invalid_request',
      'changedFields[1]',
    ],
    ['a number for a type', { ...good, event_type: 1 }, 400, 'invalid_request', 'event_type'],
    ...['0000-01-01T00:00:00Z', '1969-12-31T23:59:59Z', '9999-12-31T23:59:59-14:00'].map(
      (eventDate): [string, unknown, number, string, string] => [
        `an event of ${eventDate}`,
        { ...good, eventDate },
        400,
        'invalid_request',
        'eventDate',
      ],
    ),
    ['an id with spaces', { ...good, delivery_id: 'a b' }, 400, 'invalid_request', 'delivery_id'],
    ['a NUL', { ...good, a: { b: ['x', '\u0000'] } }, 400, 'invalid_character', 'a.b[1]'],
    ['a NUL in a name', { ...good, a: { 'x\u0000': 1 } }, 400, 'invalid_character', 'a'],
    [
      'half a pair',
      `{"event_type":"A.updated","id":"${id}","t":"\\ud800"}`,
      400,
      'invalid_character',
      't',
    ],
    [
      'a huge number',
      `{"event_type":"A.updated","id":"${id}","n":{"m":1e200000}}`,
      400,
      'number_out_of_range',
      'n.m',
    ],
    [
      'a tiny number',
      `{"event_type":"A.updated","id":"${id}","n":1e-16384}`,
      400,
      'number_out_of_range',
      'n',
    ],
    [
      'numbers that print long',
      `{"event_type":"A.updated","id":"${id}","n":[${Array(20).fill('1e100000').join()}]}`,
      400,
      'number_out_of_range',
      'n[9]',
    ],
    [
      '101 levels',
      `{"event_type":"A.updated","id":"${id}","n":${'['.repeat(100)}${']'.repeat(100)}}`,
      400,
      'invalid_json',
      '100 levels',
    ],
    [
      'half a million levels',
      `${'['.repeat(400_000)}${']'.repeat(400_000)}`,
      400,
      'invalid_json',
      'object',
    ],
  ])('%s', async (_, body, status, code, named) => {
    const refused = await refusal(await sendWebhook(api.url, body))
    expect(refused).toMatchObject({ status, error: code })
    expect(refused.message).toContain(named)
  })

  test('more than may be stored together', async () => {
    const ids = Array.from({ length: 1_000 }, (_, n) => accountId(n))
    const answer = await sendWebhook(api.url, { ...good, ids, note: 'x'.repeat(10_000) })
    expect(await refusal(answer)).toMatchObject({ status: 413, error: 'payload_too_large' })
  })
})

describe('a body that is too long', () => {
  test('is refused by its length, without being read', async () => {
    const sent = await new Promise<{ status: number; connection: string; written: number }>(
      (resolve, reject) => {
        const outgoing = request(`${api.url}/webhooks/salesforce`, {
          method: 'POST',
          headers: { ...signedHeaders(''), 'content-length': '10000000' },
        })
        outgoing.once('response', (response) => {
          response.resume()
          const { statusCode = 0, headers } = response
          const written = outgoing.socket?.bytesWritten ?? 0
          resolve({ status: statusCode, connection: headers.connection ?? '', written })
        })
        outgoing.once('error', reject)
        // Not a byte of the body is sent.
        outgoing.flushHeaders()
      },
    )
    expect(sent).toMatchObject({ status: 413, connection: 'close' })
    expect(sent.written).toBeLessThan(2_000)
  })

  test('is refused where its length is not said, and where it is packed', async () => {
    const body = new ReadableStream({
      start(controller) {
        for (let n = 0; n < 100; n += 1) controller.enqueue(new Uint8Array(100_000).fill(0x20))
        controller.close()
      },
    })
    const options: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' }
    const chunked = await fetch(`${api.url}/webhooks/salesforce`, options).catch(() => null)
    // The connection may break before the answer has come.
    if (chunked !== null) expect(chunked.status).toBe(413)
    expect(await storedEvents(api.pool)).toEqual([])
  })
})

describe('the same delivery again', () => {
  const ids = async () => (await storedEvents(api.pool)).map(({ object_id }) => object_id)

  test('is answered 200, and nothing is stored', async () => {
    const at = now()
    await sendWebhook(api.url, UPDATE, { at })
    const again = await sendWebhook(api.url, UPDATE, { at })
    expect(again.status).toBe(200)
    expect(await again.json()).toMatchObject({
      ok: true,
      duplicate: true,
      events: 0,
      event_ids: [],
    })
    expect(await ids()).toHaveLength(1)
    // At another time it is another one.
    expect(await (await sendWebhook(api.url, UPDATE, { at: at - 1 })).json()).toMatchObject({
      duplicate: false,
    })
  })

  test.each(['X-Salesforce-Delivery-Id', 'webhook-id'])('is told by %s', async (header) => {
    const headers = { [header]: 'delivery-1' }
    await sendWebhook(api.url, UPDATE, { at: now() - 5, headers })
    const again = await sendWebhook(api.url, { ...UPDATE, ids: [accountId(2)] }, { headers })
    expect(await again.json()).toMatchObject({ duplicate: true })
    const other = { [header]: 'delivery-2' }
    expect(await (await sendWebhook(api.url, UPDATE, { headers: other })).json()).toMatchObject({
      duplicate: false,
    })
  })

  test('under another id in a header is the same, as nobody signed that', async () => {
    const at = now()
    const send = async (id: string, body: object = UPDATE) => {
      const answer = await sendWebhook(api.url, body, { at, headers: { 'webhook-id': id } })
      return z.object({ duplicate: z.boolean() }).parse(await answer.json()).duplicate
    }
    expect(await send('first')).toBe(false)
    expect([await send('made-up'), await send('first')]).toEqual([true, true])
    const without = await sendWebhook(api.url, UPDATE, { at })
    expect(await without.json()).toMatchObject({ duplicate: true })
    // An id that was made up is not used up by it.
    expect(await send('made-up', { ...UPDATE, ids: [accountId(2)] })).toBe(false)
    expect(await ids()).toHaveLength(2)
    // All at once, in one transaction or several.
    const other = { ...UPDATE, ids: [accountId(3)] }
    const sent = await Promise.all(
      Array.from({ length: 20 }, (_, n) => send(`at-once-${n}`, other)),
    )
    expect(sent.filter((duplicate) => !duplicate)).toHaveLength(1)
  })

  test('is told by the id in the body before that of a header', async () => {
    const body = { ...UPDATE, delivery_id: 'in the body'.replaceAll(' ', '-') }
    const headers = (id: string) => ({ 'webhook-id': id })
    await sendWebhook(api.url, body, { headers: headers('a') })
    const again = await sendWebhook(api.url, body, { headers: headers('b'), at: now() - 9 })
    expect(await again.json()).toMatchObject({ duplicate: true })
  })

  test('with other white space, where that is not signed, is the same', async () => {
    const at = now()
    const form = `{"event_type":"Account.updated","id":"${accountId(1)}"}`
    for (const body of [` ${form}`, form.replaceAll(',', ', '), form]) {
      expect((await sendWebhook(api.url, body, { at, form })).status).toBe(200)
    }
    expect(await ids()).toHaveLength(1)
  })

  test('many at once are one', async () => {
    const at = now()
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => sendWebhook(api.url, UPDATE, { at })),
    )
    const bodies = await Promise.all(answers.map((answer) => answer.json()))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect(bodies.filter((body) => !(body as { duplicate: boolean }).duplicate)).toHaveLength(1)
    expect(await ids()).toHaveLength(1)
  })

  test('of what was refused is none', async () => {
    const at = now()
    await sendWebhook(api.url, { ...UPDATE, ids: ['x'] }, { at, headers: { 'webhook-id': 'a' } })
    const good = await sendWebhook(api.url, UPDATE, { at, headers: { 'webhook-id': 'a' } })
    expect(await good.json()).toMatchObject({ duplicate: false })
  })
})

test('hundreds at once are all stored, in few transactions', async () => {
  const transactions = () =>
    api.pool.oneFirst(sql.type(row<{ n: number }>())`
      select count(distinct xmin::text) as n from salesforce_webhook_events`)
  const answers = await Promise.all(
    Array.from({ length: 300 }, (_, n) => sendWebhook(api.url, { ...UPDATE, ids: [accountId(n)] })),
  )
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  const stored = await storedEvents(api.pool)
  expect(new Set(stored.map(({ object_id }) => object_id)).size).toBe(300)
  expect(await transactions()).toBeLessThan(250)
})

test('what the database refuses of many at once does not hold up the others, and need not come again', async () => {
  await api.pool.query(sql.type(row<never>())`
    alter table salesforce_webhook_events add constraint poison check (object_type <> 'Poison__c')`)
  try {
    const send = (object: string, n: number) =>
      sendWebhook(api.url, { object, changeType: 'UPDATE', id: accountId(n) })
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) => send(n === 20 ? 'Poison__c' : 'Account', n)),
    )
    expect(answers.map(({ status }) => status)).toEqual(
      Array.from({ length: 40 }, (_, n) => (n === 20 ? 400 : 200)),
    )
    expect(await answers[20]?.json()).toMatchObject({
      ...{ ok: false, error: 'invalid_request' },
      message: expect.stringContaining('refuses'),
    })
    expect(await storedEvents(api.pool)).toHaveLength(39)
    expect(api.logged).toContainEqual(
      expect.objectContaining({ msg: 'the database refuses a webhook for good', level: 50 }),
    )
  } finally {
    await api.pool.query(sql.type(row<never>())`
      alter table salesforce_webhook_events drop constraint poison`)
  }
})

test('a day that has no partition is no fault of the webhook: it comes again', async () => {
  const other = await startTestApi()
  try {
    await other.pool.query(sql.type(row<never>())`
      do $$ declare day text; begin
        for day in select inhrelid::regclass from pg_inherits
          where inhparent = 'salesforce_webhook_events'::regclass
        loop execute 'drop table ' || day; end loop;
      end $$`)
    const answer = await sendWebhook(other.url, UPDATE)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2'])
  } finally {
    await other.stop()
  }
})

describe('{"test": true}', () => {
  test.each([
    ['signed', {}, true, null],
    ['not signed', { headers: { 'x-salesforce-signature': '' } }, false, 'signature_missing'],
    ['signed wrongly', { secret: 'another one of that length' }, false, 'signature_invalid'],
    ['signed long ago', { at: 1_700_000_000 }, false, 'timestamp_invalid'],
  ])('%s is answered 200, and nothing is stored', async (_, signing, valid, error) => {
    const answer = await sendWebhook(api.url, { ...UPDATE, test: true }, signing)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      ...{ ok: true, test: true, signature_valid: valid, signature_error: error },
      data: { test: true, signature_valid: valid },
    })
    expect(await storedEvents(api.pool)).toEqual([])
  })
})

describe('a body that does not come', () => {
  test('to its end is waited for as long as bodies may be silent, and ordinary ones are not held up', async () => {
    const slow = await startTestApi({ bodyIdleMs: 500, textBudget: NO_ROOM })
    try {
      const unfinished = [100, 20_000].map((length) => begin(slow, length))
      const good = await sendWebhook(slow.url, UPDATE)
      expect(good.status).toBe(200)
      expect(await Promise.all(unfinished)).toEqual([408, 408])
    } finally {
      await slow.stop()
    }
  })

  test('to its end, as the sender has left, is none', async () => {
    const outgoing = request(`${api.url}/webhooks/salesforce`, {
      method: 'POST',
      headers: { ...signedHeaders('{}'), 'content-length': '100' },
    })
    outgoing.on('error', () => {})
    outgoing.write('{"half":')
    await expect.poll(() => outgoing.socket?.bytesWritten ?? 0).toBeGreaterThan(100)
    outgoing.destroy()
    expect((await sendWebhook(api.url, UPDATE)).status).toBe(200)
    expect(await storedEvents(api.pool)).toHaveLength(1)
  })
})

/** Whatever is longer than a few bytes has to wait. */
const NO_ROOM = {
  ...{ smallBodyBytes: 10, smallBytes: 10, smallWaiters: 10, largeBytes: 10, largeWaiters: 10 },
  waitMs: 5_000,
}

/** Sends all but the last byte; gives the status of the answer. */
function begin({ url }: TestApi, length: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}/webhooks/salesforce`, {
      method: 'POST',
      headers: { ...signedHeaders('{}'), 'content-length': String(length) },
    })
    outgoing.once('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    outgoing.once('error', reject)
    outgoing.write(' '.repeat(length - 1))
  })
}
