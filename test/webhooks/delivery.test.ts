import { sql } from 'slonik'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { endpointWorkflowId } from '../../contracts/workflow-ids.ts'
import { row } from '../../db/row-type.ts'
import { createSealing, deriveSealingKey } from '../../security/sealing.ts'
import { signDelivery } from '../../security/sign-delivery.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'
import { type Receiver, startReceiver } from './receiver.ts'
import { addEvents, addSubscription, ENCRYPTION_KEY } from './webhook-setup.ts'

const sealing = createSealing([deriveSealingKey(ENCRYPTION_KEY)])
let conveyor: TestConveyor
const receivers: Receiver[] = []

beforeAll(async () => {
  conveyor = await startTestConveyor({
    environment: {
      SALESFORCE_TOKEN_ENCRYPTION_KEY: ENCRYPTION_KEY,
      NODE_ENV: 'test',
      CONVEYOR_ALLOW_PRIVATE_ADDRESSES: 'true',
      CONVEYOR_DELIVERY_RETRY_SCHEDULE: '0.3,1,2,3,4,5,6',
      CONVEYOR_DELIVERY_TIMEOUT: '2',
    },
  })
  await conveyor.startWorker({ WORKER_QUEUES: 'conveyor,pump' })
})
afterEach(async () => {
  // What is still to be taken in would go to the subscriptions of the next test.
  await until(
    async () =>
      !(await conveyor.pool.exists(sql.type(row<never>())`select from webhook_event_queue`)),
    10_000,
  )
  for (const receiver of receivers.splice(0)) await receiver.close()
  await conveyor.pool.query(sql.type(row<never>())`
    update salesforce_webhook_subscriptions set deleted_at = now() where deleted_at is null`)
})
afterAll(() => conveyor.stop())

async function receiver(): Promise<Receiver> {
  const started = await startReceiver()
  receivers.push(started)
  return started
}

test('an event goes to every subscription of its type, signed, with its record', async () => {
  const [first, second, other] = await Promise.all([receiver(), receiver(), receiver()])
  const subscription = await addSubscription(conveyor.pool, sealing, { url: first.url })
  await addSubscription(conveyor.pool, sealing, { url: second.url, patterns: ['*'] })
  await addSubscription(conveyor.pool, sealing, { url: other.url, patterns: ['contact.*'] })
  const [eventId = ''] = await addEvents(conveyor.pool, sealing, [
    { objectId: '001000000000001AAA', record: { Name: 'Acme', AnnualRevenue: 1 } },
  ])
  await expect.poll(() => [first, second].map(({ received }) => received.length)).toEqual([1, 1])
  expect(other.received).toEqual([])
  const [got] = first.received
  expect(JSON.parse(got?.body ?? '')).toMatchObject({
    type: 'Account.updated',
    data: {
      event_id: eventId,
      object: 'Account',
      id: '001000000000001AAA',
      change_type: 'updated',
      changed_fields: ['Name'],
      record: { Name: 'Acme', AnnualRevenue: 1 },
    },
    event_type: 'Account.updated',
    object_id: '001000000000001AAA',
  })
  const at = new Date(Number(got?.headers['webhook-timestamp']) * 1_000)
  expect(got?.headers).toMatchObject(
    signDelivery([subscription.secret], eventId, at, got?.body ?? ''),
  )
  await expect
    .poll(() =>
      conveyor.pool.one(sql.type(row<{ states: string[]; processed: boolean; attempts: number }>())`
        select (select jsonb_agg(state) from webhook_deliveries where event_id = ${eventId}) as states,
          (select processed and position > 0 from salesforce_webhook_events where event_id = ${eventId}) as processed,
          (select count(*) from webhook_delivery_attempts where event_id = ${eventId}) as attempts`),
    )
    .toEqual({ states: ['delivered', 'delivered'], processed: true, attempts: 2 })
})

test('a filter sees the changed fields and the record, and nothing that the event does not carry', async () => {
  const [byField, byValue] = await Promise.all([receiver(), receiver()])
  const filters = [
    { url: byField.url, filter: { changed_fields: ['StageName'] } },
    { url: byValue.url, filter: { equals: { Industry: 'Energy' } } },
  ]
  for (const given of filters) await addSubscription(conveyor.pool, sealing, given)
  await addEvents(conveyor.pool, sealing, [
    { objectId: '001000000000002AAA', changedFields: ['stagename'] },
    { objectId: '001000000000003AAA', record: { Industry: 'Energy' } },
    { objectId: '001000000000004AAA', record: { Industry: 'Retail' } },
  ])
  await expect.poll(() => idsOf(byField)).toEqual(['001000000000002AAA'])
  await expect.poll(() => idsOf(byValue)).toEqual(['001000000000003AAA'])
})

