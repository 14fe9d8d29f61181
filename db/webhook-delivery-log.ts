import { type CommonQueryMethods, sql } from 'slonik'
import type { AttemptCause, DeliveryOrigin, DeliveryState } from '../contracts/delivery.ts'
import type { ExactPlace } from './exact-time.ts'
import { logConditions } from './log-conditions.ts'
import { row } from './row-type.ts'

/** A row of `webhook_deliveries`, and when it goes next. */
export interface LoggedDelivery {
  readonly deliveryId: string
  readonly createdAt: Date
  readonly subscriptionId: string
  readonly eventId: string
  readonly eventCreatedAt: Date
  readonly eventType: string
  readonly objectId: string
  readonly origin: DeliveryOrigin
  readonly replayId: string | null
  readonly state: DeliveryState
  readonly attempts: number
  readonly lastAttemptAt: Date | null
  readonly lastStatus: number | null
  readonly lastError: string | null
  readonly endedAt: Date | null
  /** Where it stands in lists, to the microsecond. */
  readonly place: string
}

interface LoggedDeliveryRow {
  delivery_id: string
  created_at: Date
  subscription_id: string
  event_id: string
  event_created_at: Date
  event_type: string
  object_id: string
  origin: DeliveryOrigin
  replay_id: string | null
  state: DeliveryState
  attempts: number
  last_attempt_at: Date | null
  last_status: number | null
  last_error: string | null
  ended_at: Date | null
  place: string
}

/** A row of `webhook_delivery_attempts`. */
export interface LoggedAttempt {
  readonly attemptId: string
  readonly startedAt: Date
  /** From 1. */
  readonly number: number
  readonly cause: AttemptCause
  readonly url: string
  readonly requestBytes: number
  readonly durationMs: number
  readonly status: number | null
  readonly error: string | null
  readonly errorMessage: string | null
  readonly responseBody: string | null
  readonly responseTruncated: boolean
  readonly nextAttemptAt: Date | null
}

interface LoggedAttemptRow {
  attempt_id: string
  started_at: Date
  number: number
  cause: AttemptCause
  url: string
  request_bytes: number
  duration_ms: number
  status: number | null
  error: string | null
  error_message: string | null
  response_body: string | null
  response_truncated: boolean
  next_attempt_at: Date | null
}

export interface DeliveryLogFilter {
  readonly subscriptionId?: string | undefined
  readonly eventId?: string | undefined
  readonly state?: DeliveryState | undefined
  readonly eventType?: string | undefined
  /** What kind of trouble the last attempt met. */
  readonly error?: string | undefined
  readonly origin?: DeliveryOrigin | undefined
  readonly replayId?: string | undefined
  readonly since?: Date | undefined
  readonly until?: Date | undefined
}

const columns = sql.fragment`
  delivery_id, created_at, subscription_id, event_id, event_created_at, event_type, object_id, origin, replay_id,
  state, attempts, last_attempt_at, last_status, last_error, ended_at, exact_time(created_at) as place`

const deliveryRow = row<LoggedDeliveryRow>()

function toLoggedDelivery(r: LoggedDeliveryRow): LoggedDelivery {
  return {
    deliveryId: r.delivery_id,
    createdAt: r.created_at,
    subscriptionId: r.subscription_id,
    eventId: r.event_id,
    eventCreatedAt: r.event_created_at,
    eventType: r.event_type,
    objectId: r.object_id,
    origin: r.origin,
    replayId: r.replay_id,
    state: r.state,
    attempts: r.attempts,
    lastAttemptAt: r.last_attempt_at,
    lastStatus: r.last_status,
    lastError: r.last_error,
    endedAt: r.ended_at,
    place: r.place,
  }
}

/** Reading deliveries and their attempts; the pumps write them. */
export function createDeliveryLogQueries(connection: CommonQueryMethods) {
  return {
    async get(deliveryId: string): Promise<LoggedDelivery | null> {
      const found = await connection.maybeOne(sql.type(deliveryRow)`
        select ${columns} from webhook_deliveries where delivery_id = ${deliveryId}`)
      return found ? toLoggedDelivery(found) : null
    },

    /** When it goes next: null where nothing of it waits, or it waits for others. */
    async nextAttemptAt(deliveryId: string): Promise<Date | null> {
      return connection.maybeOneFirst(sql.type(row<{ due_at: Date }>())`
        select due_at from webhook_delivery_queue
        where delivery_id = ${deliveryId} and due_at < 'infinity'`)
    },

    /** Newest first, before the given place. */
    async list(
      filter: DeliveryLogFilter,
      limit: number,
      before: ExactPlace | null,
    ): Promise<LoggedDelivery[]> {
      const conditions = logConditions({
        equal: {
          subscription_id: filter.subscriptionId,
          event_id: filter.eventId,
          state: filter.state,
          event_type: filter.eventType,
          last_error: filter.error,
          origin: filter.origin,
          replay_id: filter.replayId,
        },
        ...{ since: filter.since, until: filter.until, before, idColumn: 'delivery_id' },
      })
      const found = await connection.any(sql.type(deliveryRow)`
        select ${columns} from webhook_deliveries
        where ${sql.join(conditions, sql.fragment` and `)}
        order by created_at desc, delivery_id desc limit ${limit}`)
      return found.map(toLoggedDelivery)
    },

    /** In their order. */
    async listAttempts(deliveryId: string, limit: number): Promise<LoggedAttempt[]> {
      const found = await connection.any(sql.type(row<LoggedAttemptRow>())`
        select attempt_id, started_at, number, cause, url, request_bytes, duration_ms, status, error,
          error_message, response_body, response_truncated, next_attempt_at
        from webhook_delivery_attempts where delivery_id = ${deliveryId}
        order by number, started_at limit ${limit}`)
      return found.map((r) => ({
        attemptId: r.attempt_id,
        startedAt: r.started_at,
        number: r.number,
        cause: r.cause,
        url: r.url,
        requestBytes: r.request_bytes,
        durationMs: r.duration_ms,
        status: r.status,
        error: r.error,
        errorMessage: r.error_message,
        responseBody: r.response_body,
        responseTruncated: r.response_truncated,
        nextAttemptAt: r.next_attempt_at,
      }))
    },
  }
}
