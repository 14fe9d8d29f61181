import { sql } from 'slonik'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { shardOf, shardOfRecord } from '../../contracts/pump.ts'
import { DEFAULT_CONNECTION_ID, DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { type Database, openDatabase } from '../../db/database.ts'
import { row } from '../../db/row-type.ts'
import { createWebhookDeliveryQueueQueries } from '../../db/webhook-delivery-queue.ts'
import { createWebhookDeliveryResultQueries } from '../../db/webhook-delivery-results.ts'
import { createWebhookEndpointQueries, type EndpointNews } from '../../db/webhook-endpoints.ts'
import { createWebhookEventQueueQueries } from '../../db/webhook-event-queue.ts'
import { createWebhookFanOutQueries } from '../../db/webhook-fan-out.ts'
import { createWebhookTargetQueries } from '../../db/webhook-targets.ts'
import type { WorkspaceDatabase } from '../../db/workspace-database.ts'
import { createSealing, deriveSealingKey } from '../../security/sealing.ts'
import { createTestDatabase, type TestDatabase } from '../setup/database.ts'
import {
  addEvents,
  addSubscription,
  ENCRYPTION_KEY,
  type TestSubscription,
} from './webhook-setup.ts'

const HOLD_SECONDS = 30
const sealing = createSealing([deriveSealingKey(ENCRYPTION_KEY)])
let testDatabase: TestDatabase
let opened: Database
let database: WorkspaceDatabase

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  opened = await openDatabase({ url: testDatabase.databaseUrl, poolSize: 4, onError: () => {} })
  database = opened.workspace(DEFAULT_WORKSPACE_ID)
})
beforeEach(async () => {
  await testDatabase.pool.query(
    sql.type(row<never>())`truncate webhook_delivery_queue, webhook_endpoints`,
  )
})
afterAll(async () => {
  await opened.end()
  await testDatabase.drop()
})

async function subscription(given: Partial<TestSubscription> = {}) {
  const { id } = await addSubscription(testDatabase.pool, sealing, {
    url: 'https://example.com',
    ...given,
  })
  return { subscriptionId: id, shard: shardOf(id) }
}

/** One delivery of each record, in their order. */
async function queue(subscriptionId: string, objectIds: readonly string[]): Promise<void> {
  const createdAt = new Date()
  const pairs = objectIds.map((objectId, place) => ({
    event: { eventId: `evt_${place}`, createdAt, eventType: 'Account.updated', objectId },
    subscriptionId,
  }))
  await createWebhookFanOutQueries(database).insert(DEFAULT_WORKSPACE_ID, pairs)
}

/** What waits, in its order: the event, and whether it is behind another. */
function waiting() {
  return testDatabase.pool.any(sql.type(row<{ event_id: string; behind: boolean }>())`
    select event_id, due_at = 'infinity' as behind from webhook_delivery_queue order by sequence`)
}

test('what is behind a delivery that is ended is brought forward with its end', async () => {
  const endpoint = await subscription({ ordering: 'record' })
  await queue(endpoint.subscriptionId, ['A', 'B', 'A', 'A'])
  expect((await waiting()).map(({ behind }) => behind)).toEqual([false, false, true, true])
  const ended = await createWebhookDeliveryResultQueries(database).endWaiting(endpoint, {
    ...{ error: 'endpoint_disabled', onlyIfEnded: false, olderThanSeconds: null, limit: 1 },
  })
  expect(ended).toBe(1)
  expect(await waiting()).toEqual([
    { event_id: 'evt_1', behind: false },
    { event_id: 'evt_2', behind: false },
    { event_id: 'evt_3', behind: true },
  ])
})

test('a probe takes what was never sent first, and nothing that is behind another of its record', async () => {
  const endpoint = await subscription({ ordering: 'record' })
  await queue(endpoint.subscriptionId, ['A', 'A', 'B'])
  await testDatabase.pool.query(sql.type(row<never>())`
    update webhook_delivery_queue set attempts = 3, due_at = now() + interval '1 hour' where event_id = 'evt_0'`)
  const { claimForProbe } = createWebhookDeliveryQueueQueries(database)
  const claim = () => claimForProbe(endpoint, HOLD_SECONDS)
  expect((await claim())?.eventId).toBe('evt_2')
  expect((await claim())?.eventId).toBe('evt_0')
  // What is left is behind the one that is on its way.
  expect(await claim()).toBeNull()
})

test('an answer that was on its way does not end the pause that another asked for', async () => {
  const { subscriptionId, shard } = await subscription()
  const endpoints = createWebhookEndpointQueries(database)
  const heldUntil = new Date(Date.now() + 60_000)
  const news: EndpointNews = {
    ...{ subscriptionId, shard, failures: 0, slow: false, error: null },
    ...{ succeeded: false, status: 429, heldUntil },
  }
  await endpoints.note(DEFAULT_WORKSPACE_ID, [news])
  await endpoints.note(DEFAULT_WORKSPACE_ID, [
    { ...news, succeeded: true, status: 200, heldUntil: null },
  ])
  expect((await endpoints.get(subscriptionId))?.heldUntil).toEqual(heldUntil)
})

