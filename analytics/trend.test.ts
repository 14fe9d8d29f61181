import { describe, expect, test } from 'vitest'
import { AIRLINE, NILE, seededNormals } from './statistics/golden-series.ts'
import { type TrendSeries, trends } from './trend.ts'

const period = { from: null, to: null, field: 'created' } as const
const of = (values: readonly number[]): TrendSeries => ({ values, period })

test('the verdict follows test and interval, and says what it rests on', () => {
  const found = trends({ up: of(AIRLINE), down: of(NILE), flat: of(new Array(20).fill(3)) })
  expect(found.up).toMatchObject({ verdict: 'increasing', reason: null })
  expect(found.up.slope.value).toBeCloseTo(2.451216287678477, 12)
  expect(found.up.tau).toBeCloseTo(0.80982, 5)
  expect(found.up.slope.interval).toMatchObject({ level: 0.95, method: 'theil_sen' })
  expect(found.down.verdict).toBe('decreasing')
  expect(found.flat).toMatchObject({ verdict: 'stable', pValue: 1, tau: null })
})

test('nine points are not enough, and none is told apart', () => {
  const found = trends({ short: of([1, 2, 3, 4, 5, 6, 7, 8, 9]), none: of([]) })
  expect(found.short).toMatchObject({ verdict: 'insufficient_data', reason: 'insufficient_data' })
  expect(found.none.slope).toMatchObject({ value: null, reason: 'no_data', interval: null })
})

test('series of one answer are judged together', () => {
  const noise = seededNormals(5)
  const weak = Array.from({ length: 24 }, (_, index) => index * 0.07 + noise())
  const alone = trends({ weak: of(weak) }).weak
  const flat = [5, 3, 4, 6, 2, 5, 4, 3, 6, 4, 5, 3]
  const others = Object.fromEntries(Array.from({ length: 19 }, (_, i) => [`other${i}`, of(flat)]))
  const together: Record<string, TrendSeries> = { weak: of(weak), ...others }
  expect(alone.pValue).toBeGreaterThan(0)
  expect(trends(together)['weak']?.pValue).toBeCloseTo(Math.min(1, (alone.pValue ?? 0) * 20), 12)
})

describe('noise', () => {
  const SERIES = 2_000
  // 99.9 % of samples of 2,000 tests at 5 % have no more than this share.
  const BOUND = 0.05 + 3.09 * Math.sqrt((0.05 * 0.95) / SERIES)

  test.each([
    { length: 12, phi: 0 },
    { length: 52, phi: 0 },
    { length: 12, phi: 0.3 },
    { length: 24, phi: 0.5 },
    { length: 52, phi: 0.5 },
  ])(
    '$length points with a lag-1 correlation of $phi are called a trend in at most one of twenty',
    ({ length, phi }) => {
      const noise = seededNormals(20_261 + length)
      let trendsFound = 0
      for (let index = 0; index < SERIES; index++) {
        const values: number[] = []
        let value = noise() / Math.sqrt(1 - phi * phi)
        while (values.length < length) {
          values.push(value)
          value = phi * value + noise()
        }
        if (trends({ noise: of(values) }).noise.verdict !== 'stable') trendsFound += 1
      }
      expect(trendsFound / SERIES).toBeLessThan(BOUND)
      // A test that never finds anything would pass as well.
      expect(trendsFound).toBeGreaterThan(0)
    },
  )

  test('one answer of five noise series holds a trend in at most one of twenty', () => {
    const noise = seededNormals(41)
    const series = () => of(Array.from({ length: 24 }, noise))
    let answers = 0
    for (let index = 0; index < 1_000; index++) {
      const found = trends({ a: series(), b: series(), c: series(), d: series(), e: series() })
      if (Object.values(found).some((trend) => trend.verdict !== 'stable')) answers += 1
    }
    expect(answers / 1_000).toBeLessThan(0.05 + 3.09 * Math.sqrt((0.05 * 0.95) / 1_000))
    expect(answers).toBeGreaterThan(0)
  })

  test('a trend of half a standard deviation a year is found in five years of months', () => {
    const noise = seededNormals(77)
    let found = 0
    for (let index = 0; index < 200; index++) {
      const values = Array.from({ length: 60 }, (_, month) => (month / 12) * 0.5 + noise())
      if (trends({ noise: of(values) }).noise.verdict === 'increasing') found += 1
    }
    expect(found).toBeGreaterThan(150)
  })
})
