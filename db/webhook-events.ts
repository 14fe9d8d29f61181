import { type CommonQueryMethods, sql } from 'slonik'
import type { EventSource, StoredPayload, WebhookEvent } from '../contracts/webhook-event.ts'
import { withinDaysOf } from './days-of.ts'
import { row } from './row-type.ts'

export type NewWebhookEvent = Omit<WebhookEvent, 'createdAt'> &
  StoredPayload & {
    readonly requestId: string | null
    /** The pump that works on it. */
    readonly shard: number
  }

/** A row of `salesforce_webhook_events`. */
export type StoredWebhookEvent = WebhookEvent &
  StoredPayload & {
    readonly requestId: string | null
    readonly processed: boolean
    readonly processedAt: Date | null
    readonly position: number | null
    readonly error: string | null
  }

interface WebhookEventRow {
  event_id: string
  created_at: Date
  workspace_id: string
  connection_id: string | null
  source: EventSource
  event_type: string
  object_type: string
  object_id: string
  change_type: string
  changed_fields: string[]
  payload: string | null
  sealed_payload: Buffer | null
  occurred_at: Date
  request_id: string | null
  processed: boolean
  processed_at: Date | null
  position: number | null
  error: string | null
}

/** What {@link toEvent} reads. */
export const eventColumns = sql.fragment`
  event_id, created_at, workspace_id, connection_id, source, event_type, object_type, object_id, change_type,
  changed_fields, payload::text as payload, sealed_payload, occurred_at, request_id, processed, processed_at,
  position, error`

export const eventRow = row<WebhookEventRow>()

export function toEvent(r: WebhookEventRow): StoredWebhookEvent {
  return {
    eventId: r.event_id,
    createdAt: r.created_at,
    workspaceId: r.workspace_id,
    connectionId: r.connection_id,
    source: r.source,
    eventType: r.event_type,
    objectType: r.object_type,
    objectId: r.object_id,
    changeType: r.change_type,
    changedFields: r.changed_fields,
    occurredAt: r.occurred_at,
    requestId: r.request_id,
    processed: r.processed,
    processedAt: r.processed_at,
    position: r.position,
    error: r.error,
    ...payloadOf(r),
  }
}

function payloadOf(r: WebhookEventRow): StoredPayload {
  if (r.sealed_payload !== null) return { payload: null, sealedPayload: r.sealed_payload }
  // The table's check: one of the two is there.
  return { payload: r.payload ?? 'null', sealedPayload: null }
}

export function createWebhookEventQueries(connection: CommonQueryMethods) {
  return {
    /** Stores events and puts them into the queue of their pumps, in the order given. */
    async insertAll(events: readonly NewWebhookEvent[]): Promise<void> {
      const rows = events.map((event, place) => ({
        place,
        event_id: event.eventId,
        workspace_id: event.workspaceId,
        connection_id: event.connectionId,
        source: event.source,
        event_type: event.eventType,
        object_type: event.objectType,
        object_id: event.objectId,
        change_type: event.changeType,
        changed_fields: [...event.changedFields],
        payload: event.payload,
        sealed_payload: event.sealedPayload?.toString('base64') ?? null,
        occurred_at: event.occurredAt.toISOString(),
        request_id: event.requestId,
        shard: event.shard,
      }))
      // One statement: both or neither, whether the caller has a transaction or not.
      await connection.query(sql.prepared('insert_webhook_events', row<never>())`
        with given as materialized (
          select * from jsonb_to_recordset(${sql.jsonb(rows)}) as e (
            place integer, event_id text, workspace_id text, connection_id text, source text, event_type text,
            object_type text, object_id text, change_type text, changed_fields jsonb, payload text,
            sealed_payload text, occurred_at timestamptz, request_id text, shard smallint)
        ), stored as (
          insert into salesforce_webhook_events (event_id, workspace_id, connection_id, source,
            event_type, object_type, object_id, change_type, changed_fields, payload, sealed_payload,
            occurred_at, request_id)
          select event_id, workspace_id, connection_id, source, event_type, object_type, object_id,
            change_type, changed_fields, payload::jsonb, decode(sealed_payload, 'base64'), occurred_at,
            request_id
          from given
        )
        insert into webhook_event_queue (event_id, event_created_at, workspace_id, shard)
        select event_id, now(), workspace_id, shard from given order by place`)
    },

    async get(eventId: string): Promise<StoredWebhookEvent | null> {
      const found = await connection.maybeOne(sql.type(eventRow)`
        select ${eventColumns} from salesforce_webhook_events where event_id = ${eventId}`)
      return found ? toEvent(found) : null
    },

    /** Those that are there, in no order. With the day that each came only its partition is read. */
    async getAll(
      keys: readonly { readonly eventId: string; readonly createdAt: Date }[],
    ): Promise<StoredWebhookEvent[]> {
      if (keys.length === 0) return []
      const found = await connection.any(sql.type(eventRow)`
        select ${eventColumns} from salesforce_webhook_events
        where event_id = any(${sql.array(
          keys.map(({ eventId }) => eventId),
          'text',
        )})
          and ${withinDaysOf(
            ['created_at'],
            keys.map(({ createdAt }) => createdAt),
          )}`)
      return found.map(toEvent)
    },
  }
}
