import { canonicalId } from '../ids.ts'
import type { FieldDefinition, FieldValue } from '../schema/field.ts'
import { type RowError, rowError } from './row-error.ts'

/** A value as the org stores it, or why it is refused. */
export type Coerced = FieldValue | RowError

/** Whether a coerced value is a refusal. */
export function isRowError(value: Coerced | undefined): value is RowError {
  return typeof value === 'object' && value !== null
}

/**
 * Brings the text of a CSV cell (not empty, not `#N/A`) to the value that the field stores.
 * `column` is the cell's 0-based place, which appears in the message of a type error.
 */
export function coerceText(field: FieldDefinition, raw: string, column: number): Coerced {
  switch (field.type) {
    case 'string':
    case 'textarea':
    case 'phone':
    case 'url':
      return coerceString(field, raw)
    case 'email':
      return coerceEmail(field, raw)
    case 'picklist':
    case 'combobox':
      return coercePicklist(field, raw)
    case 'multipicklist':
      return coerceMultipicklist(field, raw)
    case 'boolean':
      return coerceBoolean(raw) ?? typeError(field, raw, column, 'boolean')
    case 'int':
    case 'double':
    case 'currency':
    case 'percent':
      return coerceNumber(field, raw, column)
    case 'date':
      return coerceDate(raw) ?? typeError(field, raw, column, 'date')
    case 'datetime':
      return coerceDatetime(raw) ?? typeError(field, raw, column, 'dateTime')
    case 'time':
      return coerceTime(raw) ?? typeError(field, raw, column, 'time')
    case 'id':
    case 'reference':
      return coerceId(field, raw)
    case 'address':
      return typeError(field, raw, column, 'address')
  }
}

function typeError(field: FieldDefinition, raw: string, column: number, xsd: string): RowError {
  return rowError(
    'INVALID_FIELD',
    `Failed to deserialize field at col ${column}. Due to, '${raw}' is not a valid value for the type xsd:${xsd}`,
    field.name,
  )
}

/** Salesforce trims text and stores line breaks as LF. Text of blanks alone is no value. */
function normaliseText(raw: string): string {
  const text = raw.trim()
  return text.includes('\r') ? text.replaceAll('\r\n', '\n').replaceAll('\r', '\n') : text
}

function coerceString(field: FieldDefinition, raw: string): Coerced {
  const text = normaliseText(raw)
  if (text.length <= field.length) return text === '' ? null : text
  return rowError(
    'STRING_TOO_LONG',
    `${field.label}: data value too large: ${text} (max length=${field.length})`,
    field.name,
  )
}

