import type { RecordFields } from '../store/record-store.ts'
import { type RowError, rowError } from '../values/row-error.ts'
import { deriveActivityAccount, refusedParents } from './activity-account.ts'
import { keepLastActivity } from './last-activity.ts'
import type { ObjectRules, PendingChange } from './object-rules.ts'
import { numberIn, textIn } from './set-value.ts'

const MINUTE = 60_000
const DAY_MINUTES = 1_440

/** Begin, end and length of an event, of which a caller gives any two. */
export const eventRules: ObjectRules = {
  derive(change, scope) {
    const refused = refusedParents(change.after, scope) ?? deriveTimes(change)
    if (refused !== null) return refused
    deriveActivityAccount(change.after, scope)
    return null
  },
  saved: keepLastActivity,
}

function deriveTimes({ given, after }: PendingChange): RowError | null {
  const wholeDay = after['IsAllDayEvent'] === true
  const start = startOf(given, after, wholeDay)
  if (start === null) {
    const missing = wholeDay ? 'ActivityDate' : 'ActivityDateTime'
    return rowError('REQUIRED_FIELD_MISSING', `Required fields are missing: [${missing}]`, missing)
  }
  const end = endOf(given, after, start, wholeDay)
  if (end === null) {
    return rowError(
      'REQUIRED_FIELD_MISSING',
      'Required fields are missing: [DurationInMinutes]',
      'DurationInMinutes',
    )
  }
  const minutes = Math.round((end - start) / MINUTE) + (wholeDay ? DAY_MINUTES : 0)
  if (minutes < 0) {
    return rowError(
      'FIELD_INTEGRITY_EXCEPTION',
      'Event duration cannot be negative',
      'DurationInMinutes',
    )
  }
  const asked = numberIn(given, 'DurationInMinutes')
  if (asked !== null && asked !== minutes) {
    return rowError(
      'FIELD_INTEGRITY_EXCEPTION',
      'Duration in Minutes does not match Start Date Time and End Date Time',
      'DurationInMinutes',
    )
  }
  const begins = new Date(start).toISOString()
  const ends = new Date(end).toISOString()
  after['DurationInMinutes'] = minutes
  after['StartDateTime'] = begins
  after['ActivityDate'] = begins.slice(0, 10)
  after['EndDateTime'] = ends
  after['EndDate'] = ends.slice(0, 10)
  if (wholeDay) delete after['ActivityDateTime']
  else after['ActivityDateTime'] = begins
  return null
}

function startOf(
  given: Readonly<RecordFields>,
  after: Readonly<RecordFields>,
  wholeDay: boolean,
): number | null {
  const at =
    textIn(given, 'StartDateTime') ??
    textIn(given, 'ActivityDateTime') ??
    (wholeDay ? textIn(given, 'ActivityDate') : null) ??
    textIn(after, 'StartDateTime')
  if (at === null) return null
  return Date.parse(wholeDay ? at.slice(0, 10) : at)
}

/** Of an event of whole days, the last day. */
function endOf(
  given: Readonly<RecordFields>,
  after: Readonly<RecordFields>,
  start: number,
  wholeDay: boolean,
): number | null {
  const end = textIn(given, 'EndDateTime')
  if (end !== null) return Date.parse(wholeDay ? end.slice(0, 10) : end)
  const minutes = numberIn(after, 'DurationInMinutes') ?? (wholeDay ? DAY_MINUTES : null)
  if (minutes === null) return null
  return start + (wholeDay ? Math.max(minutes - DAY_MINUTES, 0) : minutes) * MINUTE
}
