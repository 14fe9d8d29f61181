import { expect, test } from 'vitest'
import { AIRLINE, NILE } from './golden-series.ts'
import { ascending, meanOf, medianAbsoluteDeviation, medianOf, quantileOf } from './quantiles.ts'

// numpy.quantile and scipy.stats.median_abs_deviation
test.each([
  ['airline', AIRLINE, [135.3, 180, 265.5, 360.5, 453.2], 90, 280.2986111111111],
  ['nile', NILE, [725.2, 798.5, 893.5, 1032.5, 1160], 121, 919.35],
] as const)('%s', (_name, series, quantiles, mad, mean) => {
  const sorted = ascending(series)
  for (const [index, share] of [0.1, 0.25, 0.5, 0.75, 0.9].entries()) {
    expect(quantileOf(sorted, share)).toBeCloseTo(quantiles[index] ?? Number.NaN, 10)
  }
  expect(medianOf(series)).toBeCloseTo(quantiles[2], 10)
  expect(medianAbsoluteDeviation(series)).toBe(mad)
  expect(meanOf(series)).toBeCloseTo(mean, 10)
})

test('values come in any order, and are not put in order for their owner', () => {
  const values = [3, 1, 2, 10]
  expect(ascending(values)).toEqual(Float64Array.of(1, 2, 3, 10))
  expect(values).toEqual([3, 1, 2, 10])
  expect(quantileOf(ascending(values), 0.9)).toBeCloseTo(7.9, 12)
  expect(quantileOf(ascending(values), 1)).toBe(10)
  expect(medianAbsoluteDeviation([1, 1, 2, 2, 4, 6, 9])).toBe(1)
})

test('one value is all its quantiles, and none has none', () => {
  expect(quantileOf([7], 0.9)).toBe(7)
  expect(medianOf([])).toBeNaN()
})
