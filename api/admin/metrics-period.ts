import { AdminMetricsQuerySchema } from '../../contracts/http/admin.ts'
import type { DayRange } from '../../contracts/rollup.ts'
import { ApiError } from '../errors.ts'
import { requestIssues } from '../http/request-issues.ts'

const DAY_MS = 86_400_000
const USUAL_DAYS = 30
const MOST_DAYS = 366

/** The days that are asked for, the last 30 where none are. @throws {ApiError} that names the parameter at fault */
export function readMetricsPeriod(
  dateFrom: string | undefined,
  dateTo: string | undefined,
  now: Date,
): DayRange {
  const parsed = AdminMetricsQuerySchema.safeParse({
    ...(isGiven(dateFrom) ? { date_from: dateFrom } : {}),
    ...(isGiven(dateTo) ? { date_to: dateTo } : {}),
  })
  if (!parsed.success) throw requestIssues(parsed.error, 'parameter')
  const until = parsed.data.date_to ?? dayOf(now.getTime())
  const from = parsed.data.date_from ?? dayOf(Date.parse(until) - USUAL_DAYS * DAY_MS)
  if (from > until) {
    const message = `The parameter date_from: ${from} is after date_to, which is ${until}.`
    throw new ApiError('invalid_request', message)
  }
  if (Date.parse(until) - Date.parse(from) > MOST_DAYS * DAY_MS) {
    const message = `The parameter date_from: ${from} is more than ${MOST_DAYS} days before date_to. Ask for less at once.`
    throw new ApiError('invalid_request', message)
  }
  return { from, until }
}

/** Forms send what was left empty. */
function isGiven(text: string | undefined): boolean {
  return text !== undefined && text.trim() !== ''
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
