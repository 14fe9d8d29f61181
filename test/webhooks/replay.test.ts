import { createServer, type Server } from 'node:http'
import { sql } from 'slonik'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { EventReplayedSchema, type ReplayBody, ReplaySchema } from '../../contracts/http/replays.ts'
import { CreatedSubscriptionSchema } from '../../contracts/http/subscriptions.ts'
import { DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { replayWorkflowId } from '../../contracts/workflow-ids.ts'
import { row } from '../../db/row-type.ts'
import { createWebhookEventQueries } from '../../db/webhook-events.ts'
import { createWebhookReplayQueries } from '../../db/webhook-replays.ts'
import { createWorkflowStartQueries } from '../../db/workflow-starts.ts'
import { postJson, problemOf } from '../api/test-api.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'
import { addDelivery, addEvent } from './webhook-rows.ts'

const SINCE = new Date(Date.now() - 3_600_000)
const HOUR_AGO = { since: SINCE.toISOString() }

let conveyor: TestConveyor
let url: string
let receiver: Server
let hook: string
/** Ids that the receiver got, in their order. */
let received: string[]
beforeAll(async () => {
  conveyor = await startTestConveyor({
    environment: {
      SALESFORCE_TOKEN_ENCRYPTION_KEY: 'a key for replays that is long enough to be one',
      CONVEYOR_ALLOW_PRIVATE_ADDRESSES: 'true',
    },
  })
  await conveyor.startWorker()
  url = (await conveyor.startApi()).url
  received = []
  receiver = createServer((request, response) => {
    received.push(String(request.headers['webhook-id']))
    response.end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const address = receiver.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a port.')
  hook = `http://127.0.0.1:${address.port}/`
})
afterAll(async () => {
  receiver?.close()
  await conveyor.stop()
})
beforeEach(() => {
  received = []
})

const post = (path: string, body: unknown = {}) => postJson(`${url}${path}`, body)

async function subscribe(wanted: Record<string, unknown>): Promise<string> {
  const answer = await post('/v1/subscriptions', { callback_url: hook, ...wanted })
  expect(answer.status).toBe(201)
  return CreatedSubscriptionSchema.parse(await answer.json()).id
}

async function replayOf(answer: Response): Promise<ReplayBody> {
  expect(answer.status).toBe(202)
  return ReplaySchema.parse(await answer.json())
}

async function look(replayId: string): Promise<ReplayBody> {
  return ReplaySchema.parse(await (await fetch(`${url}/v1/replays/${replayId}`)).json())
}

async function waitForEnd(replayId: string): Promise<ReplayBody> {
  await until(async () => (await look(replayId)).state !== 'running', 60_000, 'the replay to end')
  return look(replayId)
}

/** How often each event was to be delivered by a replay. */
async function madeFor(subscriptionId: string): Promise<readonly (readonly [string, number])[]> {
  const found = await conveyor.pool.any(
    sql.type(row<{ event_id: string; times: number }>())`
    select event_id, count(*) as times from webhook_deliveries
    where subscription_id = ${subscriptionId} and origin = 'replay' group by 1 order by 1`,
  )
  return found.map(({ event_id, times }) => [event_id, times] as const)
}

const handleOf = (replayId: string) =>
  conveyor.temporal.client.workflow.getHandle(replayWorkflowId(conveyor.installationId, replayId))

/** Events as a pump leaves them, a few microseconds from one to the next. */
async function addMany(objectType: string, count: number): Promise<void> {
  await conveyor.pool.query(sql.type(row<never>())`
    insert into salesforce_webhook_events (event_id, workspace_id, source, event_type, object_type, object_id,
      change_type, payload, occurred_at, created_at, processed, processed_at, position)
    select 'evt_' || ${objectType} || n, 'default', 'webhook', ${objectType} || '.updated', ${objectType}, n::text,
      'updated', '{}', now(), now() - interval '10 minutes' + n * interval '7 microseconds', true, now(), n
    from generate_series(1, ${count}) n`)
}

test('an event is in the stream of every process as soon as it is processed', async () => {
  const stream = await fetch(`${url}/v1/events/stream`)
  const eventId = 'evt_streamed'
  await createWebhookEventQueries(conveyor.pool).insertAll([
    {
      ...{ eventId, workspaceId: DEFAULT_WORKSPACE_ID, connectionId: null, source: 'webhook' },
      ...{ eventType: 'Streamed__c.created', objectType: 'Streamed__c', objectId: 'a01' },
      ...{ changeType: 'created', changedFields: [], occurredAt: new Date(), requestId: null },
      ...{ payload: '{}', sealedPayload: null, shard: 0 },
    },
  ])
  let text = ''
  for await (const piece of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece
    if (text.includes(eventId)) break
  }
  expect(text).toMatch(/^id: \d+$/m)
})

test('what failed is delivered again, and what arrived after all is not', async () => {
  const id = await subscribe({ event_types: ['Recovered__c.*'] })
  const eventType = 'Recovered__c.updated'
  const old = { position: 1, eventType, secondsAgo: 600 }
  const lost = await addEvent(conveyor.pool, old)
  for (const secondsAgo of [500, 400]) {
    await addDelivery(conveyor.pool, lost, id, { state: 'failed', secondsAgo })
  }
  const resent = await addEvent(conveyor.pool, old)
  await addDelivery(conveyor.pool, resent, id, { state: 'failed', secondsAgo: 500 })
  await addDelivery(conveyor.pool, resent, id, { state: 'delivered', secondsAgo: 300 })
  const earlier = await addEvent(conveyor.pool, { ...old, secondsAgo: 8_000 })
  await addDelivery(conveyor.pool, earlier, id, { state: 'failed', secondsAgo: 7_900 })

  const replay = await replayOf(await post(`/v1/subscriptions/${id}/recover`, HOUR_AGO))
  const ended = await waitForEnd(replay.id)
  expect(ended).toMatchObject({
    state: 'completed',
    progress: { looked_at: 4, found: 1, queued: 1 },
  })
  await until(async () => received.length > 0, 30_000, 'the delivery')
  expect(received).toEqual([lost.eventId])
  expect(await madeFor(id)).toEqual([[lost.eventId, 1]])

  const again = await replayOf(await post(`/v1/subscriptions/${id}/recover`, HOUR_AGO))
  expect((await waitForEnd(again.id)).progress.queued).toBe(0)
})

test('a subscription gets what it missed: of its types, by its filter, and once', async () => {
  const add = (facts: Parameters<typeof addEvent>[1]) =>
    addEvent(conveyor.pool, {
      ...{ eventType: 'Missed__c.updated', position: 1, secondsAgo: 600 },
      ...facts,
    })
  const won = { record: { StageName: 'Won' } }
  const wanted = [await add({ payload: won }), await add({ payload: won })]
  const had = await add({ payload: won })
  await add({ payload: { record: { StageName: 'Lost' } } })
  await add({ payload: won, eventType: 'Missed__c.deleted' })
  await add({ payload: won, processed: false })
  // A test has no place in the stream.
  await conveyor.pool.query(sql.type(row<never>())`
    update salesforce_webhook_events set position = null
    where event_id = ${(await add({ payload: won })).eventId}`)
  const id = await subscribe({
    event_types: ['Missed__c.updated'],
    filter: { equals: { stagename: 'Won' } },
  })
  await addDelivery(conveyor.pool, had, id, { state: 'delivered' })

  const replay = await replayOf(await post(`/v1/subscriptions/${id}/replay-missing`, HOUR_AGO))
  expect((await waitForEnd(replay.id)).state).toBe('completed')
  await until(async () => received.length === 2, 30_000, 'both deliveries')
  expect(received.toSorted()).toEqual(wanted.map(({ eventId }) => eventId).toSorted())
  const again = await replayOf(await post(`/v1/subscriptions/${id}/replay-missing`, HOUR_AGO))
  expect((await waitForEnd(again.id)).progress.queued).toBe(0)
})

test('an event goes to all that match it now', async () => {
  const event = await addEvent(conveyor.pool, {
    ...{ eventType: 'Repeated__c.created', position: 1, changedFields: ['Name'] },
  })
  const one = await subscribe({ event_types: ['Repeated__c.*'] })
  const two = await subscribe({
    event_types: ['Repeated__c.created'],
    filter: { changed_fields: ['name'] },
  })
  const filtered = await subscribe({
    event_types: ['Repeated__c.*'],
    filter: { changed_fields: ['Phone'] },
  })
  const answer = await post(`/v1/events/${event.eventId}/replay`)
  const { replay } = EventReplayedSchema.parse(await answer.json())
  await waitForEnd(replay?.id ?? '')
  expect(await madeFor(one)).toEqual([[event.eventId, 1]])
  expect(await madeFor(two)).toEqual([[event.eventId, 1]])
  expect(await madeFor(filtered)).toEqual([])
})

test('no more than ten thousand wait; a cancelled replay ends, and what it made stays', async () => {
  await addMany('Many__c', 11_000)
  const id = await subscribe({ event_types: ['Many__c.*'], active: false })
  const replay = await replayOf(await post(`/v1/subscriptions/${id}/replay-missing`, HOUR_AGO))
  await until(async () => (await look(replay.id)).progress.queued >= 10_000, 60_000, 'the bound')
  const query = () =>
    handleOf(replay.id).query<{ waits: boolean; queued: number } | null>('progress')
  await until(async () => (await query())?.waits === true, 30_000, 'the wait')
  // A stretch may go beyond it.
  const bound = (await query())?.queued ?? 0
  expect(bound).toBeLessThan(10_500)
  expect((await look(replay.id)).state).toBe('running')

  const twice = await post(`/v1/subscriptions/${id}/replay-missing`, HOUR_AGO)
  expect((await problemOf(twice)).code).toBe('replay_running')
  await replayOf(await post(`/v1/replays/${replay.id}/cancel`))
  expect(await waitForEnd(replay.id)).toMatchObject({ state: 'cancelled', error: null })
  const late = await post(`/v1/replays/${replay.id}/cancel`)
  expect((await problemOf(late)).code).toBe('replay_ended')
  const made = await madeFor(id)
  expect(made).toHaveLength(bound)
  expect(made.every(([, times]) => times === 1)).toBe(true)
})

test('a run that is reset, and one that is started again, make nothing twice', async () => {
  await addMany('Reset__c', 1_200)
  const id = await subscribe({ event_types: ['Reset__c.*'], active: false })
  const replay = await replayOf(await post(`/v1/subscriptions/${id}/replay-missing`, HOUR_AGO))
  await waitForEnd(replay.id)
  const handle = handleOf(replay.id)
  await handle.result()
  const { events } = await handle.fetchHistory()
  const first = events?.find((event) => event.workflowTaskCompletedEventAttributes)
  await conveyor.temporal.client.connection.workflowService.resetWorkflowExecution({
    namespace: conveyor.temporal.namespace,
    workflowExecution: { workflowId: handle.workflowId },
    reason: 'a test',
    requestId: replay.id,
    workflowTaskFinishEventId: first?.eventId ?? null,
  })
  expect(await handle.result()).toMatchObject({ state: 'completed', queued: 1_200 })
  await conveyor.starters.startReplay({
    workspaceId: DEFAULT_WORKSPACE_ID,
    replayId: replay.id,
  })
  expect(await handle.result()).toMatchObject({ state: 'completed', queued: 1_200 })
  const made = await madeFor(id)
  expect(made).toHaveLength(1_200)
  expect(made.every(([, times]) => times === 1)).toBe(true)
})

test('two runs at once make nothing twice', async () => {
  await addMany('Doubled__c', 6_000)
  const id = await subscribe({ event_types: ['Doubled__c.*'], active: false })
  const { id: replayId } = await replayOf(
    await post(`/v1/subscriptions/${id}/replay-missing`, HOUR_AGO),
  )
  await until(async () => (await look(replayId)).progress.queued > 0, 30_000, 'a beginning')
  // The activity of the first run does not know yet, and goes on.
  await handleOf(replayId).terminate('started again')
  await conveyor.starters.startReplay({ workspaceId: DEFAULT_WORKSPACE_ID, replayId })
  expect(await waitForEnd(replayId)).toMatchObject({ progress: { queued: 6_000 } })
  const made = await madeFor(id)
  expect(made).toHaveLength(6_000)
  expect(made.every(([, times]) => times === 1)).toBe(true)
})

/** Accepted as the API accepts it, while Temporal is away. */
async function acceptUnstarted(subscriptionId: string): Promise<string> {
  const replayId = `rpl_${subscriptionId}`
  const workspaceId = DEFAULT_WORKSPACE_ID
  await createWebhookReplayQueries(conveyor.pool).insert({
    ...{ replayId, workspaceId, kind: 'missing', subscriptionId, eventId: null },
    ...{ since: SINCE, until: null, createdBy: null },
  })
  const workflowId = replayWorkflowId(conveyor.installationId, replayId)
  await createWorkflowStartQueries(conveyor.pool).insert(
    { workflowId, workspaceId, subjectId: replayId },
    0,
    'replay',
  )
  return replayId
}

test('what Temporal did not get is started by the sweeper', async () => {
  await addMany('Swept__c', 3)
  const id = await subscribe({ event_types: ['Swept__c.*'], active: false })
  const replayId = await acceptUnstarted(id)
  expect(await waitForEnd(replayId)).toMatchObject({ state: 'completed' })
  expect(await madeFor(id)).toHaveLength(3)
})

test('one that was cancelled in Temporal is cancelled; one that was terminated has failed', async () => {
  await addMany('Ended__c', 10_001)
  const ended: string[] = []
  for (const how of ['cancel', 'terminate'] as const) {
    const id = await subscribe({ event_types: ['Ended__c.*'], active: false })
    const { id: replayId } = await replayOf(
      await post(`/v1/subscriptions/${id}/replay-missing`, HOUR_AGO),
    )
    await until(async () => (await look(replayId)).progress.queued >= 10_000, 60_000, 'the bound')
    await handleOf(replayId)[how]()
    // The sweeper looks at it every 15 seconds.
    ended.push((await waitForEnd(replayId)).state)
  }
  expect(ended).toEqual(['cancelled', 'failed'])
})

test('one of a subscription that is deleted meanwhile ends, and says so', async () => {
  const id = await subscribe({ event_types: ['Many__c.*'], active: false })
  const { id: replayId } = await replayOf(
    await post(`/v1/subscriptions/${id}/replay-missing`, HOUR_AGO),
  )
  await until(async () => (await look(replayId)).progress.queued >= 10_000, 60_000, 'the bound')
  await fetch(`${url}/v1/subscriptions/${id}`, { method: 'DELETE' })
  const ended = await waitForEnd(replayId)
  expect(ended).toMatchObject({ state: 'failed', error: 'The subscription was deleted.' })
})
