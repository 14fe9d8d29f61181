import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deliveryBody } from '../../activities/delivery/delivery-body.ts'
import { CHANGE_TYPES, OWN_EVENT_TYPES } from '../../contracts/event-types.ts'
import { RealtimeSchema } from '../../contracts/http/realtime.ts'
import {
  EventReplayedSchema,
  ReplayListSchema,
  ReplaySchema,
} from '../../contracts/http/replays.ts'
import { CreatedSubscriptionSchema } from '../../contracts/http/subscriptions.ts'
import {
  DeliveryFoundSchema,
  DeliveryListSchema,
  DeliverySchema,
  EventFoundSchema,
  EventListSchema,
  EventTypeListSchema,
} from '../../contracts/http/webhook-events.ts'
import { createRealtimeAnalyticsQueries } from '../../db/realtime-analytics.ts'
import { row } from '../../db/row-type.ts'
import {
  accountDescribe,
  cacheDescribe,
  postJson,
  problemOf,
  startTestApi,
  type TestApi,
} from '../api/test-api.ts'
import { addDelivery, addEvent } from './webhook-rows.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})
afterAll(() => api.stop())

const get = (path: string) => fetch(`${api.url}${path}`)
const post = (path: string, body: unknown = {}) => postJson(`${api.url}${path}`, body)

async function subscribe(wanted: Record<string, unknown> = {}): Promise<string> {
  const answer = await post('/v1/subscriptions', {
    event_types: ['Account.*'],
    callback_url: 'https://example.com/hooks',
    ...wanted,
  })
  return CreatedSubscriptionSchema.parse(await answer.json()).id
}

async function deliveries(query: string) {
  const answer = await get(`/v1/deliveries?${query}`)
  expect(answer.status).toBe(200)
  return DeliveryListSchema.parse(await answer.json())
}

