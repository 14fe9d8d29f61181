import { type FragmentSqlToken, sql } from 'slonik'
import { type ExactPlace, exactTime } from './exact-time.ts'

/** What is asked of a log that is read newest first. */
export interface LogQuestion {
  /** Columns that must have a value; those that are undefined are not asked for. */
  readonly equal: Readonly<Record<string, string | undefined>>
  readonly since: Date | undefined
  readonly until: Date | undefined
  readonly before: ExactPlace | null
  /** What orders rows of one time. */
  readonly idColumn: string
}

/** The conditions on a log whose rows have a `created_at`. */
export function logConditions(question: LogQuestion): FragmentSqlToken[] {
  const { equal, since, until, before, idColumn } = question
  const conditions = Object.entries(equal).flatMap(([column, value]) =>
    value === undefined ? [] : [sql.fragment`${sql.identifier([column])} = ${value}`],
  )
  if (since !== undefined) conditions.push(sql.fragment`created_at >= ${sql.timestamp(since)}`)
  if (until !== undefined) conditions.push(sql.fragment`created_at < ${sql.timestamp(until)}`)
  if (before !== null) {
    conditions.push(sql.fragment`
      (created_at, ${sql.identifier([idColumn])}) < (${exactTime(before.at)}, ${before.id})`)
  }
  return [sql.fragment`true`, ...conditions]
}
