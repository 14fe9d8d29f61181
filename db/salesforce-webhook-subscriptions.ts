import { type CommonQueryMethods, sql } from 'slonik'
import { storedPattern } from '../contracts/event-types.ts'
import { type ExactPlace, exactTime } from './exact-time.ts'
import { row } from './row-type.ts'
import {
  subscriptionColumns,
  toSubscription,
  type WebhookSubscription,
  type WebhookSubscriptionRow,
} from './salesforce-webhook-subscription-row.ts'

/** What a secret is sealed for. */
export function subscriptionSecretContext(
  subscriptionId: string,
  column: 'secret' | 'previous_secret',
): string {
  return `salesforce_webhook_subscriptions/${subscriptionId}/${column}`
}

export type NewWebhookSubscription = Pick<
  WebhookSubscription,
  | 'subscriptionId'
  | 'workspaceId'
  | 'userId'
  | 'connectionId'
  | 'objectType'
  | 'events'
  | 'callbackUrl'
  | 'description'
  | 'filter'
  | 'secret'
  | 'ratePerSecond'
  | 'concurrency'
  | 'ordering'
  | 'shard'
> & {
  readonly createdBy: string | null
  /** Why it begins paused; null where it begins active. */
  readonly pausedFor: string | null
}

/** What may be changed later. */
export type SubscriptionChange = Pick<
  WebhookSubscription,
  | 'objectType'
  | 'events'
  | 'callbackUrl'
  | 'description'
  | 'filter'
  | 'ratePerSecond'
  | 'concurrency'
  | 'ordering'
>

export interface SubscriptionListFilter {
  readonly userId?: string | undefined
  readonly status?: WebhookSubscription['status'] | undefined
}

/** Whether a subscription is one that was not deleted: all else here passes deleted ones by. */
const present = sql.fragment`deleted_at is null`

