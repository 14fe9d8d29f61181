import { type CommonQueryMethods, sql } from 'slonik'
import type { Ordering } from '../contracts/subscription.ts'
import { row } from './row-type.ts'

/** What of a subscription a delivery needs. Secrets are sealed. */
export interface WebhookTarget {
  readonly subscriptionId: string
  readonly workspaceId: string
  /** Changes whenever the subscription does. */
  readonly version: string
  readonly url: string
  readonly secret: Buffer
  readonly previousSecret: Buffer | null
  readonly previousSecretExpiresAt: Date | null
  readonly ratePerSecond: number | null
  readonly concurrency: number
  readonly ordering: Ordering
  readonly shard: number
  readonly active: boolean
  /** Deleted or disabled. */
  readonly ended: boolean
}

interface TargetRow {
  subscription_id: string
  workspace_id: string
  version: string
  callback_url: string
  secret: Buffer
  previous_secret: Buffer | null
  previous_secret_expires_at: Date | null
  rate_per_second: number | null
  concurrency: number
  ordering: Ordering
  shard: number
  active: boolean
  ended: boolean
}

export function createWebhookTargetQueries(connection: CommonQueryMethods) {
  return {
    async getAll(subscriptionIds: readonly string[]): Promise<WebhookTarget[]> {
      const found = await connection.any(sql.type(row<TargetRow>())`
        select subscription_id, workspace_id, updated_at::text as version, callback_url, secret, previous_secret,
          previous_secret_expires_at, rate_per_second, concurrency, ordering, shard, active,
          (deleted_at is not null or disabled_at is not null) as ended
        from salesforce_webhook_subscriptions
        where subscription_id = any(${sql.array([...subscriptionIds], 'text')})`)
      return found.map((r) => ({
        subscriptionId: r.subscription_id,
        workspaceId: r.workspace_id,
        version: r.version,
        url: r.callback_url,
        secret: r.secret,
        previousSecret: r.previous_secret,
        previousSecretExpiresAt: r.previous_secret_expires_at,
        ratePerSecond: r.rate_per_second,
        concurrency: r.concurrency,
        ordering: r.ordering,
        shard: r.shard,
        active: r.active,
        ended: r.ended,
      }))
    },

    /** Nothing is sent to it any more, until a person says so. False where that was so already. */
    async disable(subscriptionId: string, reason: string): Promise<boolean> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        update salesforce_webhook_subscriptions set disabled_at = now(), state_reason = ${reason}
        where subscription_id = ${subscriptionId} and disabled_at is null and deleted_at is null`)
      return rowCount > 0
    },

    async pause(subscriptionId: string, reason: string): Promise<boolean> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        update salesforce_webhook_subscriptions set paused_at = now(), state_reason = ${reason}
        where subscription_id = ${subscriptionId} and active`)
      return rowCount > 0
    },

    /** Subscriptions that have ended, of which deliveries still wait. */
    async listEndedWithWaiting(shard: number, limit: number): Promise<readonly EndedTarget[]> {
      const found = await connection.any(
        sql.type(row<{ subscription_id: string; workspace_id: string; deleted: boolean }>())`
        select s.subscription_id, s.workspace_id, s.deleted_at is not null as deleted
        from salesforce_webhook_subscriptions s
        where s.shard = ${shard} and (s.deleted_at is not null or s.disabled_at is not null)
          and exists (select from webhook_delivery_queue q
            where q.shard = ${shard} and q.subscription_id = s.subscription_id)
        limit ${limit}`,
      )
      return found.map((r) => ({
        subscriptionId: r.subscription_id,
        workspaceId: r.workspace_id,
        shard,
        deleted: r.deleted,
      }))
    },
  }
}

export interface EndedTarget {
  readonly subscriptionId: string
  readonly workspaceId: string
  readonly shard: number
  readonly deleted: boolean
}
