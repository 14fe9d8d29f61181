import { sql } from 'slonik'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { endpointWorkflowId } from '../../contracts/workflow-ids.ts'
import { row } from '../../db/row-type.ts'
import { subscriptionSecretContext } from '../../db/salesforce-webhook-subscriptions.ts'
import { createSealing, deriveSealingKey } from '../../security/sealing.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'
import { type Receiver, startReceiver } from './receiver.ts'
import { addEvents, addSubscription, ENCRYPTION_KEY } from './webhook-setup.ts'

const sealing = createSealing([deriveSealingKey(ENCRYPTION_KEY)])
let conveyor: TestConveyor

beforeAll(async () => {
  conveyor = await startTestConveyor({
    environment: {
      SALESFORCE_TOKEN_ENCRYPTION_KEY: ENCRYPTION_KEY,
      NODE_ENV: 'test',
      CONVEYOR_ALLOW_PRIVATE_ADDRESSES: 'true',
      CONVEYOR_DELIVERY_RETRY_SCHEDULE: '0.3,1,600,600',
      CONVEYOR_DELIVERY_TIMEOUT: '2',
    },
  })
  await conveyor.startWorker({ WORKER_QUEUES: 'conveyor,pump' })
})
afterAll(() => conveyor.stop())

test('signatures hold by the library of Standard Webhooks, with the old secret too while it counts', async () => {
  const endpoint = await startReceiver()
  try {
    const { id, secret } = await addSubscription(conveyor.pool, sealing, {
      ...{ url: endpoint.url, patterns: ['signed__c.*'] },
    })
    const old = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
    const sealed = sealing.seal(subscriptionSecretContext(id, 'previous_secret'), Buffer.from(old))
    await conveyor.pool.query(sql.type(row<never>())`
      update salesforce_webhook_subscriptions set previous_secret = ${sql.binary(sealed)},
        previous_secret_expires_at = now() + interval '1 hour' where subscription_id = ${id}`)
    await send(endpoint, 1, 'Signed__c')
    for (const key of [secret, old]) expect(verified(endpoint, key)).toMatchObject({ version: '1' })
    await conveyor.pool.query(sql.type(row<never>())`
      update salesforce_webhook_subscriptions set previous_secret_expires_at = now() where subscription_id = ${id}`)
    await send(endpoint, 2, 'Signed__c')
    expect(verified(endpoint, secret)).toMatchObject({ version: '1' })
    expect(() => verified(endpoint, old)).toThrow('No matching signature')
  } finally {
    await endpoint.close()
  }
})

test('a subscription whose secret does not open holds nobody up, and its deliveries say why', async () => {
  const [healthy, other] = await Promise.all([startReceiver(), startReceiver()])
  try {
    const foreign = createSealing([deriveSealingKey('a key that this installation never had')])
    const patterns = ['sealed__c.*']
    const { id } = await addSubscription(conveyor.pool, foreign, { url: other.url, patterns })
    await addSubscription(conveyor.pool, sealing, { url: healthy.url, patterns })
    await addEvents(conveyor.pool, sealing, [{ objectType: 'Sealed__c' }])
    await expect.poll(() => healthy.received.length).toBe(1)
    await expect
      .poll(() =>
        conveyor.pool.anyFirst(sql.type(row<{ error_message: string }>())`
          select distinct error_message from webhook_delivery_attempts where subscription_id = ${id}`),
      )
      .toEqual(['The secret that signs it does not open.'])
    expect(other.received).toEqual([])
  } finally {
    await Promise.all([healthy.close(), other.close()])
  }
})

test('a delivery that is always refused does not keep its endpoint from others, and a pause keeps probes away', async () => {
  const endpoint = await startReceiver()
  try {
    endpoint.answer(({ body }, response) => {
      response.writeHead(body.includes('poison') ? 422 : 204).end()
    })
    const { id } = await addSubscription(conveyor.pool, sealing, {
      ...{ url: endpoint.url, patterns: ['poisoned__c.*'] },
    })
    await addEvents(conveyor.pool, sealing, [
      { objectType: 'Poisoned__c', record: { Name: 'poison' } },
    ])
    const workflow = conveyor.temporal.client.workflow.getHandle(
      endpointWorkflowId(conveyor.installationId, id),
    )
    // Its attempt, its retry and the first probe: the next one is ten minutes away.
    await until(() => Promise.resolve(endpoint.received.length === 3), 20_000)
    await until(async () => (await failedProbes(id)) === 1, 20_000)
    await conveyor.pool.query(sql.type(row<never>())`
      update salesforce_webhook_subscriptions set paused_at = now() where subscription_id = ${id}`)
    await workflow.signal('retryNow')
    // Looked at, and found paused: no attempt follows.
    await until(async () => (await probesOf(workflow.workflowId)) === 2, 20_000)
    expect(endpoint.received).toHaveLength(3)
    await conveyor.pool.query(sql.type(row<never>())`
      update salesforce_webhook_subscriptions set paused_at = null where subscription_id = ${id}`)
    await addEvents(conveyor.pool, sealing, [{ objectType: 'Poisoned__c' }])
    await until(async () => (await waitingOf(id)) === 2, 20_000)
    await workflow.signal('retryNow')
    expect(await workflow.result()).toEqual({ outcome: 'recovered' })
  } finally {
    await endpoint.close()
  }
})

async function send(endpoint: Receiver, count: number, objectType: string): Promise<void> {
  await addEvents(conveyor.pool, sealing, [{ objectType }])
  await expect.poll(() => endpoint.received.length).toBe(count)
}

function verified({ received }: Receiver, secret: string): unknown {
  const last = received[received.length - 1]
  // Node's headers, of which these three are one text each.
  const headers = last?.headers as Record<string, string>
  return new Webhook(secret).verify(last?.body ?? '', headers)
}

function failedProbes(subscriptionId: string): Promise<number | null> {
  return conveyor.pool.maybeOneFirst(sql.type(row<{ failed_probes: number }>())`
    select failed_probes from webhook_endpoints where subscription_id = ${subscriptionId}`)
}

async function waitingOf(subscriptionId: string): Promise<number> {
  return conveyor.pool.oneFirst(sql.type(row<{ waiting: number }>())`
    select count(*) as waiting from webhook_delivery_queue where subscription_id = ${subscriptionId}`)
}

/** Probes that have ended. */
async function probesOf(workflowId: string): Promise<number> {
  const { events } = await conveyor.temporal.client.workflow.getHandle(workflowId).fetchHistory()
  const scheduled = new Set(
    (events ?? [])
      .filter(
        ({ activityTaskScheduledEventAttributes: asked }) =>
          asked?.activityType?.name === 'probeEndpoint',
      )
      .map(({ eventId }) => String(eventId)),
  )
  return (events ?? []).filter(({ activityTaskCompletedEventAttributes: done }) =>
    scheduled.has(String(done?.scheduledEventId)),
  ).length
}
