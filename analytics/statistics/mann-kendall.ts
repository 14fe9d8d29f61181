import { kendallOverTime } from './kendall.ts'
import { normalQuantile, twoSidedTail } from './normal.ts'
import { type TheilSen, theilSen } from './theil-sen.ts'

/** Whether a series rises or falls: the test, and the slope with the interval that rests on the same variance. */
export interface MannKendall {
  readonly score: number
  /** Variance of the score, ties and serial correlation counted. */
  readonly variance: number
  readonly z: number
  readonly pValue: number
  readonly tau: number | null
  readonly slope: TheilSen
  /** Lag-1 correlation of the ranks of the series without its slope, corrected for its bias. */
  readonly serialCorrelation: number
  /** By how much serial correlation makes the variance larger; 1 is not at all. */
  readonly varianceFactor: number
}

/** The plain test takes the points for independent; the other makes the variance larger where they are not. */
export type SerialCorrection = 'none' | 'lag_1'

/** Mann–Kendall test with correction for ties and, after Hamed and Rao, for serial correlation. */
export function mannKendall(
  series: readonly number[],
  correction: SerialCorrection,
  level: number,
): MannKendall {
  const { score, variance: plain, tau } = kendallOverTime(series)
  const critical = normalQuantile((1 + level) / 2)
  let serialCorrelation = 0
  let varianceFactor = 1
  const slope = theilSen(series, (middle) => {
    serialCorrelation = correctedLagOne(series.map((value, index) => value - middle * index))
    if (correction === 'lag_1') varianceFactor = hamedRao(series.length, serialCorrelation)
    return critical * Math.sqrt(plain * varianceFactor)
  })
  const variance = plain * varianceFactor
  const z = variance === 0 ? 0 : (score - Math.sign(score)) / Math.sqrt(variance)
  const pValue = twoSidedTail(z)
  return { score, variance, z, pValue, tau, slope, serialCorrelation, varianceFactor }
}

/**
 * Hamed and Rao's factor with the correlations that a lag-1 process has at all lags, at the correlation one standard
 * error above the one that was found. The published form takes from the series each lag that looks significant; on
 * two years of months those are mostly noise. Both it and the plain estimate find trends that are not there up to
 * twice as often as they say.
 */
function hamedRao(n: number, lagOne: number): number {
  const cautious = Math.min(0.95, lagOne + Math.sqrt(Math.max(0, 1 - lagOne * lagOne) / n))
  let sum = 0
  for (let lag = 1; lag < n - 2; lag++) {
    sum += (n - lag) * (n - lag - 1) * (n - lag - 2) * cautious ** lag
  }
  return Math.max(1, 1 + (2 * sum) / (n * (n - 1) * (n - 2)))
}

/** Lag-1 correlation of ranks. On short series it comes out too low by a known amount, which is put back. */
function correctedLagOne(residuals: readonly number[]): number {
  const n = residuals.length
  const ranks = midRanks(residuals)
  const mean = (n + 1) / 2
  let product = 0
  let square = 0
  let previous: number | null = null
  for (const rank of ranks) {
    const deviation = rank - mean
    square += deviation * deviation
    if (previous !== null) product += deviation * previous
    previous = deviation
  }
  if (square === 0 || n <= 4) return 0
  const raw = product / square
  return Math.min(0.95, (n * raw + 2) / (n - 4))
}

function midRanks(values: readonly number[]): number[] {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value)
  const ranks = new Array<number>(values.length).fill(0)
  let from = 0
  while (from < order.length) {
    let to = from
    while (to + 1 < order.length && order[to + 1]?.value === order[from]?.value) to += 1
    for (const { index } of order.slice(from, to + 1)) ranks[index] = (from + to) / 2 + 1
    from = to + 1
  }
  return ranks
}
