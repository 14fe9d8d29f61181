import type { SQLInputValue } from 'node:sqlite'
import { keyPrefixOf } from '../ids.ts'
import { keyOf } from '../store/key-of.ts'
import {
  comparable,
  idOf,
  inPicklistOrder,
  invalidOperator,
  isNothing,
  storedValue,
  wrongType,
} from './literal-value.ts'
import { dayStart } from './local-time.ts'
import type { Parameters } from './parameters.ts'
import { periodDays } from './period.ts'
import { calendarOf, type QueryContext } from './query-context.ts'
import { SoqlError } from './soql-error.ts'
import { foldCase } from './sql-functions.ts'
import type { Literal, Operator } from './statement.ts'
import { isLongText, kindOf, type Value } from './value.ts'

/** What the comparisons of one SQL statement share. */
export interface Comparisons {
  readonly parameters: Parameters
  readonly context: QueryContext
}

/** Logic has two values here: what is not known to be true is false, and its contrary true. */
export function negated(sql: string): string {
  return `NOT coalesce((${sql}), 0)`
}

/** The SQL condition of one comparison. Throws SoqlError for a value that the field cannot have. */
export function compareSql(
  scope: Comparisons,
  value: Value,
  operator: Operator,
  literal: Literal,
): string {
  refuseUnfiltered(value, literal.at)
  if (operator === '!=') return negated(compareSql(scope, value, '=', literal))
  const { parameters } = scope
  if (value.type === 'boolean') return booleanSql(value, operator, literal)
  if (isNothing(value, literal)) {
    if (operator !== '=') throw invalidOperator(value, literal.at)
    return `${value.sql} IS NULL`
  }
  if (literal.kind === 'period') return periodSql(scope, value, operator, literal)
  switch (kindOf(value.type)) {
    case 'text':
      return textSql(parameters, value, operator, literal)
    case 'id':
      return idSql(parameters, value, operator, literal)
    case 'number':
    case 'date':
    case 'datetime':
    case 'time':
      return `${value.sql} ${operator} ${parameters.add(storedValue(value, literal))}`
    case 'boolean':
    case 'address':
      throw invalidOperator(value, literal.at)
  }
}

/** Whether a value is one of a list. */
export function inSql(scope: Comparisons, value: Value, literals: readonly Literal[]): string {
  const kind = kindOf(value.type)
  const distinct = distinctLiterals(literals)
  const isPlain = (literal: Literal): boolean =>
    literal.kind !== 'period' && !isNothing(value, literal)
  const plain = distinct.filter(isPlain)
  const listed = kind !== 'boolean' && kind !== 'address'
  const single = (listed ? distinct.filter((literal) => !isPlain(literal)) : distinct).map(
    (literal) => compareSql(scope, value, '=', literal),
  )
  if (!listed || plain.length === 0 || value.type === 'multipicklist') {
    const rest = listed ? plain.map((literal) => compareSql(scope, value, '=', literal)) : []
    return joined([...single, ...rest], 'OR')
  }
  refuseUnfiltered(value, plain[0]?.at ?? 0)
  const members = plain.map((literal) => comparable(value, literal))
  const list = `(SELECT value FROM json_each(${scope.parameters.add(JSON.stringify(members))}))`
  return joined([...single, `${comparableSql(value)} IN ${list}`], 'OR')
}

/** What stands twice in a list is looked for once: a list is as long as a statement may be. */
function distinctLiterals(literals: readonly Literal[]): Literal[] {
  const found = new Map<string, Literal>()
  for (const literal of literals) {
    const { at: _, ...written } = literal
    const key = JSON.stringify(written)
    if (!found.has(key)) found.set(key, literal)
  }
  return [...found.values()]
}

/** Long chains are bracketed in halves: SQLite bounds how deep an expression may be. */
export function joined(parts: readonly string[], joint: 'AND' | 'OR'): string {
  if (parts.length === 1) return parts[0] ?? ''
  const half = Math.ceil(parts.length / 2)
  return `(${joined(parts.slice(0, half), joint)} ${joint} ${joined(parts.slice(half), joint)})`
}

