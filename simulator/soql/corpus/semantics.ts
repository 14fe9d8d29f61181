/** SOQL's documented semantics of values, as plain functions for the expected answers. */

type Scalar = string | number | boolean | null

/** Text is compared by the values of its uppercase characters (English locales). */
export const fold = (text: string): string => text.toUpperCase()

export const sameText = (left: string | null, right: string): boolean =>
  left !== null && fold(left) === fold(right)

/** Compares two values that are not null: text without case, numbers by size, false before true. */
export function compare(left: Exclude<Scalar, null>, right: Exclude<Scalar, null>): number {
  const a = typeof left === 'string' ? fold(left) : left
  const b = typeof right === 'string' ? fold(right) : right
  return a < b ? -1 : a > b ? 1 : 0
}

/** One key of ORDER BY. */
export interface SortKey<R> {
  readonly of: (row: R) => Scalar
  readonly descending?: boolean
  /** Nulls come first in either direction, unless the query says otherwise. */
  readonly nullsLast?: boolean
}

export function sorted<R>(rows: readonly R[], ...keys: readonly SortKey<R>[]): R[] {
  return [...rows].sort((left, right) => {
    for (const key of keys) {
      const order = compareBy(key, left, right)
      if (order !== 0) return order
    }
    return 0
  })
}

function compareBy<R>(key: SortKey<R>, left: R, right: R): number {
  const a = key.of(left)
  const b = key.of(right)
  if (a === null || b === null) {
    if (a === b) return 0
    return (a === null ? -1 : 1) * (key.nullsLast === true ? -1 : 1)
  }
  return compare(a, b) * (key.descending === true ? -1 : 1)
}

/** A picklist value's place in its definition, by which SOQL sorts it. */
export const place =
  (values: readonly string[]) =>
  (value: string | null): number | null =>
    value === null ? null : values.indexOf(value)

/** The rows of each group, groups in the order of their first row. */
export function grouped<R, K extends Scalar>(rows: readonly R[], key: (row: R) => K): Map<K, R[]> {
  return Map.groupBy(rows, key)
}

export const known = <V>(values: readonly (V | null)[]): V[] =>
  values.filter((value) => value !== null)

/** An exact sum of numbers with two decimals; null of nothing. */
export function sum(values: readonly (number | null)[]): number | null {
  const numbers = known(values)
  if (numbers.length === 0) return null
  return numbers.reduce((total, value) => total + Math.round(value * 100), 0) / 100
}

/** The mean of the values that are not null; null of nothing. */
export function average(values: readonly (number | null)[]): number | null {
  const numbers = known(values)
  const total = sum(numbers)
  return total === null ? null : total / numbers.length
}

/** The least value by SOQL's order; null of nothing. */
export function least<V extends string | number>(values: readonly (V | null)[]): V | null {
  return known(values).reduce<V | null>(
    (best, value) => (best === null || compare(value, best) < 0 ? value : best),
    null,
  )
}

/** The greatest value by SOQL's order; null of nothing. */
export function greatest<V extends string | number>(values: readonly (V | null)[]): V | null {
  return known(values).reduce<V | null>(
    (best, value) => (best === null || compare(value, best) > 0 ? value : best),
    null,
  )
}
