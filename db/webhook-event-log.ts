import { type CommonQueryMethods, sql } from 'slonik'
import type { EventSource, EventState } from '../contracts/webhook-event.ts'
import type { ExactPlace } from './exact-time.ts'
import { logConditions } from './log-conditions.ts'
import { row } from './row-type.ts'

/** An event as logs and streams show it: all but its payload. */
export interface LoggedEvent {
  readonly eventId: string
  readonly createdAt: Date
  readonly connectionId: string | null
  readonly source: EventSource
  readonly eventType: string
  readonly objectType: string
  readonly objectId: string
  readonly changeType: string
  readonly changedFields: readonly string[]
  readonly occurredAt: Date
  readonly requestId: string | null
  readonly state: EventState
  readonly processedAt: Date | null
  readonly position: number | null
  readonly error: string | null
  /** Where it stands in lists, to the microsecond. */
  readonly place: string
}

interface LoggedEventRow {
  event_id: string
  created_at: Date
  connection_id: string | null
  source: EventSource
  event_type: string
  object_type: string
  object_id: string
  change_type: string
  changed_fields: string[]
  occurred_at: Date
  request_id: string | null
  processed: boolean
  processed_at: Date | null
  position: number | null
  error: string | null
  place: string
}

const columns = sql.fragment`
  event_id, created_at, connection_id, source, event_type, object_type, object_id, change_type, changed_fields,
  occurred_at, request_id, processed, processed_at, position, error, exact_time(created_at) as place`

const eventRow = row<LoggedEventRow>()

function toLoggedEvent(r: LoggedEventRow): LoggedEvent {
  return {
    eventId: r.event_id,
    createdAt: r.created_at,
    connectionId: r.connection_id,
    source: r.source,
    eventType: r.event_type,
    objectType: r.object_type,
    objectId: r.object_id,
    changeType: r.change_type,
    changedFields: r.changed_fields,
    occurredAt: r.occurred_at,
    requestId: r.request_id,
    state: stateOf(r),
    processedAt: r.processed_at,
    position: r.position,
    error: r.error,
    place: r.place,
  }
}

function stateOf({ processed, error }: LoggedEventRow): EventState {
  if (processed) return 'processed'
  return error === null ? 'pending' : 'failed'
}

export interface EventLogFilter {
  readonly eventType?: string | undefined
  readonly objectType?: string | undefined
  readonly objectId?: string | undefined
  readonly connectionId?: string | undefined
  readonly state?: EventState | undefined
  readonly since?: Date | undefined
  readonly until?: Date | undefined
}

export function createWebhookEventLogQueries(connection: CommonQueryMethods) {
  return {
    async get(eventId: string): Promise<LoggedEvent | null> {
      const found = await connection.maybeOne(sql.type(eventRow)`
        select ${columns} from salesforce_webhook_events where event_id = ${eventId}`)
      return found ? toLoggedEvent(found) : null
    },

    /** Newest first, before the given place. */
    async list(
      filter: EventLogFilter,
      limit: number,
      before: ExactPlace | null,
    ): Promise<LoggedEvent[]> {
      const conditions = logConditions({
        equal: {
          event_type: filter.eventType,
          object_type: filter.objectType,
          object_id: filter.objectId,
          connection_id: filter.connectionId,
        },
        ...{ since: filter.since, until: filter.until, before, idColumn: 'event_id' },
      })
      if (filter.state !== undefined) conditions.push(stateCondition(filter.state))
      const found = await connection.any(sql.type(eventRow)`
        select ${columns} from salesforce_webhook_events
        where ${sql.join(conditions, sql.fragment` and `)}
        order by created_at desc, event_id desc limit ${limit}`)
      return found.map(toLoggedEvent)
    },

    /** What the stream holds after a position, in its order. */
    async listAfterPosition(position: number, limit: number): Promise<LoggedEvent[]> {
      const found = await connection.any(sql.type(eventRow)`
        select ${columns} from salesforce_webhook_events
        where position > ${position} order by position limit ${limit}`)
      return found.map(toLoggedEvent)
    },

    /** The first position that is still there, and the last that was given out; both 0 where there is none. */
    async positions(): Promise<{ readonly first: number; readonly last: number }> {
      return connection.one(sql.type(row<{ first: number; last: number }>())`
        select coalesce((select position from salesforce_webhook_events
            where position > 0 order by position limit 1), 0) as first,
          coalesce((select last_position from webhook_positions), 0) as last`)
    },
  }
}

function stateCondition(state: EventState) {
  switch (state) {
    case 'processed':
      return sql.fragment`processed`
    case 'failed':
      return sql.fragment`not processed and error is not null`
    case 'pending':
      return sql.fragment`not processed and error is null`
  }
}
