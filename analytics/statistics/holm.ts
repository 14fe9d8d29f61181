/**
 * Holm's correction of the p-values of one answer: with many series, one in twenty looks like a trend by chance. The
 * corrected values are in the order of the given ones.
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p)
  const corrected = new Array<number>(pValues.length).fill(1)
  let largest = 0
  for (const [rank, { p, index }] of order.entries()) {
    largest = Math.max(largest, Math.min(1, p * (pValues.length - rank)))
    corrected[index] = largest
  }
  return corrected
}
