import { Hono } from 'hono'
import {
  ChangeSubscriptionSchema,
  PauseSubscriptionSchema,
  RotateSecretSchema,
} from '../../contracts/http/subscriptions.ts'
import type { CommonQueryMethods } from '../../db/pool.ts'
import type { WebhookSubscription } from '../../db/salesforce-webhook-subscription-row.ts'
import { createWebhookSubscriptionQueries } from '../../db/salesforce-webhook-subscriptions.ts'
import { createHeldDeliveryQueries } from '../../db/webhook-held-deliveries.ts'
import type { ApiContext, ApiDependencies, ApiEnv } from '../dependencies.ts'
import { readJsonBody } from '../http/read-json-body.ts'
import { requireCallbackUrl } from '../subscriptions/check-callback-url.ts'
import { requireEventTypes } from '../subscriptions/check-event-types.ts'
import { eventFilterOf } from '../subscriptions/event-filter-of.ts'
import { requireSubscription, subscriptionNotFound } from '../subscriptions/find-subscription.ts'
import { noteActivity } from '../subscriptions/note-activity.ts'
import { objectOf } from '../subscriptions/object-of-patterns.ts'
import { subscriptionBody } from '../subscriptions/subscription-body.ts'
import { issueSecret, sealAsPrevious } from '../subscriptions/subscription-secret.ts'

const CHANGE_FIELDS = Object.keys(ChangeSubscriptionSchema.shape)
const PAUSE_FIELDS = Object.keys(PauseSubscriptionSchema.shape)
const ROTATE_FIELDS = Object.keys(RotateSecretSchema.shape)

/** Waiting deliveries that a deletion takes away at once; retention takes the others. */
const CANCELLED_AT_ONCE = 5_000

/** What changes a subscription: `PATCH`, `DELETE`, `/pause`, `/resume`, `/rotate-secret`. */
export function createChangeSubscriptionRoutes(deps: ApiDependencies) {
  return new Hono<ApiEnv>()
    .patch('/v1/subscriptions/:subscriptionId', async (c) => {
      const { connectionId } = await requireSubscription(c)
      const asked = await readJsonBody(c, deps.settings, ChangeSubscriptionSchema, CHANGE_FIELDS)
      if (asked.event_types !== undefined) {
        await requireEventTypes(c, asked.event_types, connectionId)
      }
      const callbackUrl =
        asked.callback_url === undefined
          ? undefined
          : requireCallbackUrl(asked.callback_url, deps.settings.callbackRules)
      const changed = await withSubscription(c, async (transaction, old) => {
        const events = asked.event_types ?? old.events
        const updated = await createWebhookSubscriptionQueries(transaction).update(old, {
          events,
          objectType: asked.event_types === undefined ? old.objectType : objectOf(events),
          callbackUrl: callbackUrl ?? old.callbackUrl,
          description: asked.description === undefined ? old.description : asked.description,
          filter: asked.filter === undefined ? old.filter : eventFilterOf(asked.filter),
          ratePerSecond:
            asked.rate_per_second === undefined ? old.ratePerSecond : asked.rate_per_second,
          concurrency: asked.concurrency ?? old.concurrency,
          ordering: asked.ordering ?? old.ordering,
        })
        await noteActivity(transaction, c, 'subscription.changed', old, {
          fields: Object.keys(asked),
        })
        return updated
      })
      deps.pumps.trigger(changed.shard)
      return c.json(subscriptionBody(changed))
    })
    .post('/v1/subscriptions/:subscriptionId/pause', async (c) => {
      await requireSubscription(c)
      const { reason } = await readJsonBody(c, deps.settings, PauseSubscriptionSchema, PAUSE_FIELDS)
      const paused = await withSubscription(c, async (transaction, old) => {
        await noteActivity(transaction, c, 'subscription.paused', old, { reason })
        return createWebhookSubscriptionQueries(transaction).pause(old.subscriptionId, reason)
      })
      return c.json(subscriptionBody(paused))
    })
    .post('/v1/subscriptions/:subscriptionId/resume', async (c) => {
      await requireSubscription(c)
      const resumed = await withSubscription(c, async (transaction, old) => {
        if (old.status === 'active') return old
        await noteActivity(transaction, c, 'subscription.resumed', old, { was: old.status })
        return createWebhookSubscriptionQueries(transaction).resume(old.subscriptionId)
      })
      // Its deliveries have waited.
      deps.pumps.trigger(resumed.shard)
      return c.json(subscriptionBody(resumed))
    })
    .post('/v1/subscriptions/:subscriptionId/rotate-secret', async (c) => {
      const { subscriptionId } = await requireSubscription(c)
      const asked = await readJsonBody(c, deps.settings, RotateSecretSchema, ROTATE_FIELDS)
      const issued = issueSecret(deps.sealing, subscriptionId)
      const rotated = await withSubscription(c, async (transaction, old) => {
        await noteActivity(transaction, c, 'subscription.secret_rotated', old, {
          overlap_seconds: asked.overlap_seconds,
        })
        return createWebhookSubscriptionQueries(transaction).rotateSecret(
          subscriptionId,
          issued.sealed,
          asked.overlap_seconds === 0
            ? null
            : {
                secret: sealAsPrevious(deps.sealing, old),
                expiresAt: new Date(Date.now() + asked.overlap_seconds * 1_000),
              },
        )
      })
      return c.json({ ...subscriptionBody(rotated), secret: issued.shown })
    })
    .delete('/v1/subscriptions/:subscriptionId', async (c) => {
      const { subscriptionId } = await requireSubscription(c)
      await deleteSubscription(c, subscriptionId)
      return c.json({ id: subscriptionId, deleted: true as const })
    })
}

/** Deletes it, and what waits for it. False where it is gone already, or never was. */
export async function deleteSubscription(c: ApiContext, subscriptionId: string): Promise<boolean> {
  return c.var.database.transaction(async (transaction) => {
    const subscriptions = createWebhookSubscriptionQueries(transaction)
    const old = await subscriptions.getForUpdate(subscriptionId)
    if (old === null || !(await subscriptions.softDelete(subscriptionId))) return false
    await createHeldDeliveryQueries(transaction).cancelOf(old, CANCELLED_AT_ONCE)
    await noteActivity(transaction, c, 'subscription.deleted', old)
    return true
  })
}

/** Does something to the subscription of the path while nobody else does. @throws {ApiError} `subscription_not_found` */
async function withSubscription(
  c: ApiContext,
  work: (
    transaction: CommonQueryMethods,
    old: WebhookSubscription,
  ) => Promise<WebhookSubscription | null>,
): Promise<WebhookSubscription> {
  const subscriptionId = c.req.param('subscriptionId') ?? ''
  return c.var.database.transaction(async (transaction) => {
    const old = await createWebhookSubscriptionQueries(transaction).getForUpdate(subscriptionId)
    const done = old === null ? null : await work(transaction, old)
    // Deleted since it was read.
    if (done === null) throw subscriptionNotFound()
    return done
  })
}
