/** Values in ascending order, as a copy. */
export function ascending(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort()
}

/** Quantile by linear interpolation between neighbours (type 7: the default of NumPy, R and `percentile_cont`). */
export function quantileOf(sorted: ArrayLike<number>, share: number): number {
  const place = (sorted.length - 1) * share
  const below = Math.floor(place)
  const low = sorted[below] ?? Number.NaN
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN
  return low + (place - below) * (high - low)
}

/** Median of values in any order; NaN of none. */
export function medianOf(values: readonly number[]): number {
  return quantileOf(ascending(values), 0.5)
}

/** Arithmetic mean; NaN of none. */
export function meanOf(values: readonly number[]): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}

/** Median of the distances from the median: a spread that one huge value does not move. */
export function medianAbsoluteDeviation(values: readonly number[]): number {
  const middle = medianOf(values)
  return medianOf(values.map((value) => Math.abs(value - middle)))
}
