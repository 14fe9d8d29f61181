import { sql } from 'slonik'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eraseMirror } from '../../activities/mirror/erase-mirror.ts'
import { EnhancedAnalyticsSchema, RollupSchema } from '../../contracts/http/analytics.ts'
import { DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { openDatabase } from '../../db/database.ts'
import { refresh } from '../mirror/mirrored.ts'
import { createRecords } from '../mirror/org-records.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'

let conveyor: TestConveyor
let url: string
beforeAll(async () => {
  conveyor = await startTestConveyor()
  const [api] = await Promise.all([conveyor.startApi(), conveyor.startWorker()])
  url = api.url
})
afterAll(() => conveyor.stop())

async function pipelineValue(): Promise<number | null | undefined> {
  const path = '/api/salesforce/analytics/enhanced?user_id=ada&type=pipeline&cache=false'
  const answer = EnhancedAnalyticsSchema.parse(await (await fetch(url + path)).json())
  return answer.analytics.pipeline_analytics?.total_pipeline_value
}

async function rollup(method = 'GET', path = '') {
  const answer = await fetch(`${url}/v1/connections/default/analytics${path}`, { method })
  return { status: answer.status, body: RollupSchema.parse(await answer.json()) }
}

test('a pull of the org ends in its analytics, and all of it can be computed anew', async () => {
  expect((await rollup()).body).toMatchObject({ as_of: null, computed_at: null, waiting_days: 0 })
  const records = await createRecords(conveyor)
  await records.insert('Opportunity', 12, (n) => ({
    ...{ Name: `Deal ${n}`, StageName: 'Prospecting', CloseDate: '2030-12-31' },
    Amount: 100,
  }))
  await refresh(url)
  await expect.poll(pipelineValue).toBe(1_200)

  const before = (await rollup()).body.computed_at
  const { status, body } = await rollup('POST', '/rebuild')
  expect(status).toBe(202)
  expect(body.waiting_days).toBeGreaterThan(0)
  await expect
    .poll(async () => (await rollup()).body)
    .toMatchObject({ waiting_days: 0, backfill: null })
  await expect.poll(async () => (await rollup()).body.computed_at).not.toBe(before)
  expect(await pipelineValue()).toBe(1_200)
})

test('what was made of a mirror goes with it', async () => {
  const database = await openDatabase({
    ...{ url: conveyor.environment['DATABASE_URL'] ?? '', poolSize: 1 },
    onError: () => {},
  })
  try {
    expect(await rowsLeft()).toBeGreaterThan(0)
    await eraseMirror(database.workspace(DEFAULT_WORKSPACE_ID), 'default', async () => {})
    expect(await rowsLeft()).toBe(0)
  } finally {
    await database.end()
  }
})

/** Rows of all tables that are made of the mirror. */
function rowsLeft(): Promise<unknown> {
  return conveyor.pool.oneFirst(sql.unsafe`
    select (select count(*) from analytics_buckets) + (select count(*) from analytics_dirty_buckets)
      + (select count(*) from analytics_results) + (select count(*) from analytics_rollups)
      + (select count(*) from salesforce_analytics_cache)
      + (select count(*) from salesforce_predictive_insights)`)
}