test('a failed attempt goes again by the schedule, and each is on record with what was answered', async () => {
  const endpoint = await receiver()
  let asked = 0
  endpoint.answer((_request, response) => {
    asked += 1
    response.writeHead(asked === 1 ? 500 : 200).end(asked === 1 ? 'not now\0' : 'ok')
  })
  await addSubscription(conveyor.pool, sealing, { url: endpoint.url })
  const [eventId = ''] = await addEvents(conveyor.pool, sealing, [{}])
  await expect.poll(() => endpoint.received.length).toBe(2)
  const [first, second] = endpoint.received
  // The same bytes under the same id, so that receivers can tell; each signed anew.
  expect(second?.body).toBe(first?.body)
  expect(second?.headers['webhook-id']).toBe(eventId)
  await expect
    .poll(() =>
      conveyor.pool.any(sql.type(row<AttemptOnRecord>())`
        select number, status, error, response_body, next_attempt_at is not null as goes_again
        from webhook_delivery_attempts where event_id = ${eventId} order by number`),
    )
    .toEqual([
      {
        number: 1,
        status: 500,
        error: 'http_status',
        response_body: 'not now\ufffd',
        goes_again: true,
      },
      { number: 2, status: 200, error: null, response_body: 'ok', goes_again: false },
    ])
})

test('an endpoint that asks for a pause gets it, and loses no attempt for it', async () => {
  const endpoint = await receiver()
  endpoint.answer((_request, response) => {
    const early = endpoint.received.length < 3
    response.writeHead(early ? 429 : 204, early ? { 'retry-after': '1' } : {}).end()
  })
  // An object of its own: an event of an earlier test may still wait for a pump, and would come here too.
  const { id } = await addSubscription(conveyor.pool, sealing, {
    ...{ url: endpoint.url, patterns: ['lead.*'] },
  })
  await addEvents(conveyor.pool, sealing, [{ objectType: 'Lead' }])
  await expect.poll(() => endpoint.received.length).toBe(3)
  const [first, second] = endpoint.received
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(900)
  await expect.poll(() => deliveriesOf(id)).toEqual([{ state: 'delivered', attempts: 3 }])
  const endpointRow = await conveyor.pool.one(
    sql.type(row<{ troubled: boolean; failures: number }>())`
    select troubled_at is not null as troubled, consecutive_failures as failures
    from webhook_endpoints where subscription_id = ${id}`,
  )
  expect(endpointRow).toEqual({ troubled: false, failures: 0 })
})

test('an endpoint that is gone is disabled, and its owner told', async () => {
  const [gone, owner] = await Promise.all([receiver(), receiver()])
  gone.answer((_request, response) => response.writeHead(410).end())
  const { id } = await addSubscription(conveyor.pool, sealing, { url: gone.url })
  await addSubscription(conveyor.pool, sealing, { url: owner.url, patterns: ['endpoint.*'] })
  const events = await addEvents(conveyor.pool, sealing, [{}])
  await expect.poll(() => owner.received.length).toBe(1)
  expect(JSON.parse(owner.received[0]?.body ?? '')).toMatchObject({
    type: 'endpoint.disabled',
    data: { id, record: { subscription_id: id, last_status: 410 } },
  })
  await addEvents(conveyor.pool, sealing, [{}])
  await expect.poll(() => pendingOf(id)).toBe(0)
  expect(gone.received.map(({ headers }) => headers['webhook-id'])).toEqual(events)
})

test('an endpoint that keeps failing is left to a workflow, which brings it back', async () => {
  const [endpoint, owner] = await Promise.all([receiver(), receiver()])
  let broken = true
  endpoint.answer((_request, response) => response.writeHead(broken ? 503 : 204).end())
  const { id } = await addSubscription(conveyor.pool, sealing, { url: endpoint.url })
  await addSubscription(conveyor.pool, sealing, { url: owner.url, patterns: ['endpoint.*'] })
  const events = await addEvents(conveyor.pool, sealing, [{}, {}, {}])
  await expect.poll(() => typesOf(owner)).toEqual(['endpoint.failing'])
  const workflow = conveyor.temporal.client.workflow.getHandle(
    endpointWorkflowId(conveyor.installationId, id),
  )
  expect((await workflow.describe()).status.name).toBe('RUNNING')
  broken = false
  await workflow.signal('retryNow')
  expect(await workflow.result()).toEqual({ outcome: 'recovered' })
  await expect.poll(() => typesOf(owner)).toEqual(['endpoint.failing', 'endpoint.recovered'])
  await expect.poll(() => deliveredTo(id)).toBe(events.length)
})

