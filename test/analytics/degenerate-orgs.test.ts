import { sql } from 'slonik'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { faults } from '../../analytics/answer-fixture.ts'
import { DEGENERATE_ORGS, type Org } from '../../analytics/degenerate-orgs.ts'
import { STAGES } from '../../analytics/row-fixtures.ts'
import {
  EnhancedAnalyticsSchema,
  ForecastSchema,
  InsightListSchema,
  ReportSchema,
  TrendsSchema,
} from '../../contracts/http/analytics.ts'
import { createMirrorRowQueries, type MirrorRow } from '../../db/mirror-rows.ts'
import { MIRROR_TABLES } from '../../db/mirror-tables.ts'
import { startTestApi, type TestApi } from '../api/test-api.ts'
import { OWNER, rollUp, setPulled } from './mirror-contents.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})
afterAll(() => api.stop())

const REPORTS = [
  ...['pipeline', 'win-rate', 'velocity', 'cycle', 'stages', 'movement'],
  ...['slippage', 'leads', 'owners', 'accounts', 'stale'],
]
const COMPARABLE = ['win-rate', 'cycle', 'leads', 'accounts']

/** A row of a definition as the mirror holds it. */
function mirrorRow(values: object): MirrorRow {
  const row: Record<string, string | number | boolean | null> = {
    system_modstamp: '2026-06-30T00:00:00.000Z',
  }
  for (const [name, value] of Object.entries(values)) {
    row[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)] = value
  }
  return row
}

async function become(org: Org): Promise<void> {
  const tables = Object.values(MIRROR_TABLES).map(({ table }) => sql.identifier([table]))
  await api.pool.query(sql.unsafe`
    truncate ${sql.join(tables, sql.fragment`, `)}, opportunity_daily_snapshots, mirror_watermarks,
      analytics_rollups, analytics_results, salesforce_predictive_insights`)
  const write = createMirrorRowQueries(api.pool)
  const living = org.deals.filter((deal) => !deal.isDeleted)
  const stages = STAGES.map((stage, place) => mirrorRow({ ...stage, id: `stage${place}` }))
  await write.replace('OpportunityStage', OWNER, stages)
  await write.upsert('Opportunity', OWNER, living.map(mirrorRow), null)
  await write.upsert('OpportunityHistory', OWNER, org.history.map(mirrorRow), null)
  await write.upsert('Lead', OWNER, org.leads.map(mirrorRow), null)
  await write.upsert('Account', OWNER, org.accounts.map(mirrorRow), null)
  if (org.rates !== null) {
    const { corporate, perCorporateUnit } = org.rates
    const codes = Object.entries({ ...perCorporateUnit, [corporate]: 1 })
    const rows = codes.map(([code, rate]) => ({
      ...{ id: code, iso_code: code, conversion_rate: rate },
      is_corporate: code === corporate,
    }))
    await write.replace('CurrencyType', OWNER, rows)
  }
  for (const [date, rows] of [
    ['2026-06-01', org.start],
    ['2026-06-30', org.end],
  ] as const) {
    await api.pool.query(sql.unsafe`
      insert into opportunity_daily_snapshots (connection_id, workspace_id, snapshot_date, opportunity_id,
        stage_name, amount, close_date, is_closed, is_won, owner_id, currency_iso_code)
      select ${OWNER.connectionId}, ${OWNER.workspaceId}, ${date}::date, s."opportunityId", s."stageName",
        s.amount, s."closeDate", s."isClosed", s."isWon", s."ownerId", s."currencyIsoCode"
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as s ("opportunityId" text, "stageName" text,
        amount numeric, "closeDate" date, "isClosed" boolean, "isWon" boolean, "ownerId" text,
        "currencyIsoCode" text)`)
  }
  await setPulled(api.pool)
  await rollUp(api.databaseUrl)
}

async function ask(path: string): Promise<unknown> {
  const response = await fetch(api.url + path)
  const body: unknown = await response.json()
  expect({ path, status: response.status, body }).toMatchObject({ path, status: 200 })
  return body
}

/** Every answer over the org, each read by its schema. */
async function everyAnswer(): Promise<unknown[]> {
  const answers: unknown[] = []
  for (const range of ['7d', '1y']) {
    const path = `/api/salesforce/analytics/enhanced?user_id=ada&cache=false&date_range=${range}`
    answers.push(EnhancedAnalyticsSchema.parse(await ask(path)))
  }
  for (const name of REPORTS) {
    const compare = COMPARABLE.includes(name) ? '&compare=previous' : ''
    const path = `/v1/analytics/${name}?from=2025-07-01&to=2026-06-30${compare}`
    answers.push(ReportSchema.parse(await ask(path)))
  }
  answers.push(TrendsSchema.parse(await ask('/v1/analytics/trends')))
  answers.push(ForecastSchema.parse(await ask('/v1/analytics/forecast')))
  answers.push(InsightListSchema.parse(await ask('/v1/analytics/insights')))
  return answers
}

test.each(Object.entries(DEGENERATE_ORGS))(
  '%s: every number is one, and every null has a reason',
  async (_name, org) => {
    await become(org)
    for (const answer of await everyAnswer()) expect(faults(answer, 'answer')).toEqual([])
  },
)

test('an org without rows has counts of zero, and nothing that is made up', async () => {
  await become(DEGENERATE_ORGS['empty'] ?? expect.fail())
  const path = '/api/salesforce/analytics/enhanced?user_id=ada&cache=false'
  const { analytics } = EnhancedAnalyticsSchema.parse(await ask(path))
  expect(analytics.lead_analytics).toMatchObject({ total_leads: 0, conversion_rate: null })
  expect(analytics.predictive_insights).toEqual({
    likelihood_to_close: { high: null, medium: null, low: null },
    lead_scoring: { high_potential: null, medium_potential: null, low_potential: null },
    revenue_forecast: { next_month: null, next_quarter: null, confidence: null },
    risk_factors: [],
  })
  expect(analytics.trend_analysis).toMatchObject({ pipeline_trend: 'insufficient_data' })
})

test('amounts in several currencies without rates are parts, and no sum', async () => {
  await become(DEGENERATE_ORGS['mixed currencies'] ?? expect.fail())
  const path = '/api/salesforce/analytics/enhanced?user_id=ada&cache=false'
  const { analytics, figures } = EnhancedAnalyticsSchema.parse(await ask(path))
  expect(analytics.pipeline_analytics?.total_pipeline_value).toBeNull()
  expect(figures['pipeline_analytics']).toMatchObject({
    total_pipeline_value: {
      reason: 'mixed_currencies',
      parts: [{ currency: 'EUR' }, { currency: 'USD' }],
    },
  })
})
