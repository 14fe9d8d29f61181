import type { Random } from '../seeded-random.ts'

/** One of several values. */
export function pick<T>(random: Random, values: readonly T[]): T {
  const value = values[Math.floor(random() * values.length)]
  if (value === undefined) throw new Error('nothing to pick from')
  return value
}

/** A whole number from `low` to `high`, both included. */
export function between(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1))
}

export function chance(random: Random, probability: number): boolean {
  return random() < probability
}

/** A value of many small and few large ones, around `middle`; `spread` 0 gives `middle` always. */
export function skewed(random: Random, middle: number, spread: number): number {
  // The sum of three draws is close enough to a bell; its exponential is skewed as sizes of deals are.
  const bell = random() + random() + random() - 1.5
  return middle * Math.exp(bell * 2 * spread)
}
