import { ApiError } from '../http/api-error.ts'
import type { Org } from '../http/org-context.ts'
import { makeId } from '../ids.ts'
import { calledObject } from '../rest/find-object.ts'
import type { RestCall, RestResource } from '../rest/resource.ts'
import { recordTable } from '../store/database.ts'
import { restDatetime } from '../values/render.ts'

const MINUTE_MS = 60_000
const WINDOW_DAYS = 30
const DAY_MS = 86_400_000
/** Ids that one answer may hold. */
const MOST_IDS = 600_000

/** What was changed and what was deleted in a span of time, for clients that keep a copy. */
export function replicationResources(org: Org): RestResource[] {
  return [
    {
      pattern: '/sobjects/:object/updated',
      methods: {
        GET: (call) => {
          const span = spanOf(call)
          const changes = changesOf(org, call, span, false)
          return {
            status: 200,
            body: { ids: changes.map(({ id }) => id), latestDateCovered: shown(span.end) },
          }
        },
      },
    },
    {
      pattern: '/sobjects/:object/deleted',
      methods: {
        GET: (call) => {
          const span = spanOf(call)
          const changes = changesOf(org, call, span, true)
          return {
            status: 200,
            body: {
              deletedRecords: changes.map(({ id, at }) => ({ id, deletedDate: shown(at) })),
              earliestDateAvailable: shown(Date.now() - WINDOW_DAYS * DAY_MS),
              latestDateCovered: shown(span.end),
            },
          }
        },
      },
    },
  ]
}

/** Milliseconds since 1970, whole minutes; the end is not part of it. */
interface Span {
  readonly start: number
  readonly end: number
}

function spanOf(call: RestCall): Span {
  const now = Date.now()
  const start = momentOf(call, 'start')
  const end = momentOf(call, 'end')
  if (end <= start) {
    throw invalid('startDate must chronologically precede endDate by at least one minute')
  }
  if (start < now - WINDOW_DAYS * DAY_MS - MINUTE_MS) {
    throw invalid(`startDate cannot be more than ${WINDOW_DAYS} days ago`)
  }
  if (start > now) throw invalid('startDate cannot be in the future')
  // What is still to come is not covered.
  return { start, end: Math.min(end, now) }
}

/** A moment of the query, its seconds cut as the documents say. */
function momentOf(call: RestCall, name: string): number {
  const text = call.query.get(name)
  if (text === null || text === '') {
    throw new ApiError(400, 'MISSING_ARGUMENT', `The ${name} parameter is required`)
  }
  // A plus sign that was not encoded arrives as a blank.
  const at = Date.parse(
    text
      .trim()
      .replace(' ', '+')
      .replace(/([+-]\d{2})(\d{2})$/, '$1:$2'),
  )
  if (Number.isNaN(at)) throw invalid(`${name} is not a valid date: ${text}`)
  return Math.floor(at / MINUTE_MS) * MINUTE_MS
}

function invalid(message: string): ApiError {
  return new ApiError(400, 'INVALID_REPLICATION_DATE', message)
}

function changesOf(org: Org, call: RestCall, { start, end }: Span, deleted: boolean) {
  const object = calledObject(org.schema, call)
  const rows = org.database
    .prepare(
      `SELECT n, modified FROM ${recordTable(object)}
       WHERE deleted = ? AND modified >= ? AND modified < ? ORDER BY modified, n LIMIT ?`,
    )
    .all(deleted ? 1 : 0, start, end, MOST_IDS + 1)
  if (rows.length > MOST_IDS) {
    throw new ApiError(
      400,
      'EXCEEDED_ID_LIMIT',
      `More than ${MOST_IDS} ids: choose dates that are closer together`,
    )
  }
  return rows.map((row) => ({
    id: makeId(object.keyPrefix, Number(row['n'])),
    at: Number(row['modified']),
  }))
}

function shown(ms: number): string {
  return restDatetime(new Date(Math.floor(ms / 1_000) * 1_000).toISOString())
}