describe('the event log', () => {
  test('goes on where the page ended, also within a millisecond', async () => {
    // One statement has one time, to the microsecond.
    await api.pool.query(sql.type(row<never>())`
      insert into salesforce_webhook_events (event_id, workspace_id, source, event_type, object_type, object_id,
        change_type, payload, occurred_at, created_at)
      select 'evt_page_' || n, 'default', 'webhook', 'Paged.updated', 'Paged', '1', 'updated', '{}', now(),
        now() + n * interval '10 microseconds'
      from generate_series(1, 7) n`)
    const seen: string[] = []
    let cursor = ''
    do {
      const answer = await get(`/v1/events?object_type=Paged&limit=3${cursor}`)
      const page = EventListSchema.parse(await answer.json())
      seen.push(...page.events.map(({ id }) => id))
      cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`
    } while (cursor !== '')
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1].map((n) => `evt_page_${n}`))
  })

  test('finds events by what they are and how they stand', async () => {
    const failed = await addEvent(api.pool, {
      ...{ eventType: 'Filtered__c.created', objectId: 'a01', processed: false, error: 'refused' },
    })
    const pending = await addEvent(api.pool, {
      ...{ eventType: 'Filtered__c.created', objectId: 'a02', processed: false },
    })
    const list = async (query: string) => {
      const answer = await get(`/v1/events?object_type=Filtered__c&${query}`)
      return EventListSchema.parse(await answer.json()).events.map(({ id }) => id)
    }
    expect(await list('state=failed')).toEqual([failed.eventId])
    expect(await list('state=pending')).toEqual([pending.eventId])
    expect(await list('object_id=a02')).toEqual([pending.eventId])
    expect(await list('event_type=Filtered__c.deleted')).toEqual([])
    expect(await list(`until=${new Date(0).toISOString()}`)).toEqual([])
    expect((await problemOf(await get('/v1/events?objct_id=a'))).code).toBe('unknown_parameter')
  })

  test('shows the payload as it came, with the deliveries', async () => {
    const id = await subscribe()
    const event = await addEvent(api.pool, { payload: { record: { Name: 'Ada' } } })
    await api.pool.query(sql.type(row<never>())`
      update salesforce_webhook_events set payload = '{"big": 12345678901234567890.10}'
      where event_id = ${event.eventId}`)
    const { deliveryId } = await addDelivery(api.pool, event, id, { state: 'delivered' })
    const text = await (await get(`/v1/events/${event.eventId}`)).text()
    expect(text).toContain('12345678901234567890.10')
    const found = EventFoundSchema.parse(JSON.parse(text))
    expect(found.deliveries.map((each) => each.id)).toEqual([deliveryId])
    expect((await problemOf(await get('/v1/events/evt_nobody'))).code).toBe('event_not_found')
    expect((await problemOf(await get('/v1/events/%00'))).code).toBe('event_not_found')
  })
})

describe('the delivery log', () => {
  test('finds deliveries by each filter', async () => {
    const id = await subscribe()
    const other = await subscribe()
    const event = await addEvent(api.pool, { eventType: 'Account.deleted' })
    const failed = await addDelivery(api.pool, event, id, {
      state: 'failed',
      attempts: [{ error: 'tls', durationMs: 3 }],
    })
    const sent = await addDelivery(api.pool, event, id, {
      state: 'delivered',
      attempts: [{ error: null, durationMs: 3 }],
    })
    const elsewhere = await addDelivery(api.pool, event, other, { state: 'pending' })
    const ids = async (query: string) =>
      (await deliveries(`event_id=${event.eventId}&${query}`)).deliveries.map((each) => each.id)
    expect((await ids('')).toSorted()).toEqual(
      [failed, sent, elsewhere].map(({ deliveryId }) => deliveryId).toSorted(),
    )
    expect(await ids('state=failed')).toEqual([failed.deliveryId])
    expect(await ids('error=tls')).toEqual([failed.deliveryId])
    expect(await ids(`subscription_id=${other}`)).toEqual([elsewhere.deliveryId])
    expect(await ids('event_type=Account.created')).toEqual([])
    expect(await ids(`since=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual([])
    expect(await ids('origin=replay')).toEqual([])
    const first = await deliveries(`event_id=${event.eventId}&limit=2`)
    const second = await deliveries(
      `event_id=${event.eventId}&limit=2&cursor=${first.next_cursor ?? ''}`,
    )
    const paged = [...first.deliveries, ...second.deliveries].map((each) => each.id)
    expect(paged).toEqual(await ids(''))
    expect(second.next_cursor).toBeNull()
  })

  test('shows each attempt: what was sent, what was answered, and when it goes on', async () => {
    const id = await subscribe()
    const event = await addEvent(api.pool)
    const { deliveryId } = await addDelivery(api.pool, event, id, {
      state: 'pending',
      attempts: [
        { error: 'timeout', durationMs: 15_000 },
        { error: null, durationMs: 12, responseBody: '<b>fine</b>' },
      ],
    })
    const answer = await get(`/v1/deliveries/${deliveryId}`)
    const found = DeliveryFoundSchema.parse(await answer.json())
    expect(found.next_attempt_at).not.toBeNull()
    expect(found.attempt_log).toMatchObject([
      {
        number: 1,
        error: 'timeout',
        duration_ms: 15_000,
        response: null,
        request: { method: 'POST', bytes: 321, headers: { 'webhook-id': event.eventId } },
      },
      { number: 2, error: null, response: { status: 200, body: '<b>fine</b>' } },
    ])
    const missing = await get('/v1/deliveries/dlv_nobody')
    expect((await problemOf(missing)).code).toBe('delivery_not_found')
  })

  test('has one more delivery for a resend, of the same event', async () => {
    const id = await subscribe()
    const event = await addEvent(api.pool)
    const { deliveryId } = await addDelivery(api.pool, event, id, { state: 'delivered' })
    api.temporal.pumped.length = 0
    const answer = await post(`/v1/deliveries/${deliveryId}/resend`)
    expect(answer.status).toBe(202)
    const made = DeliverySchema.parse(await answer.json())
    expect(made).toMatchObject({
      ...{ event_id: event.eventId, subscription_id: id, origin: 'resend', state: 'pending' },
    })
    expect(made.id).not.toBe(deliveryId)
    expect(answer.headers.get('location')).toBe(`/v1/deliveries/${made.id}`)
    expect(api.temporal.pumped).toHaveLength(1)
    await fetch(`${api.url}/v1/subscriptions/${id}`, { method: 'DELETE' })
    const refused = await post(`/v1/deliveries/${deliveryId}/resend`)
    expect((await problemOf(refused)).code).toBe('subscription_not_found')
  })

  test('keeps the order of a record where a resend comes behind others', async () => {
    const id = await subscribe({ ordering: 'record' })
    const event = await addEvent(api.pool)
    const { deliveryId } = await addDelivery(api.pool, event, id, { state: 'delivered' })
    for (let time = 0; time < 2; time += 1) await post(`/v1/deliveries/${deliveryId}/resend`)
    const waiting = await api.pool.anyFirst(sql.type(row<{ behind: boolean }>())`
      select due_at = 'infinity' as behind from webhook_delivery_queue where subscription_id = ${id}
      order by sequence`)
    expect(waiting).toEqual([false, true])
  })
})

describe('a test event', () => {
  test('goes to its subscription alone, and takes no place in the stream', async () => {
    const id = await subscribe({ event_types: ['Contact.*', '*.deleted'] })
    const watching = await subscribe({ event_types: ['*'] })
    const answer = await post(`/v1/subscriptions/${id}/test`)
    expect(answer.status).toBe(202)
    const made = DeliverySchema.parse(await answer.json())
    expect(made).toMatchObject({ origin: 'test', event_type: 'Contact.updated', state: 'pending' })
    const found = await get(`/v1/events/${made.event_id}`)
    expect(EventFoundSchema.parse(await found.json())).toMatchObject({
      ...{ state: 'processed', position: null, source: 'conveyor' },
      payload: { test: true },
      deliveries: [{ subscription_id: id }],
    })
    expect((await deliveries(`subscription_id=${watching}`)).deliveries).toEqual([])
    const waiting = await api.pool.exists(sql.type(row<{ found: number }>())`
      select 1 as found from webhook_event_queue where event_id = ${made.event_id}`)
    expect(waiting).toBe(false)
  })

  test('may be of a type that was asked for, and of nothing else', async () => {
    const id = await subscribe()
    const asked = await post(`/v1/subscriptions/${id}/test`, { event_type: 'bulk_job.failed' })
    expect(DeliverySchema.parse(await asked.json()).event_type).toBe('bulk_job.failed')
    for (const event_type of ['Account.*', 'Account.x', '*']) {
      const refused = await post(`/v1/subscriptions/${id}/test`, { event_type })
      expect((await problemOf(refused)).code, event_type).toBe('invalid_event')
    }
    await post(`/v1/subscriptions/${id}/pause`)
    const paused = await post(`/v1/subscriptions/${id}/test`)
    expect((await problemOf(paused)).code).toBe('subscription_not_active')
  })
})

describe('the catalogue of types', () => {
  test('has what Conveyor tells of itself, and changes of known objects', async () => {
    await cacheDescribe(api.pool, 'My_Thing__c', accountDescribe())
    const all = EventTypeListSchema.parse(await (await get('/v1/event-types')).json())
    const types = all.event_types.map(({ event_type }) => event_type)
    expect(types).toEqual(expect.arrayContaining([...OWN_EVENT_TYPES]))
    for (const change of CHANGE_TYPES) expect(types).toContain(`My_Thing__c.${change}`)
    const one = await get('/v1/event-types?object=bulk_job')
    const listed = EventTypeListSchema.parse(await one.json()).event_types
    expect(listed.every(({ event_type }) => event_type.startsWith('bulk_job.'))).toBe(true)
  })

  test('shows bodies as they are sent', async () => {
    const answer = await get('/v1/event-types?object=Account')
    for (const { sample, event_type } of EventTypeListSchema.parse(await answer.json())
      .event_types) {
      const data = sample['data'] as Record<string, string> & { changed_fields: string[] }
      const sent = deliveryBody(
        {
          ...{ eventId: data['event_id'] ?? '', workspaceId: 'default', connectionId: null },
          ...{ source: 'webhook', eventType: event_type, objectType: data['object'] ?? '' },
          ...{ objectId: data['id'] ?? '', changeType: data['change_type'] ?? '' },
          changedFields: data.changed_fields,
          occurredAt: new Date(String(sample['timestamp'])),
          createdAt: new Date(),
        },
        JSON.stringify({ record: data['record'] }),
        { publicUrl: null },
      )
      expect(JSON.parse(sent)).toEqual(sample)
    }
  })
})

describe('asking for a replay', () => {
  test('is accepted though Temporal is down, once at a time', async () => {
    const id = await subscribe()
    api.temporal.isDown = true
    const since = new Date(Date.now() - 60_000).toISOString()
    const answer = await post(`/v1/subscriptions/${id}/recover`, { since })
    expect(answer.status).toBe(202)
    const replay = ReplaySchema.parse(await answer.json())
    expect(replay).toMatchObject({ kind: 'failed', subscription_id: id, state: 'running', since })
    const wish = await api.pool.one(
      sql.type(row<{ kind: string; subject_id: string; started: boolean }>())`
      select kind, subject_id, started_at is not null as started from workflow_starts
      where subject_id = ${replay.id}`,
    )
    expect(wish).toEqual({ kind: 'replay', subject_id: replay.id, started: false })
    const twice = await post(`/v1/subscriptions/${id}/recover`, { since })
    expect((await problemOf(twice)).code).toBe('replay_running')
    api.temporal.isDown = false
    const other = await post(`/v1/subscriptions/${id}/replay-missing`, { since })
    const missing = ReplaySchema.parse(await other.json())
    expect(api.temporal.started).toContain(missing.id)

    const listed = await get(`/v1/replays?subscription_id=${id}&state=running`)
    const ids = ReplayListSchema.parse(await listed.json()).replays.map((each) => each.id)
    expect(ids).toEqual([missing.id, replay.id])
    const cancelled = await post(`/v1/replays/${replay.id}/cancel`)
    expect(ReplaySchema.parse(await cancelled.json()).cancel_asked).toBe(true)
    expect(api.temporal.woken).toContain(replay.id)
  })

  test.each([
    [{}, 'since'],
    [{ since: 'yesterday' }, 'since'],
    [{ since: '2999-01-01T00:00:00Z' }, 'since'],
    [{ since: '2026-01-02T00:00:00Z', until: '2026-01-01T00:00:00Z' }, 'since'],
  ])('for %j is refused', async (asked, field) => {
    const id = await subscribe()
    const problem = await problemOf(await post(`/v1/subscriptions/${id}/recover`, asked))
    expect(problem.status).toBe(400)
    expect(problem.detail).toContain(field)
  })

  test('of a poison event puts it back into the queue, without its error', async () => {
    const event = await addEvent(api.pool, { processed: false, error: 'refused' })
    const answer = await post(`/v1/events/${event.eventId}/replay`)
    expect(EventReplayedSchema.parse(await answer.json())).toEqual({
      ...{ event_id: event.eventId, requeued: true, replay: null },
    })
    const queued = await api.pool.anyFirst(sql.type(row<{ id: string }>())`
      select event_id as id from webhook_event_queue where event_id = ${event.eventId}`)
    expect(queued).toEqual([event.eventId])
    const again = await post(`/v1/events/${event.eventId}/replay`)
    expect((await problemOf(again)).code).toBe('event_not_processed')
  })

  test('of a processed event is a replay to all', async () => {
    const event = await addEvent(api.pool)
    const answer = await post(`/v1/events/${event.eventId}/replay`)
    const { replay } = EventReplayedSchema.parse(await answer.json())
    expect(replay).toMatchObject({ kind: 'event', event_id: event.eventId, subscription_id: null })
    expect(api.temporal.started).toContain(replay?.id)
  })
})

test('what goes on now is told as ever', async () => {
  await createRealtimeAnalyticsQueries(api.pool).add('default', [
    { metricType: 'webhook_events_received', objectType: 'Account', value: 3 },
    { metricType: 'webhook_events_received', objectType: 'Lead', value: 4 },
  ])
  await addEvent(api.pool, { eventType: 'Latest__c.created' })
  const answer = await get('/api/salesforce/analytics/realtime?user_id=ada')
  const { realtime_metrics: metrics, data } = RealtimeSchema.parse(await answer.json())
  expect(metrics.last_24_hours).toEqual([
    { metric_type: 'webhook_events_received', total_value: 7, event_count: 2 },
  ])
  expect(metrics.webhook_events[0]).toMatchObject({ event_type: 'Latest__c.created' })
  expect(metrics.daily_integration_metrics).toEqual({})
  expect(data.realtime_metrics).toEqual(metrics)
})
