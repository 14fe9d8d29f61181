import { ApiError } from '../http/api-error.ts'
import type { Org } from '../http/org-context.ts'
import { makeId } from '../ids.ts'
import { calledObject } from '../rest/find-object.ts'
import type { RestCall, RestResource } from '../rest/resource.ts'
import { recordTable } from '../store/database.ts'
import { restDatetime } from '../values/render.ts'

const MINUTE_MS = 60_000
/** A span may begin so long ago. */
const WINDOW_DAYS = 30
/** Of deleted records the org tells no longer. */
const DELETED_DAYS = 15
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
            body: { ids: changes.map(({ id }) => id), latestDateCovered: shown(span.covered) },
          }
        },
      },
    },
    {
      pattern: '/sobjects/:object/deleted',
      methods: {
        GET: (call) => {
          const span = spanOf(call)
          const earliest = Date.now() - DELETED_DAYS * DAY_MS
          const told = { ...span, start: Math.max(span.start, earliest) }
          const changes = changesOf(org, call, told, true)
          return {
            status: 200,
            body: {
              deletedRecords: changes.map(({ id, at }) => ({ id, deletedDate: shown(at) })),
              earliestDateAvailable: shown(earliest),
              latestDateCovered: shown(span.covered),
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
  /** What is still to come is not covered. */
  readonly covered: number
}

function spanOf(call: RestCall): Span {
  const now = Date.now()
  const [from, to] = [momentOf(call, 'start'), momentOf(call, 'end')]
  // The documents want more; live orgs answer jsforce's own tests, which ask for just a minute.
  if (to - from < MINUTE_MS) {
    throw invalid('startDate must chronologically precede endDate by more than one minute')
  }
  if (from < now - WINDOW_DAYS * DAY_MS) {
    throw invalid(`startDate cannot be more than ${WINDOW_DAYS} days ago`)
  }
  if (from > now) throw invalid('startDate cannot be in the future')
  // The documents say that seconds do not count.
  const [start, end] = [wholeMinutes(from), wholeMinutes(to)]
  return { start, end, covered: Math.min(end, now) }
}

function wholeMinutes(at: number): number {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS
}

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
  return at
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
