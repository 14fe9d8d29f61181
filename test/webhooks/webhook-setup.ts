import { randomBytes, randomUUID } from 'node:crypto'
import { sql } from 'slonik'
import { recordEventType } from '../../contracts/event-types.ts'
import { shardOf, shardOfRecord } from '../../contracts/pump.ts'
import type { EventFilter, Ordering } from '../../contracts/subscription.ts'
import { DEFAULT_CONNECTION_ID, DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import type { DatabasePool } from '../../db/pool.ts'
import { row } from '../../db/row-type.ts'
import { subscriptionSecretContext } from '../../db/salesforce-webhook-subscriptions.ts'
import { createWebhookEventQueries } from '../../db/webhook-events.ts'
import { storeEventPayload } from '../../security/event-payload.ts'
import type { Sealing } from '../../security/sealing.ts'
import { uuidV7 } from '../../security/uuid-v7.ts'

/** The key that secrets of test subscriptions are sealed with. */
export const ENCRYPTION_KEY = 'an-encryption-key-of-the-webhook-tests'

export interface TestSubscription {
  readonly url: string
  readonly patterns?: readonly string[]
  readonly filter?: EventFilter
  readonly ordering?: Ordering
  readonly concurrency?: number
  readonly ratePerSecond?: number
  readonly workspaceId?: string
}

/** Writes a subscription as the API does, and tells its id and secret. */
export async function addSubscription(
  pool: DatabasePool,
  sealing: Sealing,
  given: TestSubscription,
): Promise<{ readonly id: string; readonly secret: string }> {
  const id = `webhook_account_${randomUUID()}`
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  const workspaceId = given.workspaceId ?? DEFAULT_WORKSPACE_ID
  const patterns = given.patterns ?? ['account.*']
  const sealed = sealing.seal(subscriptionSecretContext(id, 'secret'), Buffer.from(secret))
  await pool.query(sql.type(row<never>())`
    insert into salesforce_webhook_subscriptions (subscription_id, workspace_id, object_type, events,
      callback_url, filter, secret, shard, ordering, concurrency, rate_per_second)
    values (${id}, ${workspaceId}, 'Account', ${sql.jsonb([...patterns])}, ${given.url},
      ${given.filter === undefined ? null : sql.jsonb(given.filter as never)}, ${sql.binary(sealed)},
      ${shardOf(id)}, ${given.ordering ?? 'none'}, ${given.concurrency ?? 10},
      ${given.ratePerSecond ?? null})`)
  await pool.query(sql.type(row<never>())`
    insert into webhook_subscription_patterns (workspace_id, pattern, subscription_id)
    select ${workspaceId}, pattern, ${id} from unnest(${sql.array([...patterns], 'text')}) p (pattern)`)
  return { id, secret }
}

export interface TestEvent {
  readonly objectType?: string
  readonly objectId?: string
  readonly changeType?: 'created' | 'updated' | 'deleted' | 'undeleted'
  readonly changedFields?: readonly string[]
  readonly record?: Readonly<Record<string, unknown>>
  readonly workspaceId?: string
}

/** Stores events as the intake does, and tells their ids. */
export async function addEvents(
  pool: DatabasePool,
  sealing: Sealing,
  events: readonly TestEvent[],
): Promise<string[]> {
  const rows = events.map((event) => {
    const { objectType = 'Account', changeType = 'updated', changedFields = ['Name'] } = event
    const objectId = event.objectId ?? `001${randomBytes(8).toString('hex').slice(0, 12)}AAA`
    const eventId = `evt_${uuidV7()}`
    const payload = JSON.stringify({ record: { Id: objectId, Name: 'Acme', ...event.record } })
    const workspaceId = event.workspaceId ?? DEFAULT_WORKSPACE_ID
    return {
      ...{ eventId, workspaceId, connectionId: DEFAULT_CONNECTION_ID, source: 'webhook' as const },
      ...{ objectType, objectId, changeType, changedFields, occurredAt: new Date() },
      eventType: recordEventType(objectType, changeType),
      requestId: null,
      shard: shardOfRecord(DEFAULT_CONNECTION_ID, objectId),
      ...storeEventPayload(sealing, eventId, payload),
    }
  })
  await createWebhookEventQueries(pool).insertAll(rows)
  return rows.map(({ eventId }) => eventId)
}
