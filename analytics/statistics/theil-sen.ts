import { quantileOf } from './quantiles.ts'

/** Median of the slopes of all pairs of points, per step of the series. */
export interface TheilSen {
  readonly slope: number
  readonly intercept: number
  readonly low: number
  readonly high: number
}

/**
 * Theil–Sen slope of a series against its order, with the interval that belongs to Kendall's score: the slopes whose
 * ranks are `halfWidth` score points away from the middle (half-width = z × standard deviation of the score). The
 * caller hands in the half-width for the slope, so that test and interval rest on the same variance.
 */
export function theilSen(
  series: readonly number[],
  halfWidthFor: (slope: number) => number,
): TheilSen {
  const slopes = pairSlopes(series)
  const slope = quantileOf(slopes, 0.5)
  const halfWidth = halfWidthFor(slope)
  const middle = quantileOf(Float64Array.from(series).sort(), 0.5)
  // Ranks as in Sen (1968) and in SciPy, which count from zero.
  const upper = Math.min(Math.round((slopes.length + halfWidth) / 2), slopes.length - 1)
  const lower = Math.max(Math.round((slopes.length - halfWidth) / 2) - 1, 0)
  return {
    slope,
    intercept: middle - (slope * (series.length - 1)) / 2,
    low: slopes[lower] ?? slope,
    high: slopes[upper] ?? slope,
  }
}

function pairSlopes(series: readonly number[]): Float64Array {
  const n = series.length
  const slopes = new Float64Array((n * (n - 1)) / 2)
  let place = 0
  for (let from = 0; from < n; from++) {
    for (let to = from + 1; to < n; to++) {
      slopes[place++] = ((series[to] ?? 0) - (series[from] ?? 0)) / (to - from)
    }
  }
  return slopes.sort()
}
