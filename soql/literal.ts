import { isPeriodName } from './period.ts'
import { SoqlError } from './soql-error.ts'
import type { Literal } from './statement.ts'
import type { TokenReader } from './token-reader.ts'

/** Salesforce compares with no longer text. */
const LONGEST_STRING = 4_000
const MOST_DIGITS = 40
/** The calendar of an org. */
const FIRST_YEAR = 1700
const LAST_YEAR = 4000

/** The literal that stands next. @throws {SoqlError} */
export function parseLiteral(reader: TokenReader): Literal {
  const { kind, text, pattern, at } = reader.peek()
  switch (kind) {
    case 'string':
      if (text.length > LONGEST_STRING) {
        const message = `A text of ${text.length} characters; Salesforce compares with ${LONGEST_STRING}.`
        throw new SoqlError('query_too_long', message, { position: at })
      }
      reader.next()
      return { kind, value: text, pattern, at }
    case 'number':
      reader.next()
      return { kind, text: numberText(text, at), at }
    case 'date':
      reader.next()
      return { kind, text: dateText(text, at), at }
    case 'datetime':
      reader.next()
      return { kind, text: datetimeText(text, at), at }
    case 'time':
      reader.next()
      return { kind, text: timeText(text, at), at }
    case 'word': {
      const found = wordLiteral(reader, text, at)
      if (found === null) throw reader.unexpected('a value')
      reader.next()
      return found
    }
    case 'symbol':
    case 'end':
      if (reader.isSymbol('(') && reader.isWord('SELECT', 1)) throw noSubquery(at)
      throw reader.unexpected('a value')
  }
}

export function noSubquery(at: number): SoqlError {
  const message =
    'Subqueries are not taken here: read the ids with a query of their own, then use IN with them.'
  return new SoqlError('query_not_supported', message, { position: at })
}

function wordLiteral(reader: TokenReader, text: string, at: number): Literal | null {
  const [name = '', digits] = text.toUpperCase().split(':')
  if (digits === undefined) {
    if (name === 'NULL') return { kind: 'null', at }
    if (name === 'TRUE' || name === 'FALSE') return { kind: 'boolean', value: name === 'TRUE', at }
    if (/^[A-Z]{3}\d+$/.test(name)) {
      const message = 'Amounts with a currency code are not taken here. Write the number alone.'
      throw new SoqlError('query_not_supported', message, { position: at })
    }
    if (reader.isSymbol('(', 1)) {
      const message = `The function ${text} cannot stand where a value does.`
      throw new SoqlError('query_not_supported', message, { position: at })
    }
  }
  if (!isPeriodName(name, digits !== undefined)) return null
  if (digits === undefined) return { kind: 'period', name, count: null, at }
  const count = Number(digits)
  // Reaches from one end of an org's calendar to the other, in days.
  if (count > 840_000) {
    throw new SoqlError('query_wrong_type', `${name}:n takes a smaller number.`, { position: at })
  }
  return { kind: 'period', name, count, at }
}

/** Without a plus, leading zeros or a dot at its end. */
function numberText(text: string, at: number): string {
  const [, sign = '', whole = '', fraction = ''] = /^([+-]?)(\d*)\.?(\d*)$/.exec(text) ?? []
  if (whole.length + fraction.length > MOST_DIGITS) {
    const message = `A number has ${MOST_DIGITS} digits at most.`
    throw new SoqlError('query_wrong_type', message, { position: at })
  }
  const digits = whole.replace(/^0+(?=\d)/, '') || '0'
  return `${sign === '-' ? '-' : ''}${digits}${fraction === '' ? '' : `.${fraction}`}`
}

function dateText(text: string, at: number): string {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number)
  const date = new Date(Date.UTC(year, month - 1, day))
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  if (isReal && year >= FIRST_YEAR && year <= LAST_YEAR) return text
  throw wrongTime('date', at, '2026-11-26')
}

function datetimeText(text: string, at: number): string {
  const example = '2026-11-26T08:00:00Z'
  const parts =
    /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,3}))?(?:(z)|([+-])(\d\d):?(\d\d))$/i.exec(text)
  if (parts === null) {
    if (/[zZ]$|[+-]\d\d:?\d\d$/.test(text)) throw wrongTime('dateTime', at, example)
    const message = `A dateTime needs its zone, as in ${example}.`
    throw new SoqlError('query_wrong_type', message, { position: at, expected: example })
  }
  const [, date = '', clock = '', fraction = '', , sign, hours = '00', minutes = '00'] = parts
  const zone = sign === undefined ? 'Z' : `${sign}${hours}:${minutes}`
  // A leap second or an hour 24 is none: Date would carry it over.
  const isClock = /^([01]\d|2[0-3])(:[0-5]\d){2}$/.test(clock)
  const isZone = Number(hours) <= 14 && Number(minutes) < 60
  const moment = Date.parse(`${dateText(date, at)}T${clock}.${fraction.padEnd(3, '0')}${zone}`)
  if (!isClock || !isZone || Number.isNaN(moment)) throw wrongTime('dateTime', at, example)
  const utc = new Date(moment).toISOString()
  dateText(utc.slice(0, 10), at)
  return utc
}

function timeText(text: string, at: number): string {
  const parts = /^((?:[01]\d|2[0-3]):[0-5]\d)(?::([0-5]\d)(?:\.(\d{1,3}))?)?(z)?$/i.exec(text)
  if (parts === null) throw wrongTime('time', at, '08:00:00Z')
  const [, clock = '', seconds = '00', fraction = ''] = parts
  return `${clock}:${seconds}.${fraction.padEnd(3, '0')}Z`
}

function wrongTime(what: string, at: number, example: string): SoqlError {
  const message = `There is no such ${what}. Write it as ${example}.`
  return new SoqlError('query_wrong_type', message, { position: at, expected: example })
}
