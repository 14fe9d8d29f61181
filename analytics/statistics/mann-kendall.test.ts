import { expect, test } from 'vitest'
import { AIRLINE, NILE } from './golden-series.ts'
import { holm } from './holm.ts'
import { mannKendall } from './mann-kendall.ts'

const TIED = [3, 3, 1, 4, 4, 4, 2, 6, 6, 5, 7, 7]

// scipy.stats.kendalltau and theilslopes; variance, z and p by the published formulas with SciPy's normal.
test.each([
  {
    name: 'airline',
    series: AIRLINE,
    score: 8327,
    variance: 335164.3333333333,
    z: 14.381610025544802,
    pValue: 6.750566761283967e-47,
    tau: 0.8098232119400294,
    slope: [2.451216287678477, 2.2941176470588234, 2.6216216216216215],
    intercept: 90.23803543098887,
  },
  {
    name: 'nile',
    series: NILE,
    score: -1387,
    variance: 112728.33333333333,
    z: -4.128066522844101,
    pValue: 3.658262921664327e-5,
    tau: -0.2807413347246131,
    slope: [-2.6, -3.627906976744186, -1.4285714285714286],
    intercept: 1022.2,
  },
  {
    name: 'with many ties',
    series: TIED,
    score: 42,
    variance: 206,
    z: 2.8566053585956324,
    pValue: 0.004281978658648075,
    tau: 0.6674238124719145,
    slope: [0.4, 0.2222222222222222, 0.5714285714285714],
    intercept: 1.8,
  },
])(
  '$name, points taken for independent',
  ({ series, score, variance, z, pValue, tau, ...line }) => {
    const result = mannKendall(series, 'none', 0.95)
    expect(result.score).toBe(score)
    expect(result.variance).toBeCloseTo(variance, 6)
    expect(result.z).toBeCloseTo(z, 10)
    expect(result.pValue / pValue).toBeCloseTo(1, 9)
    expect(result.tau).toBeCloseTo(tau, 12)
    const { slope, low, high, intercept } = result.slope
    for (const [index, value] of [slope, low, high].entries()) {
      expect(value).toBeCloseTo(line.slope[index] ?? Number.NaN, 12)
    }
    expect(intercept).toBeCloseTo(line.intercept, 10)
  },
)

test('serial correlation makes the variance larger, the interval wider, and never the other way round', () => {
  const plain = mannKendall(NILE, 'none', 0.95)
  const corrected = mannKendall(NILE, 'lag_1', 0.95)
  // statsmodels' acf of the ranks of the residuals is 0.35644 at lag 1; the correction puts back (n r + 2) / (n − 4).
  expect(corrected.serialCorrelation).toBeCloseTo((100 * 0.35644292 + 2) / 96, 6)
  expect(corrected.varianceFactor).toBeGreaterThan(1.5)
  expect(corrected.variance).toBeCloseTo(plain.variance * corrected.varianceFactor, 6)
  expect(corrected.slope.low).toBeLessThan(plain.slope.low)
  expect(corrected.slope.high).toBeGreaterThan(plain.slope.high)
  const zigzag = Array.from({ length: 30 }, (_, index) => (index % 2) * 10 + index / 100)
  expect(mannKendall(zigzag, 'lag_1', 0.95).varianceFactor).toBe(1)
})

test('a constant series has neither trend nor tau', () => {
  const result = mannKendall(new Array<number>(12).fill(5), 'lag_1', 0.95)
  expect(result).toMatchObject({ score: 0, variance: 0, z: 0, pValue: 1, tau: null })
  expect(result.slope).toMatchObject({ slope: 0, low: 0, high: 0 })
})

// statsmodels.stats.multitest.multipletests(method='holm')
test.each([
  [
    [0.01, 0.04, 0.03, 0.005],
    [0.03, 0.06, 0.06, 0.02],
  ],
  [
    [0.6, 0.001, 0.02],
    [0.6, 0.003, 0.04],
  ],
  [[], []],
])('Holm of %j', (pValues, corrected) => {
  for (const [index, value] of holm(pValues).entries()) {
    expect(value).toBeCloseTo(corrected[index] ?? Number.NaN, 12)
  }
})
