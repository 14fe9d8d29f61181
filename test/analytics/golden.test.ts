import { sql } from 'slonik'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import {
  EnhancedAnalyticsSchema,
  ForecastSchema,
  ReportSchema,
} from '../../contracts/http/analytics.ts'
import type { MirrorObject } from '../../contracts/mirror.ts'
import { startTestApi, type TestApi } from '../api/test-api.ts'
import { fillMirror, OWNER, rollUp, type Shown, setPulled } from './mirror-contents.ts'
import { readSeededOrg } from './seeded-org.ts'

/**
 * Every figure over the seed of the simulator against a computation of its own over the records as the org shows them:
 * other code, on purpose the plainest there is.
 */

let api: TestApi
let org: ReadonlyMap<MirrorObject, Shown[]>
let day: string

beforeAll(async () => {
  api = await startTestApi()
  org = await readSeededOrg(new Date().toISOString().slice(0, 10))
  for (const [object, shown] of org) await fillMirror(api.pool, object, shown)
  await setPulled(api.pool)
  await rollUp(api.databaseUrl)
  // The day that the answers are of.
  day = (await report('pipeline')).period.to
})
afterAll(() => api.stop())

async function enhanced(range: string) {
  const url = `${api.url}/api/salesforce/analytics/enhanced?user_id=ada&cache=false&date_range=${range}`
  return EnhancedAnalyticsSchema.parse(await (await fetch(url)).json())
}

async function report(name: string, query = '') {
  const response = await fetch(`${api.url}/v1/analytics/${name}${query}`)
  expect(response.status).toBe(200)
  return ReportSchema.parse(await response.json())
}

const of = (object: MirrorObject) => org.get(object) ?? []
const text = (record: Shown, field: string) => (record[field] ?? '') as string
const number = (record: Shown, field: string) => Number(record[field] ?? 0)
const dayOf = (record: Shown, field: string) => text(record, field).slice(0, 10)
const sum = (records: readonly Shown[], field: string) =>
  records.reduce((total, record) => total + number(record, field), 0)
const mean = (records: readonly Shown[], field: string) => {
  const having = records.filter((record) => record[field] !== null)
  return having.length === 0 ? null : sum(having, field) / having.length
}
const daysAgo = (days: number) =>
  new Date(Date.parse(day) - days * 86_400_000).toISOString().slice(0, 10)
const open = () => of('Opportunity').filter((deal) => deal['IsClosed'] !== true)
const near = (value: number | null) => (value === null ? null : expect.closeTo(value, 4))
const createdSince = (object: MirrorObject, first: string) =>
  of(object).filter((record) => {
    const created = dayOf(record, 'CreatedDate')
    return created >= first && created <= day
  })
const groups = (records: readonly Shown[], field: string) => [
  ...Map.groupBy(records, (record) => record[field] ?? null),
]
const months = (records: readonly Shown[], field: string) =>
  new Map([...Map.groupBy(records, (record) => dayOf(record, field).slice(0, 7))])

test('the pipeline is the open deals', async () => {
  const { pipeline_analytics: pipeline } = (await enhanced('30d')).analytics
  expect(open().length).toBeGreaterThan(20)
  expect(pipeline?.total_pipeline_value).toEqual(near(sum(open(), 'Amount')))
  expect(pipeline?.weighted_pipeline_value).toEqual(near(sum(open(), 'ExpectedRevenue')))
  const stages = Object.fromEntries(
    (pipeline?.stage_breakdown ?? []).map(({ StageName, ...figures }) => [StageName, figures]),
  )
  expect(stages).toEqual(
    Object.fromEntries(
      groups(open(), 'StageName').map(([name, deals]) => [
        name,
        {
          count: deals.length,
          total_amount: near(sum(deals, 'Amount')),
          avg_amount: near(mean(deals, 'Amount')),
          avg_probability: near(mean(deals, 'Probability')),
        },
      ]),
    ),
  )
  const names = new Map(of('User').map((user) => [user['Id'], user['Name']]))
  const reps = Object.fromEntries(
    (pipeline?.performance_by_rep ?? []).map((rep) => [rep.owner_name, rep.total_amount]),
  )
  expect(reps).toEqual(
    Object.fromEntries(
      groups(open(), 'OwnerId').map(([id, deals]) => [names.get(id), near(sum(deals, 'Amount'))]),
    ),
  )
})