test('nobody looks after the trouble of an endpoint to which nothing is sent', async () => {
  const [troubled, deleted, paused] = [
    await subscription(),
    await subscription(),
    await subscription(),
  ]
  const endpoints = createWebhookEndpointQueries(database)
  for (const { subscriptionId, shard } of [troubled, deleted, paused]) {
    await endpoints.note(DEFAULT_WORKSPACE_ID, [
      {
        ...{ subscriptionId, shard, succeeded: false, failures: 5, slow: false },
        ...{ status: 500, error: 'http_status', heldUntil: null },
      },
    ])
    await endpoints.beginTrouble(subscriptionId, new Date(Date.now() - 120_000))
  }
  await testDatabase.pool.query(sql.type(row<never>())`
    update salesforce_webhook_subscriptions set deleted_at = now()
    where subscription_id = ${deleted.subscriptionId}`)
  await createWebhookTargetQueries(database).pause(paused.subscriptionId, 'Until noon')
  expect(await opened.system.pump.listOverdueEndpoints(60, 10)).toEqual([
    { subscriptionId: troubled.subscriptionId, workspaceId: DEFAULT_WORKSPACE_ID },
  ])
})

test('an endpoint that there is nothing to try with keeps what counts against it', async () => {
  const { subscriptionId, shard } = await subscription()
  const endpoints = createWebhookEndpointQueries(database)
  await endpoints.note(DEFAULT_WORKSPACE_ID, [
    {
      ...{ subscriptionId, shard, succeeded: false, failures: 5, slow: false },
      ...{ status: 500, error: 'http_status', heldUntil: null },
    },
  ])
  await endpoints.beginTrouble(subscriptionId, new Date())
  const before = await endpoints.get(subscriptionId)
  await endpoints.restFromTrouble(subscriptionId)
  expect(await endpoints.get(subscriptionId)).toEqual({
    ...before,
    ...{ troubledAt: null, nextProbeAt: null },
  })
})

test('as many events are taken as were asked for, however few there are', async () => {
  const objectId = '001000000000009AAA'
  const ids = await addEvents(
    testDatabase.pool,
    sealing,
    Array.from({ length: 5 }, () => ({ objectId })),
  )
  const { take } = createWebhookEventQueueQueries(database)
  const shard = shardOfRecord(DEFAULT_CONNECTION_ID, objectId)
  const takenIds = async () => (await take(shard, 2)).map(({ eventId }) => eventId)
  expect(await takenIds()).toEqual(ids.slice(0, 2))
  expect(await takenIds()).toEqual(ids.slice(2, 4))
})

const CLAIM = {
  ...{ caps: {}, busy: {}, slowNow: [], slow: false, holdSeconds: HOLD_SECONDS },
}

test('endpoints take turns: a long backlog is not ahead of what came later for another', async () => {
  const crowded = await subscription()
  let other = await subscription()
  while (other.shard !== crowded.shard) other = await subscription()
  await queue(
    crowded.subscriptionId,
    Array.from({ length: 20 }, (_, at) => `A${at}`),
  )
  await queue(other.subscriptionId, ['B'])
  const { claim } = opened.system.deliveries
  const [first] = await claim({
    ...{ ...CLAIM, shard: crowded.shard, perEndpoint: 10, limit: 1 },
    busy: { [crowded.subscriptionId]: 5 },
  })
  expect(first?.subscriptionId).toBe(other.subscriptionId)
  const rest = await claim({ ...CLAIM, shard: crowded.shard, perEndpoint: 3, limit: 10 })
  expect(rest.map(({ eventId }) => eventId)).toEqual(['evt_0', 'evt_1', 'evt_2'])
})

test('both forms of a record’s id are one record, in one pump', async () => {
  const endpoint = await subscription({ ordering: 'record' })
  await queue(endpoint.subscriptionId, ['001000000000001', '001000000000001AAA'])
  expect((await waiting()).map(({ behind }) => behind)).toEqual([false, true])
  expect(shardOfRecord('c', '001000000000001AAA')).toBe(shardOfRecord('c', '001000000000001'))
})

test('what waits for a subscription that was resumed meanwhile is not ended', async () => {
  const endpoint = await subscription()
  await queue(endpoint.subscriptionId, ['A'])
  const { endWaiting } = createWebhookDeliveryResultQueries(database)
  const ending = {
    error: 'endpoint_disabled',
    onlyIfEnded: true,
    olderThanSeconds: null,
    limit: 10,
  }
  expect(await endWaiting(endpoint, ending)).toBe(0)
  await createWebhookTargetQueries(database).disable(endpoint.subscriptionId, 'for the test')
  expect(await endWaiting(endpoint, ending)).toBe(1)
})
