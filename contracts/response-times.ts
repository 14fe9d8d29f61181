/** Upper bounds of the buckets that response times are counted in, in milliseconds; a last bucket has no bound. */
export const RESPONSE_BOUNDS_MS = [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000] as const

/** The place of a response time among the buckets. */
export function responseBucket(durationMs: number): number {
  const place = RESPONSE_BOUNDS_MS.findIndex((bound) => durationMs <= bound)
  return place < 0 ? RESPONSE_BOUNDS_MS.length : place
}

/** As many zeros as there are buckets. */
export function emptyResponseBuckets(): number[] {
  return Array.from({ length: RESPONSE_BOUNDS_MS.length + 1 }, () => 0)
}

/** The bound under which the given share of the counted response times lie; null where nothing was counted. */
export function responseQuantile(buckets: readonly number[], share: number): number | null {
  const total = buckets.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  let below = 0
  for (const [place, bound] of RESPONSE_BOUNDS_MS.entries()) {
    below += buckets[place] ?? 0
    if (below >= share * total) return bound
  }
  // Slower than the last bound: how much, the counts do not say.
  return null
}