test.each(['7d', '30d', '90d', '1y'])(
  'deals, leads and accounts created within %s',
  async (range) => {
    const days = { '7d': 7, '30d': 30, '90d': 90, '1y': 365 }[range] ?? 0
    const first = daysAgo(days - 1)
    const { analytics } = await enhanced(range)
    const trend = (analytics.pipeline_analytics?.monthly_trends ?? []).filter(({ count }) => count)
    const created = months(createdSince('Opportunity', first), 'CreatedDate')
    expect(trend.map(({ year, month }) => `${year}-${String(month).padStart(2, '0')}`)).toEqual(
      [...created.keys()].sort(),
    )
    for (const { year, month, count, total_amount } of trend) {
      const deals = created.get(`${year}-${String(month).padStart(2, '0')}`) ?? []
      expect(count).toBe(deals.length)
      expect(total_amount).toEqual(near(sum(deals, 'Amount')))
    }
    const leads = createdSince('Lead', first)
    const converted = leads.filter((lead) => lead['IsConverted'] === true)
    expect(analytics.lead_analytics).toMatchObject({
      total_leads: leads.length,
      total_converted: converted.length,
      conversion_rate: leads.length === 0 ? null : near((100 * converted.length) / leads.length),
    })
    const sources = Object.fromEntries(
      (analytics.lead_analytics?.by_source ?? []).map(({ LeadSource, ...rest }) => [
        String(LeadSource),
        rest,
      ]),
    )
    expect(sources).toEqual(
      Object.fromEntries(
        groups(leads, 'LeadSource').map(([source, own]) => [
          String(source),
          {
            count: own.length,
            converted_count: own.filter((lead) => lead['IsConverted'] === true).length,
          },
        ]),
      ),
    )
    for (const { Status, count, avg_conversion_time } of analytics.lead_analytics?.by_status ??
      []) {
      const own = leads.filter((lead) => lead['Status'] === Status)
      expect(count).toBe(own.length)
      const times = own
        .filter((lead) => lead['IsConverted'] === true)
        .map(
          (lead) =>
            (Date.parse(text(lead, 'ConvertedDate')) - Date.parse(dayOf(lead, 'CreatedDate'))) /
            86_400_000,
        )
        .filter((time) => time >= 0)
      const average = times.reduce((a, b) => a + b, 0) / times.length
      expect(avg_conversion_time).toEqual(times.length === 0 ? null : near(average))
    }
    const added = (analytics.account_analytics?.new_accounts_trend ?? []).map(({ count }) => count)
    expect(added.reduce<number>((a, b) => a + (b ?? 0), 0)).toBe(
      createdSince('Account', first).length,
    )
  },
)

test('all accounts, by industry and by type', async () => {
  const { account_analytics: accounts } = (await enhanced('7d')).analytics
  expect(accounts).toMatchObject({
    total_accounts: of('Account').length,
    total_revenue: near(sum(of('Account'), 'AnnualRevenue')),
    avg_revenue_per_account: near(mean(of('Account'), 'AnnualRevenue')),
  })
  for (const [industry, own] of groups(of('Account'), 'Industry')) {
    expect(accounts?.by_industry.find((each) => each.Industry === industry)).toMatchObject({
      count: own.length,
      total_revenue: near(sum(own, 'AnnualRevenue')),
      avg_revenue: near(mean(own, 'AnnualRevenue')),
      avg_employees: near(mean(own, 'NumberOfEmployees')),
    })
  }
  for (const [type, own] of groups(of('Account'), 'Type')) {
    expect(accounts?.by_type.find((each) => each.Type === type)?.count).toBe(own.length)
  }
})

const figureSchema = z.looseObject({ value: z.number().nullable(), n: z.number() })
const figure = (node: unknown) => figureSchema.parse(node)

/** Deals closed in the last year. */
function closed(won?: boolean): Shown[] {
  return of('Opportunity').filter((deal) => {
    const due = text(deal, 'CloseDate')
    const isIn = deal['IsClosed'] === true && due >= daysAgo(364) && due <= day
    return isIn && (won === undefined || deal['IsWon'] === won)
  })
}

const cycleOf = (deal: Shown) =>
  (Date.parse(text(deal, 'CloseDate')) - Date.parse(dayOf(deal, 'CreatedDate'))) / 86_400_000

