import { expect, test } from 'vitest'
import type { BucketSum } from '../../contracts/analytics-rollup.ts'
import { trendSection, wholeMonths } from './trend-section.ts'

const sum = (group: string, count: number): BucketSum => ({
  ...{ group, currency: null, count, countAmount: count, sumAmount: 100 * count },
  ...{ countExpected: 0, sumExpected: 0, countProbability: 0, sumProbability: 0 },
  ...{ countDays: 0, sumDays: 0, countEmployees: 0, sumEmployees: 0 },
})

test('the month under way is not one of the months', () => {
  expect(wholeMonths('2026-06-30', 3)).toEqual(['2026-03', '2026-04', '2026-05'])
  expect(wholeMonths('2026-01-01', 2)).toEqual(['2025-11', '2025-12'])
  expect(wholeMonths('2026-06-30')).toHaveLength(36)
})

test('a series that grows each month is increasing, and one of nothing says so', () => {
  const months = wholeMonths('2026-06-30')
  const growing = months.map((month, index) => sum(month, 10 + 3 * index + (index % 2)))
  const none = { created: [], won: [], lost: [], leads: [], leadsConverted: [], accounts: [] }
  const found = trendSection({ ...none, accounts: growing }, '2026-06-30', null)
  expect(found.account_growth_trend.verdict).toBe('increasing')
  expect(found.account_growth_trend.slope).toMatchObject({
    period: { from: '2023-06-01', to: '2026-05-31', field: 'created' },
    n: 36,
  })
  expect(found.pipeline_trend).toMatchObject({ verdict: 'insufficient_data', reason: 'no_data' })
})

test('months without a closed deal have no win rate, and leads count when they are old enough', () => {
  const months = wholeMonths('2026-06-30').slice(-12)
  const all = months.map((month) => sum(month, 10))
  const found = trendSection(
    {
      ...{ created: all, accounts: all, leads: all, leadsConverted: all.slice(0, 4) },
      ...{ won: all.slice(0, 11), lost: all.slice(0, 3) },
    },
    '2026-06-30',
    null,
  )
  expect(found.conversion_trend.slope.n).toBe(11)
  // Those of the last two whole months have not had their ninety days.
  expect(found.lead_quality_trend.slope).toMatchObject({ n: 10, period: { to: '2026-03-31' } })
})
