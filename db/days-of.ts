import { type FragmentSqlToken, sql } from 'slonik'

const DAY_MS = 86_400_000

/**
 * Holds a time to the days that these times are in, which are those of the partitions: the others are left out before the
 * plan is made. Whole days, as Postgres takes a range that it has seen no row of yet for an empty one, and then reads it
 * again for each row that it is joined to.
 */
export function withinDaysOf(column: readonly string[], times: readonly Date[]): FragmentSqlToken {
  const days = times.map((time) => Math.floor(time.getTime() / DAY_MS))
  const from = new Date(Math.min(...days) * DAY_MS)
  const until = new Date((Math.max(...days) + 1) * DAY_MS)
  const name = sql.identifier([...column])
  return sql.fragment`(${name} >= ${sql.timestamp(from)} and ${name} < ${sql.timestamp(until)})`
}