test('deliveries of one record go in order, each after the one before', async () => {
  const endpoint = await receiver()
  let failed = false
  endpoint.answer((request, response) => {
    // The first one has to go twice: what follows waits.
    const fails = !failed && request.body.includes('"place":0')
    failed ||= fails
    setTimeout(() => response.writeHead(fails ? 500 : 204).end(), 20)
  })
  const { id } = await addSubscription(conveyor.pool, sealing, {
    ...{ url: endpoint.url, ordering: 'record', concurrency: 20 },
  })
  const record = '001000000000005AAA'
  for (let place = 0; place < 6; place += 1) {
    await addEvents(conveyor.pool, sealing, [{ objectId: record, record: { place } }, {}])
  }
  await expect.poll(() => deliveredTo(id)).toBe(12)
  const places = endpoint.received
    .map(
      ({ body }) => JSON.parse(body) as { object_id: string; data: { record: { place: number } } },
    )
    .filter(({ object_id }) => object_id === record)
    .map(({ data }) => data.record.place)
  expect(places).toEqual([0, 0, 1, 2, 3, 4, 5])
})

test('an event that the database refuses is set aside, and the others go on', async () => {
  const endpoint = await receiver()
  await addSubscription(conveyor.pool, sealing, { url: endpoint.url })
  await conveyor.pool.query(sql.type(row<never>())`
    create function refuse_poison() returns trigger language plpgsql as $$
    begin
      if new.object_id = '001000000000666AAA' then raise exception 'poison'; end if;
      return new;
    end $$`)
  await conveyor.pool.query(sql.type(row<never>())`
    create trigger refuse_poison before insert on webhook_deliveries
    for each row execute function refuse_poison()`)
  try {
    const healthy = Array.from({ length: 40 }, () => ({}))
    const poison = { objectId: '001000000000666AAA' }
    const ids = await addEvents(conveyor.pool, sealing, [
      ...healthy.slice(0, 17),
      poison,
      ...healthy.slice(17),
    ])
    await expect.poll(() => endpoint.received.length).toBe(40)
    await expect
      .poll(() =>
        conveyor.pool.one(sql.type(row<{ processed: boolean; error: string | null }>())`
          select processed, error from salesforce_webhook_events where event_id = ${ids[17] ?? ''}`),
      )
      .toEqual({ processed: false, error: expect.stringContaining('poison') })
  } finally {
    await conveyor.pool.query(sql.type(row<never>())`drop function refuse_poison() cascade`)
  }
})

test('a rate is kept', async () => {
  const endpoint = await receiver()
  const { id } = await addSubscription(conveyor.pool, sealing, {
    url: endpoint.url,
    ratePerSecond: 5,
  })
  await addEvents(
    conveyor.pool,
    sealing,
    Array.from({ length: 16 }, () => ({})),
  )
  await expect.poll(() => deliveredTo(id)).toBe(16)
  const times = endpoint.received.map(({ at }) => at)
  // Five at once, and eleven more at five a second.
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(2_000)
})

test('a record that would make a delivery too large is left out, and the delivery says where it is', async () => {
  const endpoint = await receiver()
  await addSubscription(conveyor.pool, sealing, { url: endpoint.url })
  const [eventId = ''] = await addEvents(conveyor.pool, sealing, [
    { record: { Description: 'x'.repeat(30_000) } },
  ])
  await expect.poll(() => endpoint.received.length).toBe(1)
  const body = JSON.parse(endpoint.received[0]?.body ?? '') as { data: Record<string, unknown> }
  expect(body.data).not.toHaveProperty('record')
  expect(body.data).toMatchObject({ record_omitted: true, url: `/v1/events/${eventId}` })
})

interface AttemptOnRecord {
  readonly number: number
  readonly status: number | null
  readonly error: string | null
  readonly response_body: string | null
  readonly goes_again: boolean
}

function idsOf({ received }: Receiver): string[] {
  return received.map(({ body }) => (JSON.parse(body) as { object_id: string }).object_id)
}

function typesOf({ received }: Receiver): string[] {
  return received.map(({ body }) => (JSON.parse(body) as { type: string }).type)
}

function deliveriesOf(subscriptionId: string) {
  return conveyor.pool.any(sql.type(row<{ state: string; attempts: number }>())`
    select state, attempts from webhook_deliveries where subscription_id = ${subscriptionId}`)
}

async function deliveredTo(subscriptionId: string): Promise<number> {
  return (await deliveriesOf(subscriptionId)).filter(({ state }) => state === 'delivered').length
}

function pendingOf(subscriptionId: string): Promise<number> {
  return conveyor.pool.oneFirst(sql.type(row<{ waiting: number }>())`
    select count(*) as waiting from webhook_delivery_queue where subscription_id = ${subscriptionId}`)
}
