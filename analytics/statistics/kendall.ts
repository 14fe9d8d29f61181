/** What Kendall's rank correlation of a series with time is made of. */
export interface KendallOverTime {
  /** Pairs that rise minus pairs that fall. */
  readonly score: number
  /** Variance of the score if the values came in any order, ties counted. */
  readonly variance: number
  /** Tau-b, from -1 to 1; null where all values are the same. */
  readonly tau: number | null
}

/** Kendall's score, its variance and tau-b of a series against its order. */
export function kendallOverTime(series: readonly number[]): KendallOverTime {
  const n = series.length
  let score = 0
  for (const [index, value] of series.entries()) {
    for (let later = index + 1; later < n; later++) score += Math.sign((series[later] ?? 0) - value)
  }
  const ties = tieSizes(series)
  const spread = (size: number) => size * (size - 1) * (2 * size + 5)
  const pairs = (size: number) => (size * (size - 1)) / 2
  const untied = pairs(n) - sumOf(ties, pairs)
  return {
    score,
    variance: (spread(n) - sumOf(ties, spread)) / 18,
    tau: untied === 0 ? null : score / Math.sqrt(untied * pairs(n)),
  }
}

function tieSizes(series: readonly number[]): number[] {
  const counts = new Map<number, number>()
  for (const value of series) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts.values()].filter((count) => count > 1)
}

function sumOf(sizes: readonly number[], of: (size: number) => number): number {
  return sizes.reduce((sum, size) => sum + of(size), 0)
}
