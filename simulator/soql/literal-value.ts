import { canonicalId, keyPrefixOf, recordNumber } from '../ids.ts'
import { keyOf } from '../store/key-of.ts'
import { coerceDate, coerceDatetime } from '../values/coerce-text.ts'
import { SoqlError } from './soql-error.ts'
import { foldCase } from './sql-functions.ts'
import type { Literal } from './statement.ts'
import { kindOf, type Value } from './value.ts'

/** An empty text is no value. */
export function isNothing(value: Value, literal: Literal): boolean {
  if (literal.kind === 'null') return true
  const kind = kindOf(value.type)
  return literal.kind === 'string' && literal.value === '' && (kind === 'text' || kind === 'id')
}

export function invalidOperator(value: Value, at: number): SoqlError {
  return new SoqlError(
    'INVALID_QUERY_FILTER_OPERATOR',
    `invalid operator on ${value.type} field`,
    at,
  )
}

export function wrongType(value: Value, at: number): SoqlError {
  const quoted = kindOf(value.type) === 'text' || kindOf(value.type) === 'id'
  const type = value.type === 'datetime' ? 'dateTime' : quoted ? 'string' : value.type
  return new SoqlError(
    'INVALID_FIELD',
    `value of filter criterion for field '${value.name}' must be of type ${type} and should ${quoted ? '' : 'not '}be enclosed in quotes`,
    at,
  )
}

/** Chosen values are stored in the order of the field's definition. */
export function inPicklistOrder(value: Value, text: string): string {
  const place = (part: string): number => {
    const found = value.field.picklist.findIndex((known) => foldCase(known) === foldCase(part))
    return found === -1 ? value.field.picklist.length : found
  }
  return text
    .split(';')
    .toSorted((a, b) => place(a) - place(b))
    .join(';')
}

export function comparable(value: Value, literal: Literal): string | number {
  switch (kindOf(value.type)) {
    case 'text':
      if (literal.kind !== 'string') throw wrongType(value, literal.at)
      if (value.field.caseSensitive) return literal.value
      return value.key === null ? foldCase(literal.value) : (keyOf(literal.value) ?? '')
    case 'id': {
      const id = idOf(value, literal)
      if (value.form === 'plain') return id
      return keyPrefixOf(id) === value.keyPrefix ? (recordNumber(id) ?? 0) : 0
    }
    case 'number':
    case 'date':
    case 'datetime':
    case 'time':
    case 'boolean':
    case 'address':
      return storedValue(value, literal)
  }
}

export function idOf(value: Value, literal: Literal): string {
  if (literal.kind !== 'string') throw wrongType(value, literal.at)
  const id = canonicalId(literal.value)
  if (id !== null) return id
  throw new SoqlError(
    'INVALID_QUERY_FILTER_OPERATOR',
    `invalid ID field: ${literal.value}`,
    literal.at,
  )
}

/** The value that a literal has in the store, for types that are written without quotes. */
export function storedValue(value: Value, literal: Literal): string | number {
  const kind = kindOf(value.type)
  if (literal.kind !== kind) throw wrongType(value, literal.at)
  switch (literal.kind) {
    case 'number':
      return literal.value
    case 'date':
      return inCalendar(coerceDate(literal.value), literal)
    case 'datetime': {
      // A zone is not optional in SOQL.
      if (!/(z|[+-]\d{2}:?\d{2})$/i.test(literal.value)) throw wrongType(value, literal.at)
      const moment = inCalendar(coerceDatetime(literal.value.toUpperCase()), literal)
      return value.form === 'milliseconds' ? Date.parse(moment) : moment
    }
    case 'time': {
      const [, clock = '', fraction = ''] = /^([\d:]+)(?:\.(\d+))?/.exec(literal.value) ?? []
      const [hour = '00', minute = '00', second = '00'] = clock.split(':')
      return `${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`
    }
    case 'boolean':
      throw wrongType(value, literal.at)
  }
}

/** The org's calendar reaches from 1700 to 4000. */
function inCalendar(date: string | null, literal: Extract<Literal, { value: string }>): string {
  if (date !== null && date >= '1700' && date < '4001') return date
  throw new SoqlError('INVALID_FIELD', `invalid date: ${literal.value}`, literal.at)
}
