import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asOf } from './calendar.ts'
import { fromUnits, moneyFigure, toUnits } from './money.ts'

const period = asOf('2026-06-30')
const euro = (amount: number | null) => ({ amount, currencyIsoCode: 'EUR' })

test('sums are exact, in whatever order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1e12, max: 1e12 }), { minLength: 1 }), (cents) => {
      const rows = cents.map((value) => euro(value / 100))
      const sum = cents.reduce((all, value) => all + value, 0) / 100
      expect(moneyFigure(rows, period, null).value).toBe(sum === 0 ? 0 : sum)
      expect(moneyFigure([...rows].reverse(), period, null).value).toBe(sum === 0 ? 0 : sum)
    }),
    { seed: 3, numRuns: 200 },
  )
})

test('units are ten-thousandths, and amounts out of range have none', () => {
  expect(toUnits(-1.23456)).toBe(-12346n)
  expect(toUnits(1e18)).toBe(10n ** 22n)
  expect(toUnits(1.1e18)).toBeNull()
  expect(toUnits(Number.NaN)).toBeNull()
  expect(fromUnits(-12346n)).toBe(-1.2346)
  expect(moneyFigure([euro(1e300)], period, null)).toMatchObject({
    reason: 'out_of_range',
    parts: [],
  })
})

test('each amount is converted and rounded by itself; a row without a currency is in the corporate one', () => {
  const rates = { corporate: 'EUR', perCorporateUnit: { USD: 3 } }
  const rows = [
    { amount: 1, currencyIsoCode: 'USD' },
    { amount: 1, currencyIsoCode: 'USD' },
    { amount: 1, currencyIsoCode: null },
  ]
  expect(moneyFigure(rows, period, rates)).toMatchObject({
    value: 1.6666,
    currency: 'EUR',
    n: 3,
    parts: [
      { currency: null, value: 1, n: 1 },
      { currency: 'USD', value: 2, n: 2 },
    ],
  })
})

test('rows without an amount need no rate and are counted', () => {
  const rows = [euro(5), { amount: null, currencyIsoCode: 'JPY' }]
  const rates = { corporate: 'EUR', perCorporateUnit: {} }
  expect(moneyFigure(rows, period, rates)).toMatchObject({ value: 5, n: 1, withoutAmount: 1 })
})
