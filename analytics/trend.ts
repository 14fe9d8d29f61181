import type { Figure, FigurePeriod, FigureReason, TrendVerdict } from '../contracts/analytics.ts'
import { known, unknown } from './figure.ts'
import { holm } from './statistics/holm.ts'
import { type MannKendall, mannKendall } from './statistics/mann-kendall.ts'
import { LEVEL } from './statistics/wilson-interval.ts'

/** Points that a trend needs. */
export const LEAST_POINTS = 10
/** Only the newest are looked at: all pairs of points are compared, and a trend of ten years ago is none. */
const MOST_POINTS = 500

/** A series with the period that its points cover, oldest point first. */
export interface TrendSeries {
  readonly values: readonly number[]
  readonly period: FigurePeriod
}

/** What can be said of a series. */
export interface Trend {
  readonly verdict: TrendVerdict
  /** Theil–Sen slope, per step of the series, with its interval. */
  readonly slope: Figure
  /** p-value of the Mann–Kendall test, corrected for the number of series in the answer. */
  readonly pValue: number | null
  /** Kendall's tau-b against time. */
  readonly tau: number | null
  readonly serialCorrelation: number | null
  /** Why there is no verdict. */
  readonly reason: FigureReason | null
}

/**
 * The trends of all series of one answer. They are judged together: with twelve series, one would look like a trend
 * by chance in every second answer.
 */
export function trends<Name extends string>(
  series: Readonly<Record<Name, TrendSeries>>,
): Record<Name, Trend> {
  const names = Object.keys(series) as Name[]
  const tests = names.map((name) => test(series[name].values))
  const corrected = holm(tests.filter((result) => result !== null).map((result) => result.pValue))
  let next = 0
  const judged = names.map((name, index): [Name, Trend] => {
    const result = tests[index] ?? null
    const { period } = series[name]
    const pValue = result === null ? 1 : (corrected[next++] ?? 1)
    return [name, result === null ? noTrend(series[name]) : judge(result, pValue, period)]
  })
  // Each name of the input is in the list exactly once.
  return Object.fromEntries(judged) as Record<Name, Trend>
}

function test(values: readonly number[]): (MannKendall & { readonly n: number }) | null {
  const newest = values.slice(-MOST_POINTS)
  if (newest.length < LEAST_POINTS || !newest.every(Number.isFinite)) return null
  return { ...mannKendall(newest, 'lag_1', LEVEL), n: newest.length }
}

function noTrend({ values, period }: TrendSeries): Trend {
  const reason = values.length === 0 ? 'no_data' : 'insufficient_data'
  return {
    verdict: 'insufficient_data',
    slope: unknown({ basis: 'per_period', period, n: values.length }, reason),
    pValue: null,
    tau: null,
    serialCorrelation: null,
    reason,
  }
}

function judge(
  result: MannKendall & { readonly n: number },
  pValue: number,
  period: FigurePeriod,
): Trend {
  const { slope, low, high } = result.slope
  const interval = { low, high, level: LEVEL, method: 'theil_sen' } as const
  return {
    verdict: verdict(result, pValue),
    slope: known({ basis: 'per_period', period, n: result.n }, slope, interval),
    pValue,
    tau: result.tau,
    serialCorrelation: result.serialCorrelation,
    reason: null,
  }
}

/** A word only where the test and the interval say the same. */
function verdict({ slope, score }: MannKendall, pValue: number): TrendVerdict {
  if (pValue >= 1 - LEVEL) return 'stable'
  if (score > 0 && slope.low > 0) return 'increasing'
  return score < 0 && slope.high < 0 ? 'decreasing' : 'stable'
}
