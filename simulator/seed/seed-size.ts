/** How many records of each kind a seed holds; what follows from them comes on top. */
export interface SeedSize {
  readonly sellers: number
  readonly accounts: number
  readonly contacts: number
  readonly opportunities: number
  /** Converted ones too, as far as there are accounts that came of one. */
  readonly leads: number
  readonly cases: number
  readonly tasks: number
  readonly events: number
  readonly campaigns: number
}

/** An org that a person can look through. */
export const DEMO_SIZE: SeedSize = {
  sellers: 8,
  accounts: 140,
  contacts: 260,
  opportunities: 420,
  leads: 420,
  cases: 160,
  tasks: 480,
  events: 160,
  campaigns: 10,
}

/** How unevenly children lie on parents: of ten parents in a row, the first has most. */
const WEIGHTS = [30, 18, 14, 10, 8, 7, 5, 4, 3, 1] as const
const GROUP = 100

function weightBefore(parent: number): number {
  const inGroup = WEIGHTS.slice(0, parent % WEIGHTS.length).reduce((sum, weight) => sum + weight, 0)
  return Math.floor(parent / WEIGHTS.length) * GROUP + inGroup
}

/** How many of `total` children parent number `parent` (from 0) of `parents` has; all add up to `total`. */
export function shareOf(parent: number, parents: number, total: number): number {
  const all = weightBefore(parents)
  const upTo = (count: number): number => Math.floor((weightBefore(count) * total) / all)
  return upTo(parent + 1) - upTo(parent)
}
