import { sql } from 'slonik'

/** Where a row stands in a list, as `exact_time` of the database writes it: Date would lose the microseconds. */
export interface ExactPlace {
  readonly at: string
  readonly id: string
}

const EXACT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/

/** Whether a text is one that `exact_time` wrote. */
export function isExactTime(text: unknown): text is string {
  return typeof text === 'string' && EXACT.test(text) && !Number.isNaN(Date.parse(text))
}

/** The same moment in SQL. */
export function exactTime(text: string) {
  return sql.fragment`${text}::timestamptz`
}
