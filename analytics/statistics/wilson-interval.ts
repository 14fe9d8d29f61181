import type { FigureInterval } from '../../contracts/analytics.ts'
import { normalQuantile } from './normal.ts'

/** The level of every interval that does not name one. */
export const LEVEL = 0.95

/** Wilson's score interval of a share: holds its level for few rows, and near 0 and 1, where the usual one fails. */
export function wilsonInterval(successes: number, n: number, level = LEVEL): FigureInterval {
  const [low, high] = wilsonBounds(successes, n, level)
  return { low, high, level, method: 'wilson' }
}

/** Interval of a difference of two shares, by Newcombe's way of joining their Wilson intervals. */
export function shareDifferenceInterval(
  current: { readonly successes: number; readonly n: number },
  previous: { readonly successes: number; readonly n: number },
  level = LEVEL,
): FigureInterval {
  const [lowA, highA] = wilsonBounds(current.successes, current.n, level)
  const [lowB, highB] = wilsonBounds(previous.successes, previous.n, level)
  const a = current.successes / current.n
  const b = previous.successes / previous.n
  return {
    low: a - b - Math.hypot(a - lowA, highB - b),
    high: a - b + Math.hypot(highA - a, b - lowB),
    level,
    method: 'newcombe',
  }
}

function wilsonBounds(successes: number, n: number, level: number): [number, number] {
  const z2 = normalQuantile((1 + level) / 2) ** 2
  const share = successes / n
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n)
  const half =
    Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n)) * (Math.sqrt(z2) / (1 + z2 / n))
  // Exactly 0 and 1 where nothing or everything succeeded; rounding would leave 1e-17 or 1.0000000000000002.
  return [
    successes === 0 ? 0 : Math.max(0, centre - half),
    successes === n ? 1 : Math.min(1, centre + half),
  ]
}
