import { sql } from 'slonik'
import type { EventFilter, Ordering, SubscriptionStatus } from '../contracts/subscription.ts'

/** A row of `salesforce_webhook_subscriptions`: who wants to be told of which events, and where. */
export interface WebhookSubscription {
  readonly subscriptionId: string
  readonly workspaceId: string
  readonly userId: string | null
  /** Null: events of every connection. */
  readonly connectionId: string | null
  /** The object of its patterns where they have one; otherwise `*`. */
  readonly objectType: string
  /** Patterns as the caller wrote them. */
  readonly events: readonly string[]
  readonly callbackUrl: string
  readonly description: string | null
  readonly filter: EventFilter | null
  /** Sealed, as is the one before it. */
  readonly secret: Buffer
  readonly previousSecret: Buffer | null
  readonly previousSecretExpiresAt: Date | null
  readonly ratePerSecond: number | null
  readonly concurrency: number
  readonly ordering: Ordering
  readonly shard: number
  readonly status: SubscriptionStatus
  readonly statusSince: Date | null
  readonly stateReason: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
  /** Where it stands in lists, to the microsecond. */
  readonly place: string
}

export interface WebhookSubscriptionRow {
  subscription_id: string
  workspace_id: string
  user_id: string | null
  connection_id: string | null
  object_type: string
  events: string[]
  callback_url: string
  description: string | null
  filter: EventFilter | null
  secret: Buffer
  previous_secret: Buffer | null
  previous_secret_expires_at: Date | null
  rate_per_second: number | null
  concurrency: number
  ordering: Ordering
  shard: number
  paused_at: Date | null
  disabled_at: Date | null
  state_reason: string | null
  created_at: Date
  updated_at: Date
  place: string
}

export const subscriptionColumns = sql.fragment`
  subscription_id, workspace_id, user_id, connection_id, object_type, events, callback_url, description, filter,
  secret, previous_secret, previous_secret_expires_at, rate_per_second, concurrency, ordering, shard, paused_at,
  disabled_at, state_reason, created_at, updated_at, exact_time(created_at) as place`

export function toSubscription(r: WebhookSubscriptionRow): WebhookSubscription {
  return {
    subscriptionId: r.subscription_id,
    workspaceId: r.workspace_id,
    userId: r.user_id,
    connectionId: r.connection_id,
    objectType: r.object_type,
    events: r.events,
    callbackUrl: r.callback_url,
    description: r.description,
    filter: r.filter,
    secret: r.secret,
    previousSecret: r.previous_secret,
    previousSecretExpiresAt: r.previous_secret_expires_at,
    ratePerSecond: r.rate_per_second,
    concurrency: r.concurrency,
    ordering: r.ordering,
    shard: r.shard,
    status: statusOf(r),
    statusSince: r.disabled_at ?? r.paused_at,
    stateReason: r.state_reason,
    createdAt: r.created_at,
    updatedAt: r.updated_at,
    place: r.place,
  }
}

function statusOf(r: WebhookSubscriptionRow): SubscriptionStatus {
  if (r.disabled_at !== null) return 'disabled'
  return r.paused_at === null ? 'active' : 'paused'
}
