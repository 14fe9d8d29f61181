import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  AdminCleanupSchema,
  AdminHealthSchema,
  AdminMetricsSchema,
} from '../../contracts/http/admin.ts'
import { LegacyErrorSchema } from '../../contracts/http/problem.ts'
import { RealtimeSchema } from '../../contracts/http/realtime.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import { row } from '../../db/row-type.ts'
import { startDatabaseProxy } from '../api/database-proxy.ts'
import { postJson, startTestApi, type TestApi } from '../api/test-api.ts'
import { addWorkspace } from '../tenancy/two-workspaces.ts'
import { addEvent } from '../webhooks/webhook-rows.ts'

const ADMIN = '/api/salesforce/admin'
/** Longer than a look at the readiness counts. */
const FRESH_MS = 1_100

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})
afterAll(() => api.stop())

const run = (query: ReturnType<typeof sql.fragment>) =>
  api.pool.query(sql.type(row<never>())`${query}`)

async function health(of: TestApi = api) {
  const answer = await fetch(`${of.url}${ADMIN}/health`)
  return { status: answer.status, body: await answer.json() }
}

async function errorOf(answer: Response) {
  const { error, message } = LegacyErrorSchema.parse(await answer.json())
  return { status: answer.status, error, message }
}

describe('health', () => {
  test('says how it is, with the words that callers know', async () => {
    await createConnectionQueries(api.pool).setApiUsage('default', { used: 40, limit: 100 })
    const { status, body } = await health()
    expect(status).toBe(200)
    const { data, ...flat } = AdminHealthSchema.strict().parse(body)
    expect(flat).toEqual({ ok: true, ...data })
    expect(data).toMatchObject({
      ...{ provider: 'salesforce_enhanced', version: '1.0', phase: 'phase1' },
      ...{ database: 'connected', configuration: 'valid', temporal: 'up' },
      features: { webhooks: true, bulk_api: true },
      quota: [{ connection_id: 'default', used: 40, limit: 100, left: 60 }],
      queue_ages: { events: null, deliveries: null, workflow_starts: null },
      synchronisation_lag: { seconds: null },
    })
    expect(data.pool.waiting).toBe(0)
    expect(data.pool.idle + data.pool.in_use).toBeGreaterThan(0)
  })

  test('tells the age of what waits, and not of what nobody may send', async () => {
    const { eventId } = await addEvent(api.pool, { secondsAgo: 600, processed: false })
    await run(sql.fragment`
      insert into webhook_event_queue (event_id, event_created_at, workspace_id, shard)
      select event_id, created_at, workspace_id, 2 from salesforce_webhook_events where event_id = ${eventId}`)
    for (const [id, paused] of [
      ['webhook_that_sends', null],
      ['webhook_that_is_paused', new Date().toISOString()],
    ] as const) {
      await run(sql.fragment`
        insert into salesforce_webhook_subscriptions (subscription_id, workspace_id, object_type, events,
          callback_url, secret, shard, paused_at)
        values (${id}, 'default', 'Account', '["*"]', 'https://example.com/', '', 1, ${paused})`)
      await run(sql.fragment`
        insert into webhook_delivery_queue (delivery_id, delivery_created_at, workspace_id, subscription_id, shard,
          event_id, event_created_at, attempts, due_at)
        values (${`dlv_of_${id}`}, now(), 'default', ${id}, 1, ${eventId}, now(), 1,
          now() - ${paused === null ? 300 : 900} * interval '1 second')`)
    }
    await run(sql.fragment`
      insert into workflow_starts (workflow_id, workspace_id, kind, subject_id, requested_at)
      values ('bulk-job/x', 'default', 'bulk-job', 'x', now() - interval '60 seconds')`)
    const { queue_ages: ages } = AdminHealthSchema.parse((await health()).body)
    expect(ages?.events).toBeCloseTo(600, -1)
    expect(ages?.deliveries).toBeCloseTo(300, -1)
    expect(ages?.workflow_starts).toBeCloseTo(60, -1)
  })

  test('tells how far the mirror is behind, where there is one, and not of connections that are gone', async () => {
    await run(sql.fragment`drop table if exists mirror_watermarks cascade`)
    expect((await health()).body).toMatchObject({ synchronisation_lag: { seconds: null } })
    await run(sql.fragment`create table mirror_watermarks (connection_id text, as_of timestamptz)`)
    await run(sql.fragment`grant select on mirror_watermarks to conveyor_app`)
    await run(sql.fragment`
      insert into connections (connection_id, workspace_id, name, revoked_at)
      values ('gone', 'default', 'Gone', now())`)
    await run(sql.fragment`
      insert into mirror_watermarks values ('default', now() - interval '20 seconds'),
        ('default', now() - interval '700 seconds'), ('gone', now() - interval '1 day')`)
    const { synchronisation_lag: lag } = AdminHealthSchema.parse((await health()).body)
    expect(lag.seconds).toBeCloseTo(700, -1)
    expect(lag.reason).toBeNull()
  })

  test('says that Temporal is away', async () => {
    api.temporal.isDown = true
    await new Promise((resolve) => setTimeout(resolve, FRESH_MS))
    expect((await health()).body).toMatchObject({ ok: true, temporal: 'down' })
    api.temporal.isDown = false
  })

  test('says that webhooks have no secret', async () => {
    const bare = await startTestApi({ webhooks: { ...api.settings.webhooks, secrets: [] } })
    expect((await health(bare)).body).toMatchObject({ configuration: 'missing_webhook_secret' })
    await bare.stop()
  })

  test('says that the database is away', async () => {
    let cut = async () => {}
    const cutOff = await startTestApi({}, async (databaseUrl) => {
      const proxy = await startDatabaseProxy(databaseUrl)
      cut = proxy.cut
      return proxy.databaseUrl
    })
    await cut()
    const { status, body } = await health(cutOff)
    expect(status).toBe(200)
    expect(body).toMatchObject({ database: 'disconnected', quota: null, queue_ages: null })
    await cutOff.stop()
  })

  test('is 503 before the migrations have run', async () => {
    const early = await startTestApi()
    await early.pool.query(sql.type(row<never>())`
      delete from conveyor_migrations where name like '0070%'`)
    const answer = await fetch(`${early.url}${ADMIN}/health`)
    expect(await errorOf(answer)).toMatchObject({ status: 503, error: 'service_not_initialized' })
    await early.stop()
  })
})

