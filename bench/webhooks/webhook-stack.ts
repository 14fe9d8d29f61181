import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'slonik'
import { recordEventType } from '../../contracts/event-types.ts'
import { shardOf, shardOfRecord } from '../../contracts/pump.ts'
import { DEFAULT_CONNECTION_ID, DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { CHANNELS } from '../../db/listener.ts'
import { createPool, type DatabasePool } from '../../db/pool.ts'
import { row } from '../../db/row-type.ts'
import { subscriptionSecretContext } from '../../db/salesforce-webhook-subscriptions.ts'
import { createWebhookEventQueries, type NewWebhookEvent } from '../../db/webhook-events.ts'
import { storeEventPayload } from '../../security/event-payload.ts'
import { createSealing, deriveSealingKey, type Sealing } from '../../security/sealing.ts'
import { uuidV7 } from '../../security/uuid-v7.ts'
import { type BenchStack, startBenchStack } from '../bench-stack.ts'
import { sharedNow } from './clock.ts'
import { recordId, sampleWebhook } from './sample-webhook.ts'

const EVENTS_A_STATEMENT = 1_000
const LOOK_MS = 250

/** Where an endpoint is, and which object's events it gets. */
export interface BenchSubscription {
  readonly url: string
  readonly objectType: string
  readonly concurrency: number
}

/** The stack of `npm start`, whose deliveries may go to this machine, and what only a benchmark does to it. */
export interface WebhookStack extends BenchStack {
  readonly pool: DatabasePool
  /** Instead of those there were, or beside them. */
  subscribe(subscriptions: readonly BenchSubscription[], beside?: 'beside'): Promise<void>
  /** Stores events in one transaction, as the intake does, and tells when it was committed, by the shared clock. */
  addBacklog(events: number, objectType: string): Promise<number>
  /** Waits until no event waits, and no delivery that could leave. */
  drained(ms: number): Promise<boolean>
}

export async function startWebhookStack(options: {
  readonly keep: boolean
  readonly profileDirectory: string | null
  report(line: string): void
}): Promise<WebhookStack> {
  const stack = await startBenchStack({
    ...options,
    environment: { CONVEYOR_ALLOW_PRIVATE_ADDRESSES: 'true' },
  })
  const pool = await createPool({ databaseUrl: stack.databaseUrl, size: 4, onError: () => {} })
  const sealing = createSealing([deriveSealingKey(stack.encryptionKey)])
  return {
    ...stack,
    pool,
    async subscribe(subscriptions, beside) {
      if (beside === undefined) {
        await pool.query(sql.type(row<never>())`delete from salesforce_webhook_subscriptions`)
      }
      await addSubscriptions(pool, sealing, subscriptions)
    },
    async addBacklog(events, objectType) {
      const rows = Array.from({ length: events }, (_, n) => newEvent(sealing, objectType, n))
      await pool.transaction(async (transaction) => {
        const queries = createWebhookEventQueries(transaction)
        for (let at = 0; at < rows.length; at += EVENTS_A_STATEMENT) {
          await queries.insertAll(rows.slice(at, at + EVENTS_A_STATEMENT))
        }
      })
      const committed = sharedNow()
      await pool.query(sql.type(row<never>())`
        select pg_notify(${CHANNELS.pump}, shard::text) from generate_series(0, 3) shard`)
      return committed
    },
    async drained(ms) {
      const until = performance.now() + ms
      for (;;) {
        if (!(await anythingWaits(pool))) return true
        if (performance.now() > until) return false
        await sleep(LOOK_MS)
      }
    },
    async stop() {
      await pool.end()
      await stack.stop()
    },
  }
}

async function addSubscriptions(
  pool: DatabasePool,
  sealing: Sealing,
  subscriptions: readonly BenchSubscription[],
): Promise<void> {
  const rows = subscriptions.map(({ url, objectType, concurrency }) => {
    const id = `webhook_${objectType.toLowerCase()}_${randomUUID()}`
    const secret = `whsec_${randomBytes(32).toString('base64')}`
    const sealed = sealing.seal(subscriptionSecretContext(id, 'secret'), Buffer.from(secret))
    const pattern = `${objectType.toLowerCase()}.*`
    return {
      id,
      objectType,
      url,
      concurrency,
      pattern,
      secret: sealed.toString('hex'),
      shard: shardOf(id),
    }
  })
  await pool.query(sql.type(row<never>())`
      with given as (
        select * from jsonb_to_recordset(${sql.jsonb(rows)}) as s (
          id text, "objectType" text, url text, concurrency smallint, pattern text, secret text, shard smallint)
      ), stored as (
        insert into salesforce_webhook_subscriptions (subscription_id, workspace_id, object_type, events,
          callback_url, secret, shard, concurrency)
        select id, ${DEFAULT_WORKSPACE_ID}, "objectType", jsonb_build_array(pattern), url,
          decode(secret, 'hex'), shard, concurrency from given
      )
      insert into webhook_subscription_patterns (workspace_id, pattern, subscription_id)
      select ${DEFAULT_WORKSPACE_ID}, pattern, id from given`)
  await pool.query(sql.type(row<never>())`
    analyze salesforce_webhook_subscriptions, webhook_subscription_patterns`)
}

function newEvent(sealing: Sealing, objectType: string, n: number): NewWebhookEvent {
  const eventId = `evt_${uuidV7()}`
  const objectId = recordId(n)
  return {
    ...{ eventId, workspaceId: DEFAULT_WORKSPACE_ID, connectionId: DEFAULT_CONNECTION_ID },
    ...{ source: 'webhook', objectType, objectId, changeType: 'updated' },
    changedFields: ['Name', 'Industry', 'AnnualRevenue'],
    occurredAt: new Date(),
    eventType: recordEventType(objectType, 'updated'),
    requestId: null,
    shard: shardOfRecord(DEFAULT_CONNECTION_ID, objectId),
    ...storeEventPayload(sealing, eventId, sampleWebhook(objectType, n)),
  }
}

async function anythingWaits(pool: DatabasePool): Promise<boolean> {
  return pool.oneFirst(sql.type(row<{ waits: boolean }>())`
    select exists (select from webhook_event_queue) or exists (
      select from webhook_delivery_queue q
      left join webhook_endpoints h using (subscription_id)
      where q.attempts = 0 and h.troubled_at is null) as waits`)
}