export function createWebhookSubscriptionQueries(connection: CommonQueryMethods) {
  const one = async (query: ReturnType<typeof sql.fragment>) => {
    const found = await connection.maybeOne(sql.type(row<WebhookSubscriptionRow>())`${query}`)
    return found ? toSubscription(found) : null
  }
  const jsonOrNull = (value: WebhookSubscription['filter']) =>
    // JSON all through, as its schema said.
    value === null ? null : sql.jsonb(value as never)

  /** In small letters, without twins: they are looked up so. */
  async function putPatterns(subscription: {
    readonly subscriptionId: string
    readonly workspaceId: string
    readonly events: readonly string[]
  }): Promise<void> {
    const { subscriptionId, workspaceId, events } = subscription
    const patterns = [...new Set(events.map(storedPattern))]
    await connection.query(sql.type(row<never>())`
      insert into webhook_subscription_patterns (workspace_id, pattern, subscription_id)
      select ${workspaceId}, pattern, ${subscriptionId}
      from unnest(${sql.array(patterns, 'text')}) as pattern`)
  }

  return {
    /** One transaction of the workspace at a time counts and adds: two at once would pass the limit. */
    async lock(workspaceId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        select pg_advisory_xact_lock(hashtextextended(${`webhook subscriptions of ${workspaceId}`}, 0))`)
    },

    /** At most `most`. */
    async countUpTo(most: number): Promise<number> {
      return connection.oneFirst(sql.type(row<{ count: number }>())`
        select count(*) from (
          select from salesforce_webhook_subscriptions where ${present} limit ${most}) as counted`)
    },

    /** In a transaction: the patterns are rows of their own. */
    async insert(wanted: NewWebhookSubscription): Promise<WebhookSubscription> {
      const made = await connection.one(sql.type(row<WebhookSubscriptionRow>())`
        insert into salesforce_webhook_subscriptions (subscription_id, workspace_id, user_id, connection_id,
          object_type, events, callback_url, description, filter, secret, rate_per_second, concurrency,
          ordering, shard, paused_at, state_reason, created_by)
        values (${wanted.subscriptionId}, ${wanted.workspaceId}, ${wanted.userId}, ${wanted.connectionId},
          ${wanted.objectType}, ${sql.jsonb([...wanted.events])}, ${wanted.callbackUrl},
          ${wanted.description}, ${jsonOrNull(wanted.filter)}, ${sql.binary(wanted.secret)},
          ${wanted.ratePerSecond}, ${wanted.concurrency}, ${wanted.ordering}, ${wanted.shard},
          case when ${wanted.pausedFor}::text is not null then now() end, ${wanted.pausedFor},
          ${wanted.createdBy})
        returning ${subscriptionColumns}`)
      await putPatterns(wanted)
      return toSubscription(made)
    },

    async get(subscriptionId: string): Promise<WebhookSubscription | null> {
      return one(sql.fragment`
        select ${subscriptionColumns} from salesforce_webhook_subscriptions
        where subscription_id = ${subscriptionId} and ${present}`)
    },

    /** Held until the transaction ends, so that what is read is still so when it is written. */
    async getForUpdate(subscriptionId: string): Promise<WebhookSubscription | null> {
      return one(sql.fragment`
        select ${subscriptionColumns} from salesforce_webhook_subscriptions
        where subscription_id = ${subscriptionId} and ${present} for update`)
    },

    /** Newest first, before the given place. */
    async list(
      filter: SubscriptionListFilter,
      limit: number,
      before: ExactPlace | null,
    ): Promise<WebhookSubscription[]> {
      const conditions = [
        present,
        ...(filter.userId === undefined ? [] : [sql.fragment`user_id = ${filter.userId}`]),
        ...(filter.status === undefined ? [] : [statusCondition(filter.status)]),
        ...(before === null
          ? []
          : [
              sql.fragment`(created_at, subscription_id) < (${exactTime(before.at)}, ${before.id})`,
            ]),
      ]
      const found = await connection.any(sql.type(row<WebhookSubscriptionRow>())`
        select ${subscriptionColumns} from salesforce_webhook_subscriptions
        where ${sql.join(conditions, sql.fragment` and `)}
        order by created_at desc, subscription_id desc limit ${limit}`)
      return found.map(toSubscription)
    },

    /** In a transaction, as `insert`. */
    async update(
      subscription: Pick<WebhookSubscription, 'subscriptionId' | 'workspaceId'>,
      change: SubscriptionChange,
    ): Promise<WebhookSubscription | null> {
      const { subscriptionId, workspaceId } = subscription
      const updated = await one(sql.fragment`
        update salesforce_webhook_subscriptions
        set object_type = ${change.objectType}, events = ${sql.jsonb([...change.events])},
          callback_url = ${change.callbackUrl}, description = ${change.description},
          filter = ${jsonOrNull(change.filter)}, rate_per_second = ${change.ratePerSecond},
          concurrency = ${change.concurrency}, ordering = ${change.ordering}
        where subscription_id = ${subscriptionId} and ${present}
        returning ${subscriptionColumns}`)
      if (updated === null) return null
      await connection.query(sql.type(row<never>())`
        delete from webhook_subscription_patterns where subscription_id = ${subscriptionId}`)
      await putPatterns({ subscriptionId, workspaceId, events: change.events })
      return updated
    },

    /** One that is paused already keeps the time, and takes the new reason. */
    async pause(subscriptionId: string, reason: string): Promise<WebhookSubscription | null> {
      return one(sql.fragment`
        update salesforce_webhook_subscriptions
        set paused_at = coalesce(paused_at, now()), state_reason = ${reason}
        where subscription_id = ${subscriptionId} and ${present}
        returning ${subscriptionColumns}`)
    },

    /** Neither paused nor disabled any more. What was noted of a disabled endpoint's trouble begins anew. */
    async resume(subscriptionId: string): Promise<WebhookSubscription | null> {
      await connection.query(sql.type(row<never>())`
        update webhook_endpoints e
        set consecutive_failures = 0, slow = false, held_until = null, troubled_at = null, next_probe_at = null,
          failed_probes = 0, first_failure_at = null
        from salesforce_webhook_subscriptions s
        where s.subscription_id = ${subscriptionId} and s.disabled_at is not null
          and e.subscription_id = s.subscription_id`)
      return one(sql.fragment`
        update salesforce_webhook_subscriptions
        set paused_at = null, disabled_at = null, resumed_at = now(), state_reason = null
        where subscription_id = ${subscriptionId} and ${present}
        returning ${subscriptionColumns}`)
    },

    /** The secret so far goes on for a while; both are sealed for their places. */
    async rotateSecret(
      subscriptionId: string,
      secret: Buffer,
      previous: { readonly secret: Buffer; readonly expiresAt: Date } | null,
    ): Promise<WebhookSubscription | null> {
      return one(sql.fragment`
        update salesforce_webhook_subscriptions
        set secret = ${sql.binary(secret)},
          previous_secret = ${previous === null ? null : sql.binary(previous.secret)},
          previous_secret_expires_at = ${previous === null ? null : sql.timestamp(previous.expiresAt)}
        where subscription_id = ${subscriptionId} and ${present}
        returning ${subscriptionColumns}`)
    },

    /** Keeps the row for the log of its deliveries. False where it was deleted before, or never was. */
    async softDelete(subscriptionId: string): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update salesforce_webhook_subscriptions
        set deleted_at = now(), previous_secret = null, previous_secret_expires_at = null
        where subscription_id = ${subscriptionId} and ${present}`)
      if (result.rowCount === 0) return false
      await connection.query(sql.type(row<never>())`
        delete from webhook_subscription_patterns where subscription_id = ${subscriptionId}`)
      return true
    },
  }
}

function statusCondition(status: WebhookSubscription['status']) {
  switch (status) {
    case 'active':
      return sql.fragment`active`
    case 'paused':
      return sql.fragment`paused_at is not null and disabled_at is null`
    case 'disabled':
      return sql.fragment`disabled_at is not null`
  }
}
