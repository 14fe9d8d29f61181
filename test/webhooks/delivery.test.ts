import { sql } from 'slonik'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { row } from '../../db/row-type.ts'
import { createSealing, deriveSealingKey } from '../../security/sealing.ts'
import { signDelivery } from '../../security/sign-delivery.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
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
