import { expect, test } from 'vitest'
import type { DayRange } from '../../contracts/analytics.ts'
import { periodBy, precedingRange } from '../calendar.ts'
import { countFigure, known, shareFigure, unknown } from '../figure.ts'
import { compare } from './comparison.ts'

const range: DayRange = { from: '2026-06-01', to: '2026-06-30' }
const period = periodBy('closed', range)

test('the period before is of equal length and ends the day before', () => {
  expect(precedingRange(range)).toEqual({ from: '2026-05-02', to: '2026-05-31' })
  expect(precedingRange({ from: '2026-03-01', to: '2026-03-01' })).toEqual({
    from: '2026-02-28',
    to: '2026-02-28',
  })
  expect(precedingRange({ from: null, to: '2026-03-01' })).toBeNull()
})

test('shares differ with an interval, counts without', () => {
  const shares = compare(
    shareFigure(30, 100, period, 'no_data'),
    shareFigure(20, 100, period, 'no_data'),
  )
  expect(shares.difference.value).toBeCloseTo(0.1, 12)
  expect(shares.difference.interval?.low).toBeCloseTo(-0.020249362153013428, 9)
  expect(shares.relative.value).toBeCloseTo(0.5, 12)
  const counts = compare(countFigure(6, period), countFigure(4, period))
  expect(counts).toMatchObject({
    difference: { value: 2, interval: null },
    relative: { value: 0.5 },
  })
})

test('what cannot be compared is null with the reason', () => {
  const zero = compare(countFigure(6, period), countFigure(0, period))
  expect(zero).toMatchObject({ difference: { value: 6 }, relative: { reason: 'zero_baseline' } })
  const subject = { basis: 'amount', period, n: 1 } as const
  const missing = compare(known(subject, 1), unknown(subject, 'no_amounts'))
  expect(missing.difference.reason).toBe('no_amounts')
  const euros = known({ ...subject, currency: 'EUR' }, 1)
  const dollars = known({ ...subject, currency: 'USD' }, 1)
  expect(compare(euros, dollars).difference.reason).toBe('mixed_currencies')
  expect(compare(euros, known({ ...subject, n: 0 }, 0)).difference.value).toBe(1)
})
