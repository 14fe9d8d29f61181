import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BucketSum } from '../../contracts/analytics-rollup.ts'
import { asOf } from '../calendar.ts'
import { moneyFigure } from '../money.ts'
import { meanOfSums, moneyOfSums } from './money-of-sums.ts'

const NOTHING: BucketSum = {
  ...{ group: null, currency: null, count: 0, countAmount: 0, sumAmount: 0 },
  ...{ countExpected: 0, sumExpected: 0, countProbability: 0, sumProbability: 0 },
  ...{ countDays: 0, sumDays: 0, countEmployees: 0, sumEmployees: 0 },
}
const DAY = asOf('2026-06-30')

interface Row {
  readonly amount: number | null
  readonly currencyIsoCode: string | null
}

/** What the rollup makes of rows. */
function sumsOf(rows: readonly Row[]): BucketSum[] {
  return [...Map.groupBy(rows, (row) => row.currencyIsoCode)].map(([currency, own]) => ({
    ...NOTHING,
    currency,
    count: own.length,
    countAmount: own.filter((row) => row.amount !== null).length,
    sumAmount: own.reduce((sum, row) => sum + (row.amount ?? 0), 0),
  }))
}

test('sums of buckets say what the sum of the rows says', () => {
  // Quarters add up exactly, in any order.
  const amount = fc.option(fc.integer({ min: -4_000_000, max: 4_000_000 }).map((n) => n / 4))
  const currencyIsoCode = fc.constantFrom(null, 'EUR', 'USD')
  const rows = fc.array(fc.record({ amount, currencyIsoCode }), { maxLength: 30 })
  fc.assert(
    fc.property(rows, (all) => {
      expect(moneyOfSums(sumsOf(all), DAY, null)).toEqual(moneyFigure(all, DAY, null))
    }),
  )
})

test('with rates the sum is in the corporate currency', () => {
  const rows = [
    { amount: 100, currencyIsoCode: 'EUR' },
    { amount: 30, currencyIsoCode: 'USD' },
    { amount: null, currencyIsoCode: 'USD' },
  ]
  const rates = { corporate: 'EUR', perCorporateUnit: { USD: 1.2 } }
  const sum = moneyOfSums(sumsOf(rows), DAY, rates)
  expect(sum).toMatchObject({ value: 125, currency: 'EUR', n: 2, withoutAmount: 1 })
  expect(meanOfSums(sum, 'no_data').value).toBe(62.5)
  expect(moneyOfSums(sumsOf(rows), DAY, { corporate: 'GBP', perCorporateUnit: {} })).toMatchObject({
    ...{ value: null, reason: 'mixed_currencies' },
    parts: [{ currency: 'EUR' }, { currency: 'USD' }],
  })
})

test('a mean over nothing is null', () => {
  expect(meanOfSums(moneyOfSums([], DAY, null), 'no_data')).toMatchObject({
    ...{ value: null, reason: 'no_data' },
  })
})
