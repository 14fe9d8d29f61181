type Key = string | number | null

/** A row of GROUP BY ROLLUP or CUBE: its keys, null where it is a subtotal, and what it sums up. */
export interface Subtotal<R> {
  readonly keys: readonly Key[]
  /** GROUPING() of each key: 1 where the row is a subtotal over it. */
  readonly grouping: readonly (0 | 1)[]
  readonly rows: readonly R[]
}

type KeyOf<R> = (row: R) => Key

/** ROLLUP: all keys, then one fewer from the right each time, at last none. */
export function rollup<R>(rows: readonly R[], ...keys: readonly KeyOf<R>[]): Subtotal<R>[] {
  return keys.concat([() => null]).flatMap((_, dropped) => {
    const kept = keys.map((_key, at) => at < keys.length - dropped)
    return level(rows, keys, kept)
  })
}

/** CUBE: every choice of keys. */
export function cube<R>(rows: readonly R[], ...keys: readonly KeyOf<R>[]): Subtotal<R>[] {
  return Array.from({ length: 2 ** keys.length }, (_, choice) =>
    keys.map((_key, at) => Math.floor(choice / 2 ** at) % 2 === 0),
  ).flatMap((kept) => level(rows, keys, kept))
}

function level<R>(
  rows: readonly R[],
  keys: readonly KeyOf<R>[],
  kept: readonly boolean[],
): Subtotal<R>[] {
  const keysOf = (row: R): Key[] => keys.map((key, at) => (kept[at] === true ? key(row) : null))
  const groups = Map.groupBy(rows, (row) => JSON.stringify(keysOf(row)))
  return [...groups.values()].flatMap((members) => {
    const [first] = members
    if (first === undefined) return []
    const grouping = kept.map((isKept) => (isKept ? 0 : 1))
    return [{ keys: keysOf(first), grouping, rows: members }]
  })
}