const EMAIL = /^[^\s@<>(),;:"[\]\\]+@[^\s@<>(),;:"[\]\\.]+(\.[^\s@<>(),;:"[\]\\.]+)+$/

function coerceEmail(field: FieldDefinition, raw: string): Coerced {
  const text = coerceString(field, raw)
  if (typeof text !== 'string' || EMAIL.test(text)) return text
  return rowError(
    'INVALID_EMAIL_ADDRESS',
    `${field.label}: invalid email address: ${text}`,
    field.name,
  )
}

function coercePicklist(field: FieldDefinition, raw: string): Coerced {
  const text = coerceString(field, raw)
  if (!field.restricted || typeof text !== 'string') return text
  const lower = text.toLowerCase()
  const known = field.picklist.find((value) => value.toLowerCase() === lower)
  return known ?? badPicklistValue(field, text)
}

function coerceMultipicklist(field: FieldDefinition, raw: string): Coerced {
  const chosen = new Set(
    raw
      .split(';')
      .map((value) => value.trim())
      .filter((value) => value !== ''),
  )
  if (field.restricted) {
    for (const value of chosen) {
      if (!field.picklist.includes(value)) return badPicklistValue(field, value)
    }
  }
  // Salesforce stores the chosen values in the order of the field's definition.
  const known = field.picklist.filter((value) => chosen.has(value))
  const other = [...chosen].filter((value) => !field.picklist.includes(value))
  const text = [...known, ...other].join(';')
  return text === '' ? null : text
}

function badPicklistValue(field: FieldDefinition, value: string): RowError {
  return rowError(
    'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    `${field.label}: bad value for restricted picklist field: ${value}`,
    field.name,
  )
}

function coerceBoolean(raw: string): boolean | null {
  switch (raw.trim().toLowerCase()) {
    case 'true':
    case '1':
      return true
    case 'false':
    case '0':
      return false
    default:
      return null
  }
}

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/

function coerceNumber(field: FieldDefinition, raw: string, column: number): Coerced {
  const text = raw.trim()
  const number = Number(text)
  const whole = field.type === 'int'
  // The integer type refuses even `250.0`: seen at a live org with NumberOfEmployees.
  if (!NUMBER.test(text) || (whole && !/^[+-]?\d+$/.test(text))) {
    return typeError(field, raw, column, whole ? 'int' : 'double')
  }
  const limit = 10 ** (field.precision - field.scale)
  if (!(Math.abs(number) < limit)) {
    return rowError(
      'NUMBER_OUTSIDE_VALID_RANGE',
      `${field.label}: value outside of valid range on numeric field: ${text}`,
      field.name,
    )
  }
  const point = text.indexOf('.')
  // Most values have no more digits than the field keeps: they need no rounding.
  const short = !/[eE]/.test(text) && (point === -1 || text.length - point - 1 <= field.scale)
  if (whole || short) return number === 0 ? 0 : number
  return roundHalfUp(number, field.scale)
}

/** Rounds away from zero at a half, as the org does, and not where the binary form happens to fall. */
export function roundHalfUp(number: number, scale: number): number {
  if (Number.isInteger(number)) return number === 0 ? 0 : number
  const [mantissa = '0', exponent = '0'] = Math.abs(number).toString().split('e')
  const shifted = Math.round(Number(`${mantissa}e${Number(exponent) + scale}`))
  const [digits = '0', power = '0'] = shifted.toString().split('e')
  const rounded = Number(`${digits}e${Number(power) - scale}`)
  return rounded === 0 ? 0 : Math.sign(number) * rounded
}

const DATE = /^(\d{4})-(\d{1,2})-(\d{1,2})$/
const DATETIME =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?$/

const TIME = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?Z?$/

/** A time of day in UTC with milliseconds, further digits cut. */
function coerceTime(raw: string): string | null {
  const match = TIME.exec(raw.trim())
  if (match === null) return null
  const [, hour, minute, second = '00', fraction = ''] = match
  return `${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`
}

/** A date, or a datetime cut to its date (in UTC); `YYYY-MM-DD`. */
export function coerceDate(raw: string): string | null {
  const text = raw.trim()
  const match = DATE.exec(text)
  if (match === null) return coerceDatetime(text)?.slice(0, 10) ?? null
  return dayText(Number(match[1]), Number(match[2]), Number(match[3]))
}

function dayText(year: number, month: number, day: number): string | null {
  const parsed = new Date(Date.UTC(year, month - 1, day))
  if (year < 1000 || parsed.getUTCMonth() !== month - 1 || parsed.getUTCDate() !== day) return null
  return parsed.toISOString().slice(0, 10)
}

/** A datetime in UTC with milliseconds, further digits cut; a date alone means its midnight. */
export function coerceDatetime(raw: string): string | null {
  const text = raw.trim()
  const match = DATETIME.exec(text)
  if (match === null) {
    const day = DATE.exec(text) === null ? null : coerceDate(text)
    return day === null ? null : `${day}T00:00:00.000Z`
  }
  const [, year, month, day, hour, minute, second = '00', fraction = '', zone = 'Z'] = match
  const date = dayText(Number(year), Number(month), Number(day))
  if (date === null || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone
  const millis = fraction.slice(0, 3).padEnd(3, '0')
  const parsed = new Date(`${date}T${hour}:${minute}:${second}.${millis}${offset}`)
  // A zone may lead out of the years that have four digits, and so is no zone at all.
  return parsed.getUTCFullYear() <= 9_999 ? parsed.toISOString() : null
}

function coerceId(field: FieldDefinition, raw: string): Coerced {
  const text = raw.trim()
  return (
    canonicalId(text) ??
    rowError('MALFORMED_ID', `${field.label}: id value of incorrect type: ${text}`, field.name)
  )
}
