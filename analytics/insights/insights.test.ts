import { expect, test } from 'vitest'
import { dayNumber, dayText } from '../calendar.ts'
import { deal, historyOf } from '../row-fixtures.ts'
import { dealsAtRisk } from './deals-at-risk.ts'
import { staleDeals } from './stale-deals.ts'
import { unusualWeek } from './unusual-weeks.ts'

const DAY = '2026-06-30'

test('a deal is stale against the median of its own stage', () => {
  const slowStage = Array.from({ length: 5 }, (_, index) =>
    historyOf(`s${index}`, [{ on: '2026-01-01' }, { on: '2026-03-02', stageName: 'Proposal' }]),
  ).flat()
  const deals = [
    deal({ id: 'patient', createdDate: '2026-04-01T00:00:00Z' }),
    deal({ id: 'silent', createdDate: '2026-01-31T00:00:00Z' }),
    deal({ id: 'elsewhere', stageName: 'Negotiation', createdDate: '2026-05-20T00:00:00Z' }),
    deal({ id: 'fresh', stageName: 'Negotiation', createdDate: '2026-06-10T00:00:00Z' }),
  ]
  const found = staleDeals(deals, slowStage, DAY, 30)
  expect(found.map((insight) => insight.subject.id)).toEqual(['silent', 'elsewhere'])
  expect(found[0]).toMatchObject({
    rule: 'stale_deal',
    evidence: {
      last_change: '2026-01-31',
      days_without_change: 150,
      days_allowed: 120,
      stage_median_days: 60,
    },
    confidence: null,
  })
  expect(found[1]?.evidence).toMatchObject({ days_allowed: 30, stage_median_days: null })
})

test('deals at risk are overdue, pushed, or worth less than they were, each with its evidence', () => {
  const deals = [
    deal({ id: 'overdue', closeDate: '2026-06-29' }),
    deal({ id: 'today', closeDate: DAY }),
    deal({ id: 'pushed', closeDate: '2026-09-01', amount: 80 }),
  ]
  const history = historyOf('pushed', [
    { on: '2026-01-01', closeDate: '2026-05-01' },
    { on: '2026-02-01', closeDate: '2026-06-01', amount: 120 },
    { on: '2026-03-01', closeDate: '2026-09-01', amount: 80 },
  ])
  const found = dealsAtRisk(deals, history, DAY)
  expect(
    found.map(({ rule, subject, evidence }) => ({ rule, id: subject.id, ...evidence })),
  ).toEqual([
    { rule: 'close_date_past', id: 'overdue', close_date: '2026-06-29', days_overdue: 1 },
    {
      rule: 'pushed_repeatedly',
      id: 'pushed',
      push_count: 2,
      first_close_date: '2026-05-01',
      close_date: '2026-09-01',
    },
    { rule: 'amount_decreased', id: 'pushed', highest_amount: 120, amount: 80, currency: null },
  ])
})

/** Days of weeks that end before the week of DAY; the last count is that of the last whole week. */
function weeks(counts: readonly number[]): string[] {
  const monday = dayNumber('2026-06-29') - 7 * counts.length
  return counts.flatMap((count, week) =>
    Array.from({ length: count }, (_, index) => dayText(monday + 7 * week + (index % 7))),
  )
}

test('a week is unusual by median and MAD of the weeks before it', () => {
  const usual = [5, 6, 4, 5, 7, 5, 6, 4, 5]
  const peak = unusualWeek(weeks([...usual, 30]), 'deals created', DAY)
  expect(peak.insight).toMatchObject({
    rule: 'unusual_week',
    subject: { kind: 'week', id: '2026-06-22' },
    evidence: { count: 30, median: 5, median_absolute_deviation: 1, weeks_before: 9 },
    confidence: 0.9,
  })
  expect(peak.insight?.evidence['robust_z']).toBeCloseTo(0.674489750196082 * 25, 12)
  expect(unusualWeek(weeks([...usual, 8]), 'deals created', DAY)).toEqual({
    insight: null,
    reason: null,
  })
  // The week that is not over yet does not count, however many there are in it.
  const running = [...weeks([...usual, 5]), ...new Array<string>(50).fill('2026-06-30')]
  expect(unusualWeek(running, 'deals created', DAY).insight).toBeNull()
})

test('too few weeks, weeks without a difference and no weeks are told apart', () => {
  expect(unusualWeek(weeks([5, 6, 4, 5, 7, 5, 6, 30]), 'x', DAY).reason).toBe('insufficient_data')
  expect(unusualWeek(weeks([5, 5, 5, 5, 5, 5, 5, 5, 30]), 'x', DAY).reason).toBe('no_variation')
  expect(unusualWeek([], 'x', DAY).reason).toBe('no_data')
})
