import type { Figure, FigureBasis, FigurePeriod, FigureReason } from '../../contracts/analytics.ts'
import { type FigureSubject, known, unknown } from '../figure.ts'
import { type Backtest, backtest } from './backtest.ts'
import { type ModelFactory, type ModelForecast, onLogScale } from './forecast-models.ts'

/** Only the newest points are used, and few origins: a forecast takes a bounded time, whatever the series. */
const MOST_POINTS = 240
const MOST_ORIGINS = 24
const LEAST_ORIGINS = 8
/** Points that smoothing needs at the earliest origin; seasons need that many rounds. */
const LEAST_POINTS = 10
const LEAST_SEASONS = 2
/** The model must err this much less than the naive forecast: less could be luck of a few origins. */
const MARGIN = 0.95
/** Of the 95 % intervals, at least this share must have held. */
const LEAST_COVERAGE = 0.85
const LEVEL = 0.95

/** What a series may become, and what that is worth. */
export interface Forecast {
  /** One figure for each step ahead, with the 95 % interval of the model. */
  readonly steps: readonly Figure[]
  /**
   * All steps together. Its limits are the sums of theirs, as if all steps erred the same way: wider than they need
   * be, because nothing says how much the errors have in common.
   */
  readonly total: Figure
  /** The 80 % limits of each step; empty where nothing is published. */
  readonly limits80: readonly { readonly low: number; readonly high: number }[]
  /** Error of the model ÷ error of the naive forecast, in the backtest; below 1 the model is better. */
  readonly relativeError: number | null
  readonly backtest: Backtest | null
  readonly reason: FigureReason | null
}

/** A series of equal steps, oldest first; the last one is complete. */
export interface ForecastInput {
  readonly values: readonly number[]
  /** Steps after which it may repeat: 12 for months; 1 for none. */
  readonly season: number
  readonly horizon: number
  readonly period: FigurePeriod
  readonly basis: FigureBasis
  readonly currency: string | null
}

/**
 * A forecast only where it is worth one: it beat the naive one where the outcome is known, its intervals held there,
 * and they are narrower than the number itself. Else null, with the reason and the backtest. Seasons are used where
 * every origin of the backtest has two whole ones before it, and logarithms where all values are above zero.
 */
export function forecast(input: ForecastInput, models: ModelFactory): Forecast {
  const { horizon } = input
  const series = input.values.slice(-MOST_POINTS)
  if (!series.every(Number.isFinite)) return notKnown(input, 'out_of_range', null)
  if (series.length === 0) return notKnown(input, 'no_data', null)
  if (series.every((value) => value === series[0])) return notKnown(input, 'no_variation', null)
  const season = usableSeason(series.length, input.season, horizon)
  const origins = originsFor(series.length, horizon, season)
  if (origins < LEAST_ORIGINS) return notKnown(input, 'insufficient_data', null)
  const plain = models(season)
  const model = series.every((value) => value > 0) ? onLogScale(plain) : plain
  const earliest = series.length - horizon - origins + 1
  // The naive forecast repeats the last season wherever it has one, also where the model cannot.
  const repeated = earliest >= input.season ? input.season : 1
  const tested = backtest(series, model, horizon, repeated, origins)
  const ahead = model(series, horizon)
  if (tested === null || ahead === null) return notKnown(input, 'model_failed', tested)
  const reason = verdict(tested, ahead)
  if (reason !== null) return notKnown(input, reason, tested)
  const floor = series.every((value) => value >= 0) ? 0 : Number.NEGATIVE_INFINITY
  const cut = (values: readonly number[]) => values.map((value) => Math.max(floor, value))
  const point = cut(ahead.point)
  const { low, high } = { low: cut(ahead.within95.low), high: ahead.within95.high }
  const low80 = cut(ahead.within80.low)
  const figure = (value: number, from: number, to: number) =>
    known(subjectOf(input), value, { low: from, high: to, level: LEVEL, method: 'model' })
  return {
    steps: point.map((value, step) => figure(value, at(low, step), at(high, step))),
    total: figure(sumOf(point), sumOf(low), sumOf(high)),
    limits80: low80.map((from, step) => ({ low: from, high: at(ahead.within80.high, step) })),
    relativeError: tested.modelError / tested.naiveError,
    backtest: tested,
    reason: null,
  }
}

function usableSeason(n: number, season: number, horizon: number): number {
  if (season <= 1) return 1
  return originsFor(n, horizon, season) >= LEAST_ORIGINS ? season : 1
}

function originsFor(n: number, horizon: number, season: number): number {
  const least = season > 1 ? LEAST_SEASONS * season : LEAST_POINTS
  return Math.min(MOST_ORIGINS, n - horizon - least + 1)
}

function verdict(tested: Backtest, ahead: ModelForecast): FigureReason | null {
  if (!(tested.modelError < MARGIN * tested.naiveError)) return 'not_better_than_naive'
  if (tested.coverage95 < LEAST_COVERAGE) return 'interval_unreliable'
  const { low, high } = ahead.within95
  const tooWide = ahead.point.some(
    (point, step) => !(at(high, step) - at(low, step) <= Math.abs(point)),
  )
  return tooWide ? 'interval_too_wide' : null
}

function notKnown(input: ForecastInput, reason: FigureReason, tested: Backtest | null): Forecast {
  const figure = unknown(subjectOf(input), reason)
  return {
    steps: Array.from({ length: input.horizon }, () => figure),
    total: figure,
    limits80: [],
    relativeError:
      tested === null || tested.naiveError === 0 ? null : tested.modelError / tested.naiveError,
    backtest: tested,
    reason,
  }
}

function subjectOf({ values, period, basis, currency }: ForecastInput): FigureSubject {
  return { basis, period, n: Math.min(values.length, MOST_POINTS), currency }
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? Number.NaN
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