test('win rate, cycle and velocity of a year', async () => {
  const { figures } = await report('win-rate', '?period=1y')
  const [won, all] = [closed(true), closed()]
  expect(won.length).toBeGreaterThan(20)
  expect(figure(figures['by_count'])).toMatchObject({
    value: near(won.length / all.length),
    n: all.length,
  })
  expect(figure(figures['by_amount']).value).toEqual(near(sum(won, 'Amount') / sum(all, 'Amount')))

  const times = won
    .map(cycleOf)
    .filter((days) => days >= 0)
    .sort((a, b) => a - b)
  const average = times.reduce((a, b) => a + b, 0) / times.length
  const middle = (times.length - 1) / 2
  const median = ((times[Math.floor(middle)] ?? 0) + (times[Math.ceil(middle)] ?? 0)) / 2
  const cycle = (await report('cycle', '?period=1y')).figures
  expect(figure(cycle['mean'])).toMatchObject({ value: near(average), n: times.length })
  expect(figure(cycle['median']).value).toEqual(near(median))

  const velocity = (await report('velocity', '?period=1y')).figures
  const value = mean(won, 'Amount') ?? 0
  expect(figure(velocity['per_day']).value).toEqual(
    near((open().length * value * (won.length / all.length)) / average),
  )
})

test('one owner has only his own, and the period before is held against this one', async () => {
  const [owner] = groups(closed(), 'OwnerId').sort(([, a], [, b]) => b.length - a.length)[0] ?? []
  const own = closed().filter((deal) => deal['OwnerId'] === owner)
  const { figures, compared } = await report(
    'win-rate',
    `?period=1y&owner_id=${String(owner)}&compare=previous`,
  )
  expect(figure(figures['by_count']).n).toBe(own.length)
  expect(compared?.period).toEqual({ from: daysAgo(729), to: daysAgo(365) })
  const before = of('Opportunity').filter((deal) => {
    const due = text(deal, 'CloseDate')
    return (
      deal['IsClosed'] === true &&
      deal['OwnerId'] === owner &&
      due >= daysAgo(729) &&
      due <= daysAgo(365)
    )
  })
  const byCount = z.looseObject({ previous: figureSchema }).parse(compared?.figures['by_count'])
  expect(byCount.previous.n).toBe(before.length)
})

/** The stages that a deal went through, each once a stay, with the day that it entered. */
function paths(): Map<unknown, { stage: string; at: string }[]> {
  const found = new Map<unknown, { stage: string; at: string }[]>()
  const rows = [...of('OpportunityHistory')].sort((a, b) =>
    text(a, 'CreatedDate') < text(b, 'CreatedDate')
      ? -1
      : text(a, 'CreatedDate') > text(b, 'CreatedDate')
        ? 1
        : text(a, 'Id') < text(b, 'Id')
          ? -1
          : 1,
  )
  for (const row of rows) {
    const path = found.get(row['OpportunityId']) ?? []
    found.set(row['OpportunityId'], path)
    if (path.at(-1)?.stage !== text(row, 'StageName')) {
      path.push({ stage: text(row, 'StageName'), at: dayOf(row, 'CreatedDate') })
    }
  }
  return found
}

test('stage conversion of a year, from the history', async () => {
  const { figures } = await report('stages', '?period=1y')
  const conversion = z
    .array(z.looseObject({ stage_name: z.string(), entered: z.number(), forward: z.number() }))
    .parse(figures['conversion'])
  const order = new Map(of('OpportunityStage').map((stage) => [text(stage, 'ApiName'), stage]))
  for (const { stage_name, entered, forward } of conversion) {
    let in_ = 0
    let on = 0
    for (const path of paths().values()) {
      const place = path.map(({ stage }) => stage).lastIndexOf(stage_name)
      const at = path[place]?.at ?? ''
      if (at < daysAgo(364) || at > day) continue
      in_ += 1
      const next = order.get(path[place + 1]?.stage ?? '')
      const here = order.get(stage_name)
      if (next === undefined || here === undefined) continue
      const isOn =
        next['IsWon'] === true ||
        (next['IsClosed'] !== true && number(next, 'SortOrder') > number(here, 'SortOrder'))
      if (isOn) on += 1
    }
    expect({ stage_name, entered, forward }).toEqual({ stage_name, entered: in_, forward: on })
  }
})

