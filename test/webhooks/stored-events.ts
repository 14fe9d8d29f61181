import { sql } from 'slonik'
import type { DatabasePool } from '../../db/pool.ts'
import { row } from '../../db/row-type.ts'

export interface StoredEventRow {
  readonly event_id: string
  readonly workspace_id: string
  readonly connection_id: string
  readonly source: string
  readonly event_type: string
  readonly object_type: string
  readonly object_id: string
  readonly change_type: string
  readonly changed_fields: readonly string[]
  readonly payload: unknown
  readonly payload_text: string | null
  readonly sealed_payload: Buffer | null
  readonly occurred_at: Date
  readonly request_id: string | null
  readonly shard: number | null
}

/** Every event, in the order of its queue, with the pump that it waits for. */
export async function storedEvents(pool: DatabasePool): Promise<readonly StoredEventRow[]> {
  return pool.any(sql.type(row<StoredEventRow>())`
    select e.event_id, e.workspace_id, e.connection_id, e.source, e.event_type, e.object_type, e.object_id,
      e.change_type, e.changed_fields, e.payload, e.payload::text as payload_text, e.sealed_payload,
      e.occurred_at, e.request_id, q.shard
    from salesforce_webhook_events e left join webhook_event_queue q using (event_id)
    order by q.sequence`)
}

/** Nothing is stored and nothing noted as taken in. */
export async function forgetEvents(pool: DatabasePool): Promise<void> {
  await pool.query(sql.type(row<never>())`
    with queue as (delete from webhook_event_queue), keys as (delete from webhook_dedupe_keys)
    delete from salesforce_webhook_events`)
}
