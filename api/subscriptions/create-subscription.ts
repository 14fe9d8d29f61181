import { shardOf } from '../../contracts/pump.ts'
import type { EventFilter, Ordering } from '../../contracts/subscription.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import { createIdempotencyKeyQueries } from '../../db/idempotency-keys.ts'
import type { CommonQueryMethods } from '../../db/pool.ts'
import type { WebhookSubscription } from '../../db/salesforce-webhook-subscription-row.ts'
import { createWebhookSubscriptionQueries } from '../../db/salesforce-webhook-subscriptions.ts'
import { uuidV7 } from '../../security/uuid-v7.ts'
import { requireConnectionOfId } from '../connections/find-connection.ts'
import type { ApiContext, ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { checkedIdempotencyKey, KEY_KEPT_HOURS } from '../http/idempotency-key.ts'
import { requireCallbackUrl } from './check-callback-url.ts'
import { requireEventTypes } from './check-event-types.ts'
import { subscriptionNotFound } from './find-subscription.ts'
import { noteActivity } from './note-activity.ts'
import { objectOf } from './object-of-patterns.ts'
import { issueSecret, openSecret } from './subscription-secret.ts'

export interface SubscriptionWish {
  /** What legacy callers named; null takes the object of the patterns. */
  readonly objectType: string | null
  readonly events: readonly string[]
  readonly callbackUrl: string
  readonly description: string | null
  readonly filter: EventFilter | null
  readonly ratePerSecond: number | null
  readonly concurrency: number
  readonly ordering: Ordering
  readonly connectionId: string | null
  readonly userId: string | null
  readonly active: boolean
}

/** The request itself, for its `Idempotency-Key`. */
export interface WishRequest {
  /** Names the route: the same key on another route is another key. */
  readonly route: string
  readonly requestHash: () => Promise<string>
}

export interface MadeSubscription {
  readonly subscription: WebhookSubscription
  readonly secret: string
  /** True where the first request with this key made it. */
  readonly replayed: boolean
}

/**
 * Makes a subscription with its secret.
 * @throws {ApiError} `invalid_event`, `invalid_callback_url`, `connection_not_found`, `too_many_subscriptions`,
 * `encryption_key_required`, `idempotency_key_reused`
 */
export async function createSubscription(
  deps: ApiDependencies,
  c: ApiContext,
  wish: SubscriptionWish,
  request: WishRequest,
): Promise<MadeSubscription> {
  const key = checkedIdempotencyKey(c.req.header('idempotency-key') ?? null)
  const connectionId = await connectionOf(c, wish)
  await requireEventTypes(c, wish.events, connectionId, wish.objectType)
  const callbackUrl = requireCallbackUrl(wish.callbackUrl, deps.settings.callbackRules)
  const objectType = wish.objectType ?? objectOf(wish.events)
  const subscriptionId = newSubscriptionId(objectType)
  const { shown, sealed } = issueSecret(deps.sealing, subscriptionId)
  const hash = key === null ? '' : await request.requestHash()

  return c.var.database.transaction(async (transaction) => {
    if (key !== null) {
      const first = await reserve(transaction, c, {
        route: request.route,
        key,
        hash,
        subscriptionId,
      })
      if (first !== null) {
        return { subscription: first, secret: openSecret(deps.sealing, first), replayed: true }
      }
    }
    const subscriptions = createWebhookSubscriptionQueries(transaction)
    await subscriptions.lock(c.var.workspaceId)
    const { mostSubscriptions } = deps.settings
    if ((await subscriptions.countUpTo(mostSubscriptions)) >= mostSubscriptions) {
      const message = `A workspace has at most ${mostSubscriptions} subscriptions. Delete some that are not needed.`
      throw new ApiError('too_many_subscriptions', message)
    }
    const subscription = await subscriptions.insert({
      ...{ subscriptionId, objectType, callbackUrl, connectionId, secret: sealed },
      workspaceId: c.var.workspaceId,
      userId: wish.userId,
      events: wish.events,
      description: wish.description,
      filter: wish.filter,
      ratePerSecond: wish.ratePerSecond,
      concurrency: wish.concurrency,
      ordering: wish.ordering,
      shard: shardOf(subscriptionId),
      createdBy: c.var.caller.keyId,
      pausedFor: wish.active ? null : 'Made inactive',
    })
    await noteActivity(transaction, c, 'subscription.created', subscription, {
      events: wish.events.join(' '),
    })
    return { subscription, secret: shown, replayed: false }
  })
}

/** The one that was named; otherwise the one that has the user's name, and all where none has it. */
async function connectionOf(c: ApiContext, wish: SubscriptionWish): Promise<string | null> {
  if (wish.connectionId !== null) {
    return (await requireConnectionOfId(c, wish.connectionId)).connectionId
  }
  if (wish.userId === null) return null
  const mapped = await createConnectionQueries(c.var.database).findByUser(wish.userId)
  return mapped?.connectionId ?? null
}

/** Null where the key is ours from now on; it is taken and used in one transaction, so nobody sees it in between. */
async function reserve(
  transaction: CommonQueryMethods,
  c: ApiContext,
  asked: {
    readonly route: string
    readonly key: string
    readonly hash: string
    readonly subscriptionId: string
  },
): Promise<WebhookSubscription | null> {
  const keys = createIdempotencyKeyQueries(transaction)
  const name = { workspaceId: c.var.workspaceId, route: asked.route, key: asked.key }
  const held = await keys.reserve(name, asked.subscriptionId, KEY_KEPT_HOURS)
  if (held === null) {
    await keys.complete(name, asked.subscriptionId, asked.hash)
    return null
  }
  if (held.requestHash !== asked.hash) {
    const message =
      'This Idempotency-Key was used for another request. Use a new key for a new subscription.'
    throw new ApiError('idempotency_key_reused', message)
  }
  const first = await createWebhookSubscriptionQueries(transaction).get(held.jobId)
  // Deleted since.
  if (first === null) throw subscriptionNotFound()
  return first
}

/** `webhook_<object>_<UUIDv7>`: the prefix that callers know, unique and in order of time. */
function newSubscriptionId(objectType: string): string {
  const object = objectType.toLowerCase().replaceAll(/[^a-z0-9_]/g, '')
  return `webhook_${object === '' ? 'any' : object}_${uuidV7()}`
}