describe('metrics', () => {
  test('weigh each call alike, and name the users who used most', async () => {
    await run(sql.fragment`
      insert into salesforce_integration_metrics (workspace_id, metric_date, connection_id, user_id, api_calls,
        webhooks_received, bulk_jobs_created, records_processed, call_errors, record_errors, response_count,
        response_ms, response_buckets, bytes)
      select 'default', (now() at time zone 'utc')::date - 1, 'default', 'user ' || n, n, 1, 1, 10, 1, 2, n,
        n * 100, array[0, n], 1024
      from generate_series(1, 12) n
      union all
      select 'default', (now() at time zone 'utc')::date, 'default', null, 922, 0, 0, 0, 0, 0, 922, 922, array[922], 512`)
    const answer = await fetch(`${api.url}${ADMIN}/metrics`)
    expect(answer.status).toBe(200)
    const { data, ...flat } = AdminMetricsSchema.strict().parse(await answer.json())
    expect(flat).toEqual({ ok: true, ...data })
    expect(data.daily_metrics).toMatchObject([
      { total_api_calls: 78, total_webhooks: 12, total_bulk_jobs: 12, total_records: 120 },
      { total_api_calls: 922, avg_response_time: 1, p95_response_time: 50 },
    ])
    expect(data.daily_metrics[0]).toMatchObject({
      ...{
        total_errors: 36,
        avg_response_time: 100,
        p95_response_time: 100,
        data_transferred_kb: 12,
      },
    })
    // 78 calls of 100 ms and 922 of 1 ms: not the 50.5 of the two days' averages.
    expect(data.totals.avg_response_time).toBe(8.72)
    expect(data.top_users).toHaveLength(10)
    expect(data.top_users[0]).toMatchObject({ user_id: 'user 12', total_api_calls: 12 })
    expect(data.unattributed.total_api_calls).toBe(922)
    expect(data.error_breakdown[0]).toMatchObject({
      ...{ daily_errors: 36, call_errors: 12, record_errors: 24, event_errors: 0 },
    })
  })

  test('of one day hold nothing of another, nor of another workspace', async () => {
    await addWorkspace(api.pool, 'stranger')
    await run(sql.fragment`
      insert into salesforce_integration_metrics (workspace_id, metric_date, user_id, api_calls)
      values ('stranger', '2026-01-05', 'them', 5), ('default', '2026-01-05', 'us', 1),
        ('default', '2026-01-06', 'us', 1)`)
    const answer = await fetch(`${api.url}${ADMIN}/metrics?date_from=2026-01-05&date_to=2026-01-05`)
    const {
      period,
      daily_metrics: days,
      top_users: users,
    } = AdminMetricsSchema.parse(await answer.json())
    expect(period).toEqual({ from: '2026-01-05', to: '2026-01-05' })
    expect(days.map((day) => [day.metric_date, day.total_api_calls])).toEqual([['2026-01-05', 1]])
    expect(users.map((user) => user.user_id)).toEqual(['us'])
  })

  test.each([
    ['date_from=yesterday', 'date_from'],
    ['date_from=2026-02-30', 'date_from'],
    ['date_to=26-01-2026', 'date_to'],
    ['date_from=2026-02-02&date_to=2026-02-01', 'date_from'],
    ['date_from=2020-01-01&date_to=2026-01-01', 'date_from'],
  ])('of %s are refused, and the parameter is named', async (query, field) => {
    const { status, error, message } = await errorOf(
      await fetch(`${api.url}${ADMIN}/metrics?${query}`),
    )
    expect({ status, error }).toEqual({ status: 400, error: 'bad_request' })
    expect(message).toContain(field)
  })

  test('of today are in the answer about what goes on', async () => {
    const answer = await fetch(`${api.url}/api/salesforce/analytics/realtime`)
    const { realtime_metrics: metrics } = RealtimeSchema.parse(await answer.json())
    expect(metrics.daily_integration_metrics).toEqual({
      ...{ api_calls: 922, webhooks_received: 0, bulk_jobs_created: 0, records_processed: 0 },
      ...{ errors_count: 0, avg_response_time: 1 },
    })
  })
})

