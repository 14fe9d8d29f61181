import { expect, test } from 'vitest'
import { deal, lost, won } from '../row-fixtures.ts'
import { cohortConversion } from './conversion.ts'
import { winRate } from './win-rate.ts'

const JUNE = { from: '2026-06-01', to: '2026-06-30' }

test('won of closed, counted and by amount; open, deleted and other months do not count', () => {
  const rows = [
    won('a', { amount: 300 }),
    won('b', { amount: null }),
    lost('c', { amount: 100 }),
    lost('d', { amount: 200, closeDate: '2026-06-01' }),
    lost('e', { closeDate: '2026-07-01' }),
    won('f', { isDeleted: true }),
    deal({ id: 'g' }),
  ]
  const rate = winRate(rows, JUNE, null)
  expect(rate).toMatchObject({ won: 2, lost: 2 })
  expect(rate.byCount).toMatchObject({
    value: 0.5,
    reason: null,
    basis: 'count',
    n: 4,
    period: { ...JUNE, field: 'closed' },
  })
  // statsmodels proportion_confint(2, 4, method='wilson')
  expect(rate.byCount.interval?.low).toBeCloseTo(0.15003898915214947, 10)
  expect(rate.byAmount).toMatchObject({ value: 0.5, n: 3, basis: 'amount', interval: null })
})

test('each null says why', () => {
  expect(winRate([deal({ id: 'a' })], JUNE, null)).toMatchObject({
    byCount: { value: null, reason: 'no_closed_deals' },
    byAmount: { value: null, reason: 'no_closed_deals' },
  })
  expect(winRate([won('a', { amount: null })], JUNE, null)).toMatchObject({
    byCount: { value: 1 },
    byAmount: { value: null, reason: 'no_amounts' },
  })
  expect(winRate([won('a', { amount: 0 })], JUNE, null).byAmount.reason).toBe('zero_baseline')
  expect(winRate([won('a'), lost('b', { amount: -5 })], JUNE, null).byAmount.reason).toBe(
    'negative_amounts',
  )
})

test('currencies are converted where every rate is known, else nothing is added', () => {
  const rows = [
    won('a', { amount: 100, currencyIsoCode: 'EUR' }),
    lost('b', { amount: 120, currencyIsoCode: 'USD' }),
  ]
  expect(winRate(rows, JUNE, null)).toMatchObject({
    byAmount: { value: null, reason: 'mixed_currencies' },
    wonAmount: { value: 100, parts: [{ currency: 'EUR', value: 100, n: 1 }] },
    closedAmount: { value: null, parts: [{ currency: 'EUR' }, { currency: 'USD', value: 120 }] },
  })
  const rates = { corporate: 'EUR', perCorporateUnit: { USD: 1.2 } }
  expect(winRate(rows, JUNE, rates).byAmount).toMatchObject({ value: 0.5, currency: 'EUR' })
  const others = { corporate: 'EUR', perCorporateUnit: { GBP: 0.9, USD: 0 } }
  expect(winRate(rows, JUNE, others).byAmount.reason).toBe('mixed_currencies')
})

test('a cohort is what became of the deals created in the period, whenever they closed', () => {
  const rows = [
    won('a', { createdDate: '2026-06-02T00:00:00Z', closeDate: '2026-09-01' }),
    lost('b', { createdDate: '2026-06-30T23:59:59Z' }),
    deal({ id: 'c', createdDate: '2026-06-10T00:00:00Z' }),
    deal({ id: 'd', createdDate: '2026-06-10T00:00:00Z' }),
    won('e', { createdDate: '2026-05-31T23:59:59Z' }),
  ]
  const cohort = cohortConversion(rows, JUNE)
  expect(cohort.won).toMatchObject({ value: 0.25, n: 4, period: { field: 'created' } })
  expect(cohort.lost.value).toBe(0.25)
  expect(cohort.open.value).toBe(0.5)
})
