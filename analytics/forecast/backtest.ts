import type { ForecastModel, Limits } from './forecast-models.ts'

/** How a model did where the outcome is known. */
export interface Backtest {
  /** Forecasts that were compared. */
  readonly n: number
  readonly origins: number
  /** Mean absolute error of the model, and of the better of repeating the last value and the last season. */
  readonly modelError: number
  readonly naiveError: number
  /** Share of outcomes within the intervals of 80 and 95 %. */
  readonly coverage80: number
  readonly coverage95: number
}

/** Points ahead, each the same as the last, or as a season before. */
export function naiveForecast(
  series: readonly number[],
  horizon: number,
  season: number,
): number[] {
  const start = series.length - season
  return Array.from({ length: horizon }, (_, step) => series[start + (step % season)] ?? Number.NaN)
}

/**
 * Rolling origin: at each of the last `origins` points where the outcome of all `horizon` steps is known, the model is
 * fitted to what came before only. Null where it does not fit everywhere; a model that works at some origins is
 * judged by the easy ones.
 */
export function backtest(
  series: readonly number[],
  model: ForecastModel,
  horizon: number,
  season: number,
  origins: number,
): Backtest | null {
  const sums = { n: 0, model: 0, last: 0, season: 0, in80: 0, in95: 0 }
  for (let origin = 0; origin < origins; origin++) {
    const known = series.slice(0, series.length - horizon - origin)
    const found = model(known, horizon)
    if (found === null) return null
    const last = naiveForecast(known, horizon, 1)
    const lastSeason = naiveForecast(known, horizon, season)
    for (let step = 0; step < horizon; step++) {
      const actual = at(series, known.length + step)
      sums.n += 1
      sums.model += Math.abs(actual - at(found.point, step))
      sums.last += Math.abs(actual - at(last, step))
      sums.season += Math.abs(actual - at(lastSeason, step))
      if (holds(found.within80, step, actual)) sums.in80 += 1
      if (holds(found.within95, step, actual)) sums.in95 += 1
    }
  }
  return {
    n: sums.n,
    origins,
    modelError: sums.model / sums.n,
    naiveError: Math.min(sums.last, sums.season) / sums.n,
    coverage80: sums.in80 / sums.n,
    coverage95: sums.in95 / sums.n,
  }
}

function holds({ low, high }: Limits, step: number, actual: number): boolean {
  return actual >= at(low, step) && actual <= at(high, step)
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? Number.NaN
}