/** Throws SoqlError for fields that conditions cannot name. */
export function refuseUnfiltered(value: Value, at: number): void {
  if (!isLongText(value) && value.type !== 'address') return
  throw new SoqlError(
    'INVALID_FIELD',
    `field '${value.name}' can not be filtered in a query call`,
    at,
  )
}

/** A checkbox that was never set is off. */
function booleanSql(value: Value, operator: Operator, literal: Literal): string {
  if (literal.kind !== 'boolean' && literal.kind !== 'null') throw wrongType(value, literal.at)
  if (operator !== '=') throw invalidOperator(value, literal.at)
  const wanted = literal.kind === 'boolean' && literal.value
  return `coalesce(${value.sql}, 0) = ${wanted ? 1 : 0}`
}

function textSql(
  parameters: Parameters,
  value: Value,
  operator: Operator,
  literal: Literal,
): string {
  if (literal.kind !== 'string') throw wrongType(value, literal.at)
  if (operator !== '=') {
    if (value.type === 'multipicklist') throw invalidOperator(value, literal.at)
    return `soql_upper(${value.sql}) ${operator} ${parameters.add(literal.value.toUpperCase())}`
  }
  if (value.type === 'multipicklist') {
    return `soql_fold(${value.sql}) = ${parameters.add(foldCase(inPicklistOrder(value, literal.value)))}`
  }
  const exact = value.field.caseSensitive
  const same = exact ? `${value.sql} = ${parameters.add(literal.value)}` : null
  if (value.key !== null) {
    const key = `${value.key} = ${parameters.add(keyOf(literal.value))}`
    return same === null ? key : `(${key} AND ${same})`
  }
  return same ?? `${comparableSql(value)} = ${parameters.add(comparable(value, literal))}`
}

/** The SQL expression whose results can be looked up among those of `comparable`. */
function comparableSql(value: Value): string {
  if (kindOf(value.type) !== 'text') return value.sql
  if (value.field.caseSensitive) return value.sql
  return value.key ?? `soql_fold(${value.sql})`
}

function idSql(parameters: Parameters, value: Value, operator: Operator, literal: Literal): string {
  const id = idOf(value, literal)
  if (operator === '=' || value.form === 'plain' || keyPrefixOf(id) === value.keyPrefix) {
    return `${value.sql} ${operator} ${parameters.add(comparable(value, literal))}`
  }
  // Ids of another object come before or behind all of this one.
  const isAbove = value.keyPrefix > keyPrefixOf(id)
  return operator.startsWith('>') === isAbove ? '1' : '0'
}

/** A relative date is a range: `=` is inside, `<` before, `>` behind it. */
function periodSql(
  scope: Comparisons,
  value: Value,
  operator: Operator,
  literal: Extract<Literal, { kind: 'period' }>,
): string {
  if (value.type !== 'date' && value.type !== 'datetime') throw wrongType(value, literal.at)
  const { parameters, context } = scope
  const days = periodDays(literal.name, literal.count, calendarOf(context))
  const edge = (day: string): SQLInputValue => {
    if (value.type === 'date') return day
    const instant = dayStart(context.zone, day)
    return value.form === 'milliseconds' ? instant : new Date(instant).toISOString()
  }
  const start = (): string => parameters.add(edge(days.start))
  const end = (): string => parameters.add(edge(days.end))
  switch (operator) {
    case '=':
      return `(${value.sql} >= ${start()} AND ${value.sql} < ${end()})`
    case '<':
      return `${value.sql} < ${start()}`
    case '>=':
      return `${value.sql} >= ${start()}`
    case '>':
      return `${value.sql} >= ${end()}`
    case '<=':
      return `${value.sql} < ${end()}`
    case '!=':
      return negated(periodSql(scope, value, '=', literal))
  }
}
