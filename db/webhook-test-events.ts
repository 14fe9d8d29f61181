import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'
import type { NewWebhookEvent } from './webhook-events.ts'

/** Events that are made for one subscription to try it. */
export function createTestEventQueries(connection: CommonQueryMethods) {
  return {
    /** Stores one that no pump takes and that has no place in the stream. Tells when. */
    async insert(event: Omit<NewWebhookEvent, 'shard'>): Promise<Date> {
      return connection.oneFirst(sql.type(row<{ created_at: Date }>())`
        insert into salesforce_webhook_events (event_id, workspace_id, connection_id, source, event_type, object_type,
          object_id, change_type, changed_fields, payload, sealed_payload, occurred_at, request_id, processed,
          processed_at)
        values (${event.eventId}, ${event.workspaceId}, ${event.connectionId}, ${event.source},
          ${event.eventType}, ${event.objectType}, ${event.objectId}, ${event.changeType},
          ${sql.jsonb([...event.changedFields])}, ${event.payload}::jsonb,
          ${event.sealedPayload === null ? null : sql.binary(event.sealedPayload)},
          ${sql.timestamp(event.occurredAt)}, ${event.requestId}, true, now())
        returning created_at`)
    },
  }
}