describe('cleanup', () => {
  test('removes what has expired and says how much, with tables that came later', async () => {
    await run(sql.fragment`
      insert into salesforce_webhook_activity_log (workspace_id, activity_type, created_at)
      select 'default', 'subscription.created', now() - n * interval '1 day' from generate_series(360, 369) n`)
    await run(sql.fragment`drop table if exists salesforce_predictive_insights cascade`)
    await run(sql.fragment`
      create table salesforce_predictive_insights (workspace_id text not null, valid_until timestamptz)`)
    await run(sql.fragment`
      grant select, delete on salesforce_predictive_insights to conveyor_app`)
    await run(sql.fragment`
      insert into salesforce_predictive_insights (workspace_id, valid_until)
      values ('default', now() - interval '1 minute'), ('default', now() + interval '1 hour')`)
    const answer = await postJson(`${api.url}${ADMIN}/cleanup`, {})
    expect(answer.status).toBe(200)
    const { data, ...flat } = AdminCleanupSchema.strict().parse(await answer.json())
    expect(flat).toEqual({ ok: true, ...data })
    // 366 to 369 days, whatever the length of the year before; one insight.
    expect([5, 6]).toContain(data.records_cleaned)
    const again = AdminCleanupSchema.parse(
      await (await postJson(`${api.url}${ADMIN}/cleanup`, {})).json(),
    )
    expect(again.records_cleaned).toBe(0)
    const noted = await api.pool.anyFirst(sql.type(row<{ n: number }>())`
      select (details->>'records_cleaned')::int as n from audit_log where action = 'cache.cleaned'
      order by entry_id`)
    expect(noted).toEqual([data.records_cleaned, 0])
  })

  test('that the database refuses says so, and removes nothing', async () => {
    await run(sql.fragment`revoke delete on salesforce_webhook_activity_log from conveyor_app`)
    const answer = await postJson(`${api.url}${ADMIN}/cleanup`, {})
    expect(await errorOf(answer)).toMatchObject({ status: 500, error: 'cleanup_failed' })
    await run(sql.fragment`grant delete on salesforce_webhook_activity_log to conveyor_app`)
  })
})