test('leads that had their thirty days', async () => {
  const { figures } = await report('leads', '?period=1y')
  const mature = createdSince('Lead', daysAgo(364)).filter(
    (lead) => Date.parse(dayOf(lead, 'CreatedDate')) + 30 * 86_400_000 <= Date.parse(day),
  )
  const inTime = mature.filter(
    (lead) =>
      lead['IsConverted'] === true &&
      Date.parse(text(lead, 'ConvertedDate')) - Date.parse(dayOf(lead, 'CreatedDate')) <=
        30 * 86_400_000,
  )
  expect(figure(figures['conversion'])).toMatchObject({
    n: mature.length,
    value: near(inTime.length / mature.length),
  })
})

test('what became of the deals of each owner', async () => {
  const { figures } = await report('owners', '?period=1y')
  const owners = z
    .array(
      z.looseObject({
        owner_id: z.string(),
        owner_name: z.string().nullable(),
        win_rate: z.looseObject({ by_count: figureSchema, won_amount: figureSchema }),
        open_pipeline: figureSchema,
      }),
    )
    .parse(figures['owners'])
  expect(owners.map(({ owner_id }) => owner_id)).toEqual(
    groups(of('Opportunity'), 'OwnerId')
      .map(([id]) => String(id))
      .filter((id) => [...open(), ...closed()].some((deal) => deal['OwnerId'] === id))
      .sort(),
  )
  for (const owner of owners) {
    const own = (deals: readonly Shown[]) =>
      deals.filter((deal) => deal['OwnerId'] === owner.owner_id)
    const rate = own(closed(true)).length / own(closed()).length
    expect(owner.win_rate.by_count).toMatchObject({
      value: own(closed()).length === 0 ? null : near(rate),
      n: own(closed()).length,
    })
    expect(owner.win_rate.won_amount.value).toEqual(near(sum(own(closed(true)), 'Amount')))
    expect(owner.open_pipeline.value).toEqual(near(sum(own(open()), 'Amount')))
    expect(of('User').find((user) => user['Id'] === owner.owner_id)?.['Name']).toBe(
      owner.owner_name,
    )
  }
})

test('accounts that came in a quarter', async () => {
  const { figures } = await report('accounts', '?period=90d')
  const created = createdSince('Account', daysAgo(89))
  const before = of('Account').filter((account) => dayOf(account, 'CreatedDate') < daysAgo(89))
  expect(figure(figures['created']).value).toBe(created.length)
  expect(figure(figures['growth']).value).toEqual(near(created.length / before.length))
})

test('deals without a sign of life for sixty days', async () => {
  const { figures } = await report('stale', '?after_days=60')
  const stale = open().filter((deal) => {
    const touched = [
      dayOf(deal, 'CreatedDate'),
      dayOf(deal, 'LastStageChangeDate'),
      dayOf(deal, 'LastActivityDate'),
      ...of('OpportunityHistory')
        .filter((row) => row['OpportunityId'] === deal['Id'])
        .map((row) => dayOf(row, 'CreatedDate')),
    ].sort()
    return (touched.at(-1) ?? '') < daysAgo(60)
  })
  expect(figures['deal_ids']).toEqual(stale.map((deal) => deal['Id']).sort())
  expect(figure(figures['share'])).toMatchObject({
    n: open().length,
    value: near(stale.length / open().length),
  })
})

test('open deals whose close date was moved to a later month', async () => {
  const { figures } = await report('slippage', '?period=90d')
  const pushed = open().filter((deal) => {
    const months_ = of('OpportunityHistory')
      .filter((row) => row['OpportunityId'] === deal['Id'])
      .sort((a, b) =>
        `${text(a, 'CreatedDate')} ${text(a, 'Id')}` < `${text(b, 'CreatedDate')} ${text(b, 'Id')}`
          ? -1
          : 1,
      )
      .map((row) => text(row, 'CloseDate').slice(0, 7))
    return months_.some((month, place) => place > 0 && month > (months_[place - 1] ?? ''))
  })
  expect(figure(figures['open_pushed_once'])).toMatchObject({
    n: open().length,
    value: near(pushed.length / open().length),
  })
})

