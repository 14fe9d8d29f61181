const DATETIME =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(Z|([+-])(\d{2}):?(\d{2}))$/
const DATE = /^(\d{4}-\d{2}-\d{2})(?:Z|T00:00:00(?:\.0+)?(?:Z|[+-]00:?00)?)?$/
const TIME = /^(\d{2}:\d{2}:\d{2})(?:\.(\d+))?(Z?)$/

/**
 * A moment in the form that Salesforce echoes: UTC with milliseconds, further digits cut off.
 * Null where `value` does not name one moment by itself: without a zone it would depend on the user's.
 */
export function canonicalDatetime(value: string): string | null {
  const match = DATETIME.exec(value)
  if (match === null) return null
  const [, year, month, day, hour, minute, second, fraction = '', zone, sign, zoneHour, zoneMinute] =
    match
  const offsetMinutes =
    zone === 'Z' ? 0 : (sign === '-' ? -1 : 1) * (Number(zoneHour) * 60 + Number(zoneMinute))
  const local = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`)
  // The constructor refuses month 13 and hour 25 but rolls 30 February over into March.
  if (Number.isNaN(local.getTime()) || local.getUTCDate() !== Number(day)) return null
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'))
  const moment = new Date(local.getTime() - offsetMinutes * 60_000 + milliseconds)
  // Beyond four digits the ISO form grows a sign and more digits: not a form that Salesforce writes.
  return moment.getUTCFullYear() >= 0 && moment.getUTCFullYear() <= 9999
    ? moment.toISOString()
    : null
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
