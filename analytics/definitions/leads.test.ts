import { expect, test } from 'vitest'
import type { LeadRow } from '../../contracts/analytics.ts'
import { lead } from '../row-fixtures.ts'
import { leadConversion, leadQuality, leadTime } from './leads.ts'

const FIRST_HALF = { from: '2026-01-01', to: '2026-06-30' }
const MATURITY = { days: 30, asOf: '2026-06-30' }

const converted = (id: string, createdDate: string, convertedDate: string | null): LeadRow =>
  lead({ id, createdDate, isConverted: true, convertedDate })

test('a cohort converts within the days that each of its leads has had', () => {
  const leads = [
    converted('in time', '2026-01-10T09:00:00Z', '2026-02-09'),
    converted('too late', '2026-01-10T09:00:00Z', '2026-02-10'),
    converted('undated', '2026-01-10T09:00:00Z', null),
    lead({ id: 'open' }),
    converted('young', '2026-06-01T00:00:00Z', '2026-06-02'),
    lead({ id: 'just old enough', createdDate: '2026-05-31T23:00:00Z' }),
    converted('before', '2025-12-01T00:00:00Z', '2026-01-05'),
  ]
  const conversion = leadConversion(leads, FIRST_HALF, MATURITY)
  expect(conversion.rate).toMatchObject({ value: 0.4, n: 5, period: { field: 'created' } })
  expect(conversion.tooYoung).toBe(1)
  expect(conversion.convertedInPeriod).toMatchObject({ value: 4, period: { field: 'closed' } })
})

test('a cohort that is too young has no rate, and none has no data', () => {
  const young = [lead({ id: 'a', createdDate: '2026-06-20T00:00:00Z' })]
  expect(leadConversion(young, FIRST_HALF, MATURITY).rate.reason).toBe('cohort_too_young')
  expect(leadConversion([], FIRST_HALF, MATURITY).rate.reason).toBe('no_data')
})

test('lead time is whole days from creation to conversion', () => {
  const leads = [
    converted('a', '2026-01-10T23:00:00Z', '2026-01-10'),
    converted('b', '2026-01-10T23:00:00Z', '2026-01-20'),
    converted('c', '2026-01-10T01:00:00Z', '2026-02-09'),
    converted('backwards', '2026-03-10T00:00:00Z', '2026-03-09'),
    converted('later', '2026-01-10T00:00:00Z', '2026-07-01'),
  ]
  const time = leadTime(leads, FIRST_HALF)
  expect(time).toMatchObject({ median: { value: 10, n: 3 }, p90: { value: 26 }, excluded: 1 })
})

test('quality is the observed share by source, and differs only where its interval says so', () => {
  const many = (source: string | null, n: number, won: number) =>
    Array.from({ length: n }, (_, index) =>
      lead({
        id: `${source}${index}`,
        leadSource: source,
        isConverted: index < won,
        convertedDate: index < won ? '2026-01-12' : null,
      }),
    )
  const leads = [...many('Web', 200, 20), ...many('Referral', 60, 40), ...many(null, 3, 2)]
  const quality = leadQuality(leads, FIRST_HALF, MATURITY, 'leadSource')
  expect(quality.map(({ value, differsFromAll }) => [value, differsFromAll])).toEqual([
    ['Web', true],
    ['Referral', true],
    [null, false],
  ])
  expect(quality[0]?.rate).toMatchObject({ value: 0.1, n: 200, interval: { method: 'wilson' } })
  expect(leadQuality([], FIRST_HALF, MATURITY, 'rating')).toEqual([])
})
