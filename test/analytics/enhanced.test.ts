import { sql } from 'slonik'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EnhancedAnalyticsSchema } from '../../contracts/http/analytics.ts'
import { DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { createRealtimeAnalyticsQueries } from '../../db/realtime-analytics.ts'
import { postJson, startTestApi, type TestApi } from '../api/test-api.ts'
import {
  ENHANCED_FIELDS,
  type LegacyFields,
  missingFields,
  REALTIME_FIELDS,
} from './legacy-fields.ts'
import { fillMirror, rollUp, setPulled } from './mirror-contents.ts'
import { readSeededOrg } from './seeded-org.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})
afterAll(() => api.stop())

const PATH = '/api/salesforce/analytics/enhanced?user_id=ada'

async function ask(query = '') {
  const response = await fetch(api.url + PATH + query)
  expect(response.status).toBe(200)
  return EnhancedAnalyticsSchema.parse(await response.json())
}

// The tests go on from one another: an org that is not there yet is looked at first.
test('before anything was pulled every number is null, and says so', async () => {
  const { analytics, figures, as_of, cached } = await ask()
  expect({ as_of, cached }).toEqual({ as_of: null, cached: false })
  expect(analytics.pipeline_analytics).toMatchObject({
    ...{ total_pipeline_value: null, stage_breakdown: [] },
    conversion_rates: { negotiation_to_closed_won: null },
  })
  expect(analytics.lead_analytics).toMatchObject({ total_leads: null, conversion_rate: null })
  expect(figures['pipeline_analytics']).toMatchObject({
    total_pipeline_value: { value: null, reason: 'not_pulled_yet', basis: 'amount' },
  })
  expect(figures['account_analytics']).toMatchObject({
    total_accounts: { reason: 'not_pulled_yet' },
  })
  // Not kept: an hour later there may be something to tell.
  expect((await ask()).cached).toBe(false)
})

test('the first rollup, and after it nothing is missing', async () => {
  const org = await readSeededOrg(new Date().toISOString().slice(0, 10))
  for (const [object, shown] of org) await fillMirror(api.pool, object, shown)
  await setPulled(api.pool)
  expect(await rollUp(api.databaseUrl)).toBeGreaterThan(100)
  await createRealtimeAnalyticsQueries(api.pool).add(DEFAULT_WORKSPACE_ID, [
    { metricType: 'webhook_events_received', objectType: 'Account', value: 3 },
  ])
  const answer = await ask('&date_range=1y')
  expect(missingFields(answer, ENHANCED_FIELDS)).toEqual([])
  const { ok, data, ...flat } = answer
  expect(ok).toBe(true)
  expect(data).toEqual(flat)
  expect(answer.as_of).not.toBeNull()
})

test('an answer is kept, until there is something newer', async () => {
  const first = await ask('&type=pipeline')
  expect(first.cached).toBe(false)
  const again = await ask('&type=pipeline')
  expect(again).toMatchObject({ cached: true, generated_at: first.generated_at })
  expect(Object.keys(again.analytics)).toEqual(['pipeline_analytics'])
  expect((await ask('&type=pipeline&cache=false')).cached).toBe(false)

  const value = first.analytics.pipeline_analytics?.total_pipeline_value ?? 0
  await api.pool.query(sql.unsafe`
    update mirror_opportunities set amount = coalesce(amount, 0) + 1000 where id = (
      select id from mirror_opportunities where not is_closed order by id limit 1)`)
  expect(await rollUp(api.databaseUrl)).toBeGreaterThan(0)
  const refreshed = await ask('&type=pipeline')
  expect(refreshed.cached).toBe(true)
  expect(refreshed.analytics.pipeline_analytics?.total_pipeline_value).toBeCloseTo(value + 1_000)
  expect(await rollUp(api.databaseUrl)).toBe(0)
})

test('what is gone from the mirror is gone from the sums', async () => {
  const before = (await ask('&type=leads&date_range=1y&cache=false')).analytics.lead_analytics
  await api.pool.query(sql.unsafe`
    update mirror_leads set deleted_at = now() where id = (
      select id from mirror_leads where created_date > now() - interval '300 days' limit 1)`)
  await rollUp(api.databaseUrl)
  const after = (await ask('&type=leads&date_range=1y&cache=false')).analytics.lead_analytics
  expect(after?.total_leads).toBe((before?.total_leads ?? 0) - 1)
})

test('another time zone moves days, and every bucket with them', async () => {
  const buckets = () =>
    api.pool.oneFirst(sql.unsafe`
      select md5(string_agg(metric || bucket || key_kind || key || count || sum_amount, ',' order by
        metric, bucket, key_kind, key)) from analytics_buckets`)
  const inUtc = await buckets()
  await rollUp(api.databaseUrl, 'Pacific/Auckland')
  expect((await ask('&cache=false')).time_zone).toBe('Pacific/Auckland')
  expect(await buckets()).not.toBe(inUtc)
  await rollUp(api.databaseUrl, 'UTC')
  expect(await buckets()).toBe(inUtc)
})

test.each([
  ['', 'missing_user_id', 'user_id'],
  ['?user_id=ada&type=everything', 'invalid_type', 'comprehensive, pipeline, leads, accounts'],
  ['?user_id=ada&date_range=2y', 'invalid_date_range', '7d, 30d, 90d, 1y'],
  ['?user_id=ada&cache=maybe', 'bad_request', 'cache'],
])('%s is refused', async (query, error, part) => {
  const response = await fetch(`${api.url}/api/salesforce/analytics/enhanced${query}`)
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({
    ...{ ok: false, error },
    message: expect.stringContaining(part) as unknown,
  })
})

/** Routes whose answers callers of the replaced service read field by field. */
const LEGACY_ROUTES: readonly (readonly [path: string, fields: LegacyFields])[] = [
  [`${PATH}&date_range=1y`, ENHANCED_FIELDS],
  ['/api/salesforce/analytics/realtime?user_id=ada', REALTIME_FIELDS],
]

test.each(LEGACY_ROUTES)('%s has every field that callers know', async (path, fields) => {
  await postJson(`${api.url}/v1/bulk-jobs`, {
    ...{ object: 'Account', operation: 'insert', records: [{ Name: 'Acme' }] },
  })
  await storeEvent()
  const response = await fetch(api.url + path)
  expect(missingFields(await response.json(), fields)).toEqual([])
})

/** An event that a webhook could have brought. */
async function storeEvent(): Promise<void> {
  await api.pool.query(sql.unsafe`
    insert into salesforce_webhook_events (event_id, workspace_id, connection_id, event_type, object_type,
      object_id, change_type, changed_fields, payload, occurred_at, source, processed)
    values (${`webhook_test_${Date.now()}`}, ${DEFAULT_WORKSPACE_ID}, 'default', 'Account.created', 'Account',
      '001000000000001AAA', 'CREATE', '[]', '{}', now(), 'webhook', true)`)
}