test('leads by what becomes of their source', async () => {
  const { lead_analytics: leads } = (await enhanced('1y')).analytics
  const mature = createdSince('Lead', daysAgo(364)).filter(
    (lead) => dayOf(lead, 'CreatedDate') <= daysAgo(30),
  )
  const inTime = mature.filter(
    (lead) =>
      lead['IsConverted'] === true &&
      Date.parse(text(lead, 'ConvertedDate')) - Date.parse(dayOf(lead, 'CreatedDate')) <=
        30 * 86_400_000,
  )
  const score = leads?.lead_quality_score
  expect(score?.average_score).toEqual(near((10 * inTime.length) / mature.length))
  const parts = [
    score?.high_quality_percentage,
    score?.medium_quality_percentage,
    score?.low_quality_percentage,
  ]
  expect(parts.reduce<number>((total, part) => total + (part ?? 0), 0)).toBeCloseTo(1)
})

test('deals that went from one stage to the next', async () => {
  const { pipeline_analytics: pipeline } = (await enhanced('1y')).analytics
  let entered = 0
  let reached = 0
  for (const path of paths().values()) {
    const place = path.findIndex(
      ({ stage, at }) => stage === 'Negotiation/Review' && at >= daysAgo(364) && at <= day,
    )
    if (place < 0) continue
    entered += 1
    if (path.slice(place + 1).some(({ stage }) => stage === 'Closed Won')) reached += 1
  }
  expect(pipeline?.conversion_rates.negotiation_to_closed_won).toEqual(near(reached / entered))
})

test('what was won in each month is what a forecast goes on from, and it says what it is worth', async () => {
  const body: unknown = await (await fetch(`${api.url}/v1/analytics/forecast`)).json()
  const { forecast, reason } = ForecastSchema.parse(body)
  expect(reason).toBeNull()
  const first = closedEver().sort()[0] ?? ''
  const [year = 0, month = 0] = first.split('-').map(Number)
  const [thisYear = 0, thisMonth = 0] = day.split('-').map(Number)
  const steps = z.array(figureSchema).parse(forecast?.['steps'])
  expect(steps).toHaveLength(3)
  expect(steps[0]?.n).toBe(12 * (thisYear - year) + thisMonth - month)
  const { trend_analysis: trend } = (await enhanced('30d')).analytics
  expect(trend?.pipeline_trend).toMatch(/^(increasing|decreasing|stable)$/)
})

/** Months in which a deal was won. */
function closedEver(): string[] {
  return of('Opportunity')
    .filter((deal) => deal['IsWon'] === true)
    .map((deal) => text(deal, 'CloseDate').slice(0, 7))
}

test('the pipeline moves from one snapshot to another, also past deals that left them', async () => {
  const before = { id: '006A', isClosed: false, isWon: false, amount: 100 }
  await addSnapshot(daysAgo(80), [
    before,
    { ...before, id: '006B', amount: 40 },
    { ...before, id: '006C', amount: 7 },
  ])
  // Won, and out of the snapshots at the end.
  await addSnapshot(daysAgo(50), [
    { ...before, amount: 130, isClosed: true, isWon: true },
    { ...before, id: '006B', amount: 40 },
  ])
  await addSnapshot(daysAgo(2), [
    { ...before, id: '006B', amount: 25 },
    { ...before, id: '006D', amount: 9 },
  ])
  const { figures } = await report('movement', '?period=90d')
  expect(figures).toMatchObject({
    start: { value: 147 },
    created: { value: 9 },
    increased: { value: 30 },
    decreased: { value: 15 },
    won: { value: 130 },
    lost: { value: 0 },
    moved_out: { value: 7 },
    end: { value: 34 },
    deleted: 1,
  })
})

/** Deals as they stood at the end of a day; the rest of what a snapshot holds is the same for all. */
async function addSnapshot(date: string, deals: readonly object[]): Promise<void> {
  await api.pool.query(sql.unsafe`
    insert into opportunity_daily_snapshots (connection_id, workspace_id, snapshot_date, opportunity_id, stage_name,
      amount, close_date, is_closed, is_won, owner_id)
    select ${OWNER.connectionId}, ${OWNER.workspaceId}, ${date}::date, s.id, 'Prospecting', s.amount,
      ${day}::date, s."isClosed", s."isWon", '005A'
    from jsonb_to_recordset(${JSON.stringify(deals)}::jsonb)
      as s (id text, amount numeric, "isClosed" boolean, "isWon" boolean)`)
}
