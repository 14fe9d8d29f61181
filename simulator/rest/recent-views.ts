import type { ObjectDefinition } from '../schema/field.ts'

/** A record that a user looked at. */
export interface RecentView {
  readonly object: string
  readonly n: number
}

/** What users looked at, as `SELECT … FOR VIEW` says it. Ends with the process. */
export interface RecentViews {
  /** The last of `numbers` counts as looked at last. */
  add(user: number, object: ObjectDefinition, numbers: readonly number[] | Uint32Array): void
  /** Newest first. */
  of(user: number): readonly RecentView[]
  clear(): void
}

/** As many as a real org remembers for a user. */
const KEPT = 200

export function createRecentViews(): RecentViews {
  const views = new Map<number, readonly RecentView[]>()
  return {
    add(user, { name }, numbers) {
      // A list may be as long as an object: only its end is kept.
      const last = Array.from(numbers.slice(-KEPT)).toReversed()
      const added = last.map((n) => ({ object: name, n }))
      const isAdded = new Set(last)
      const others = (views.get(user) ?? []).filter(
        ({ object, n }) => object !== name || !isAdded.has(n),
      )
      views.set(user, [...added, ...others].slice(0, KEPT))
    },
    of: (user) => views.get(user) ?? [],
    clear: () => views.clear(),
  }
}
