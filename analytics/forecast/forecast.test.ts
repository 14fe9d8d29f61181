import { expect, test } from 'vitest'
import { AIRLINE, seededNormals } from '../statistics/golden-series.ts'
import { backtest, naiveForecast } from './backtest.ts'
import { type Forecast, forecast } from './forecast.ts'
import type { ForecastModel, ModelFactory } from './forecast-models.ts'
import { testModels } from './model-fixture.ts'

const models = testModels()
const period = { from: null, to: null, field: 'closed' } as const
const run = (
  values: readonly number[],
  { season = 1, horizon = 3, factory = models } = {},
): Forecast =>
  forecast({ values, season, horizon, period, basis: 'count', currency: null }, factory)

test('smoothing gives what statsmodels gives', () => {
  const smoothed = models(1)(AIRLINE, 3)
  // statsmodels ETS(M,A,N) of the airline series: 436.1, 440.3, 444.4
  for (const [step, value] of [436.1, 440.3, 444.4].entries()) {
    expect(Math.abs((smoothed?.point[step] ?? 0) - value)).toBeLessThan(0.5)
  }
})

test('a series with seasons is forecast, better than the year before, and its intervals held', () => {
  const found = run(AIRLINE, { season: 12, horizon: 6 })
  expect(found.reason).toBeNull()
  expect(found.relativeError).toBeLessThan(0.95)
  expect(found.backtest?.coverage95).toBeGreaterThanOrEqual(0.85)
  expect(found.backtest).toMatchObject({ origins: 24, n: 144 })
  expect(found.steps).toHaveLength(6)
  for (const [step, figure] of found.steps.entries()) {
    const limits = found.limits80[step]
    expect(figure.interval?.method).toBe('model')
    expect(figure.interval?.low).toBeLessThan(limits?.low ?? 0)
    expect(limits?.low).toBeLessThan(figure.value ?? 0)
    expect(limits?.high).toBeLessThan(figure.interval?.high ?? 0)
  }
  const sum = found.steps.reduce((all, figure) => all + (figure.value ?? Number.NaN), 0)
  expect(found.total.value).toBeCloseTo(sum, 9)
  expect(found.total.interval?.low).toBeLessThan(sum)
  expect(run(AIRLINE, { season: 12, horizon: 6 })).toEqual(found)
})

test('a random walk is not forecast: nothing beats its last value', () => {
  const noise = seededNormals(3)
  let value = 1000
  const walk = Array.from({ length: 60 }, () => (value += 10 * noise()))
  expect(run(walk)).toMatchObject({ reason: 'not_better_than_naive', limits80: [] })
})

test('wild noise is not forecast: the interval is wider than the number', () => {
  const noise = seededNormals(4)
  const wild = Array.from({ length: 60 }, () => Math.abs(100 * noise()))
  const found = run(wild)
  expect(found.reason).toBe('interval_too_wide')
  expect(found.backtest?.n).toBe(72)
})

test('series without enough points, without variation and without a point have their reasons', () => {
  expect(run([]).reason).toBe('no_data')
  expect(run(new Array(40).fill(7)).reason).toBe('no_variation')
  expect(run(AIRLINE.slice(0, 19)).reason).toBe('insufficient_data')
  expect(run([...AIRLINE.slice(0, 40), Number.POSITIVE_INFINITY]).reason).toBe('out_of_range')
  expect(run(AIRLINE.slice(0, 19)).steps).toHaveLength(3)
})

/** A model that knows the series, and says how sure it is. */
const oracle =
  (series: readonly number[], error: number, halfWidth: number): ModelFactory =>
  () =>
  (known, horizon) => {
    const point = Array.from(
      { length: horizon },
      (_, step) => (series[known.length + step] ?? 1000) + error,
    )
    const limits = {
      low: point.map((value) => value - halfWidth),
      high: point.map((value) => value + halfWidth),
    }
    return { point, within80: limits, within95: limits }
  }

test('what is published depends on error, coverage and width', () => {
  const noise = seededNormals(8)
  // Not above zero throughout, so that the model sees the plain numbers.
  const series = Array.from({ length: 40 }, (_, step) => (step === 0 ? 0 : 1000 + 50 * noise()))
  expect(run(series, { factory: oracle(series, 5, 20) }).reason).toBeNull()
  expect(run(series, { factory: oracle(series, 5, 4) }).reason).toBe('interval_unreliable')
  expect(run(series, { factory: oracle(series, 5, 2000) }).reason).toBe('interval_too_wide')
  expect(run(series, { factory: oracle(series, 90, 200) }).reason).toBe('not_better_than_naive')
  const never: ForecastModel = () => null
  expect(run(series, { factory: () => never }).reason).toBe('model_failed')
})

test('the backtest hands the model only what was known', () => {
  const seen: number[] = []
  const model: ForecastModel = (known, horizon) => {
    seen.push(known.length)
    const point = naiveForecast(known, horizon, 2)
    const limits = { low: point, high: point }
    return { point, within80: limits, within95: limits }
  }
  const series = [1, 2, 1, 2, 1, 2, 1, 3]
  const tested = backtest(series, model, 2, 2, 2)
  expect(seen).toEqual([6, 5])
  // Origins after 6 and 5 points: errors 0, 1 and 0, 0; repeating the last value errs 1, 1 and 1, 0.
  expect(tested).toMatchObject({ n: 4, modelError: 0.25, naiveError: 0.25, coverage95: 0.75 })
})
