import { sql } from 'slonik'
import { shardOf } from '../../contracts/pump.ts'
import { DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import type { DatabasePool } from '../../db/pool.ts'
import { row } from '../../db/row-type.ts'
import { uuidV7 } from '../../security/uuid-v7.ts'

export interface TestEvent {
  readonly eventId: string
  readonly workspaceId: string
  readonly eventType: string
  readonly objectId: string
}

/** An event as intake and pump leave it: processed, unless said otherwise. */
export async function addEvent(
  pool: DatabasePool,
  facts: {
    readonly workspaceId?: string
    readonly eventType?: string
    readonly objectId?: string
    readonly connectionId?: string | null
    readonly payload?: object
    readonly processed?: boolean
    readonly error?: string
    readonly secondsAgo?: number
    readonly position?: number
    readonly changedFields?: readonly string[]
  } = {},
): Promise<TestEvent> {
  const eventId = `evt_${uuidV7()}`
  const workspaceId = facts.workspaceId ?? DEFAULT_WORKSPACE_ID
  const eventType = facts.eventType ?? 'Account.updated'
  const objectId = facts.objectId ?? '001000000000001AAA'
  const [objectType = '', changeType = ''] = eventType.split('.')
  const processed = facts.processed ?? true
  await pool.query(sql.type(row<never>())`
    insert into salesforce_webhook_events (event_id, created_at, workspace_id, connection_id, source, event_type,
      object_type, object_id, change_type, changed_fields, payload, occurred_at, processed, processed_at,
      position, error)
    values (${eventId}, now() - ${facts.secondsAgo ?? 0} * interval '1 second', ${workspaceId},
      ${facts.connectionId ?? null}, 'webhook', ${eventType}, ${objectType}, ${objectId}, ${changeType},
      ${sql.jsonb([...(facts.changedFields ?? [])])}, ${sql.jsonb((facts.payload ?? {}) as never)}, now(),
      ${processed}, case when ${processed} then now() end, ${facts.position ?? null}, ${facts.error ?? null})`)
  return { eventId, workspaceId, eventType, objectId }
}

/** A delivery as the pump leaves it; one that is pending waits in the queue. */
export async function addDelivery(
  pool: DatabasePool,
  event: TestEvent,
  subscriptionId: string,
  facts: {
    readonly state: 'pending' | 'delivered' | 'failed'
    readonly secondsAgo?: number
    readonly attempts?: readonly {
      readonly error: string | null
      readonly durationMs: number
      readonly responseBody?: string
    }[]
  },
): Promise<{ readonly deliveryId: string }> {
  const deliveryId = `dlv_${uuidV7()}`
  const { eventId, workspaceId, eventType, objectId } = event
  const attempts = facts.attempts ?? []
  const last = attempts[attempts.length - 1]
  await pool.query(sql.type(row<never>())`
    with delivery as (
      insert into webhook_deliveries (delivery_id, created_at, workspace_id, subscription_id, event_id,
        event_created_at, event_type, object_id, origin, state, attempts, last_attempt_at, last_error, ended_at)
      select ${deliveryId}, now() - ${facts.secondsAgo ?? 0} * interval '1 second', ${workspaceId},
        ${subscriptionId}, event_id, created_at, ${eventType}, ${objectId}, 'event', ${facts.state},
        ${attempts.length}, case when ${attempts.length} > 0 then now() end, ${last?.error ?? null},
        case when ${facts.state} <> 'pending' then now() end
      from salesforce_webhook_events where event_id = ${eventId}
      returning *)
    insert into webhook_delivery_queue (delivery_id, delivery_created_at, workspace_id, subscription_id, shard,
      event_id, event_created_at)
    select delivery_id, created_at, workspace_id, subscription_id, ${shardOf(subscriptionId)}, event_id,
      event_created_at
    from delivery where state = 'pending'`)
  for (const [index, attempt] of attempts.entries()) {
    await pool.query(sql.type(row<never>())`
      insert into webhook_delivery_attempts (attempt_id, started_at, workspace_id, subscription_id, delivery_id,
        event_id, number, cause, url, request_bytes, duration_ms, status, error, error_message, response_body)
      values (${`att_${uuidV7()}`}, now(), ${workspaceId}, ${subscriptionId}, ${deliveryId}, ${eventId},
        ${index + 1}, 'schedule', 'https://example.com/hooks', 321, ${attempt.durationMs},
        ${attempt.error === null ? 200 : null}, ${attempt.error},
        ${attempt.error === null ? null : 'It did not answer.'}, ${attempt.responseBody ?? null})`)
  }
  return { deliveryId }
}
