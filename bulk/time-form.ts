const ECHOED_DATETIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/
const DATETIME =
  /^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d+))?(Z|([+-])(\d{2}):?(\d{2}))$/
const DATE = /^(\d{4}-\d{2}-\d{2})(?:Z|T00:00:00(?:\.0+)?(?:Z|[+-]00:?00)?)?$/
const TIME = /^(\d{2}:\d{2}:\d{2})(?:\.(\d+))?(Z?)$/

/**
 * A moment in the form that Salesforce echoes: UTC with milliseconds, further digits cut off.
 * Null where `value` does not name one moment by itself: without a zone it would depend on the user's.
 */
export function canonicalDatetime(value: string): string | null {
  // Result files have nothing but this form, a hundred thousand times a load: it is not taken apart again.
  if (ECHOED_DATETIME.test(value)) return isDayOfCalendar(value) ? value : null
  const match = DATETIME.exec(value)
  if (match === null || !isDayOfCalendar(value)) return null
  const [, seconds = '', fraction = '', zone, sign, zoneHour, zoneMinute] = match
  const utc = `${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}Z`
  if (zone === 'Z') return utc
  const offsetMinutes = (sign === '-' ? -1 : 1) * (Number(zoneHour) * 60 + Number(zoneMinute))
  const moment = new Date(Date.parse(utc) - offsetMinutes * 60_000)
  // Beyond four digits the ISO form grows a sign and more digits: not a form that Salesforce writes.
  const year = moment.getUTCFullYear()
  return year >= 0 && year <= 9999 ? moment.toISOString() : null
}

/** The day of a date, also where it is written as its UTC midnight; null where the day depends on a zone. */
export function canonicalDate(value: string): string | null {
  return DATE.exec(value)?.[1] ?? null
}

/** A time of day with milliseconds and `Z`; null where `value` is none. */
export function canonicalTime(value: string): string | null {
  const match = TIME.exec(value)
  if (match === null) return null
  return `${match[1]}.${(match[2] ?? '').slice(0, 3).padEnd(3, '0')}Z`
}

/** Whether the month of a text that begins with `YYYY-MM-DD` has its day. */
function isDayOfCalendar(text: string): boolean {
  const day = Number(text.slice(8, 10))
  if (day <= 28) return true
  return (
    day <= new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate()
  )
}
