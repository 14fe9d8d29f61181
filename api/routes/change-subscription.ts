import { Hono } from 'hono'
import {
  ChangeSubscriptionSchema,
  PauseSubscriptionSchema,
  RotateSecretSchema,
  TestSubscriptionSchema,
} from '../../contracts/http/subscriptions.ts'
import type { CommonQueryMethods } from '../../db/pool.ts'
import type { WebhookSubscription } from '../../db/salesforce-webhook-subscription-row.ts'
import { createWebhookSubscriptionQueries } from '../../db/salesforce-webhook-subscriptions.ts'
import type { ApiContext, ApiDependencies, ApiEnv } from '../dependencies.ts'
import { readJsonBody } from '../http/read-json-body.ts'
import { testSubscription } from '../replays/test-subscription.ts'
import { requireCallbackUrl } from '../subscriptions/check-callback-url.ts'
import { requireEventTypes } from '../subscriptions/check-event-types.ts'
import { eventFilterOf } from '../subscriptions/event-filter-of.ts'
import { requireSubscription, subscriptionNotFound } from '../subscriptions/find-subscription.ts'
import { noteActivity } from '../subscriptions/note-activity.ts'
import { objectOf } from '../subscriptions/object-of-patterns.ts'
import { subscriptionBody } from '../subscriptions/subscription-body.ts'
import { issueSecret, sealAsPrevious } from '../subscriptions/subscription-secret.ts'
import { deliveryBody } from '../webhook-event-body.ts'

const CHANGE_FIELDS = Object.keys(ChangeSubscriptionSchema.shape)
const PAUSE_FIELDS = Object.keys(PauseSubscriptionSchema.shape)
const TEST_FIELDS = Object.keys(TestSubscriptionSchema.shape)
const ROTATE_FIELDS = Object.keys(RotateSecretSchema.shape)

/** What changes a subscription: `PATCH`, `DELETE`, `/pause`, `/resume`, `/rotate-secret`; and `/test`. */
export function createChangeSubscriptionRoutes(deps: ApiDependencies) {
  /** Where the endpoint was in trouble, the next look would otherwise be hours away. Nobody waits for it. */
  function retryNow({ subscriptionId }: WebhookSubscription): void {
    deps.starters.retryEndpoint(subscriptionId).catch((error: unknown) => {
      deps.logger.warn({ err: error, subscriptionId }, 'the endpoint is tried at its time')
    })
  }

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
          fields: Object.keys(asked).join(' '),
        })
        return updated
      })
      deps.pumpTrigger.trigger([changed.shard])
      if (callbackUrl !== undefined) retryNow(changed)
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
      deps.pumpTrigger.trigger([resumed.shard])
      retryNow(resumed)
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
    .post('/v1/subscriptions/:subscriptionId/test', async (c) => {
      const subscription = await requireSubscription(c)
      const asked = await readJsonBody(c, deps.settings, TestSubscriptionSchema, TEST_FIELDS)
      const delivery = await testSubscription(deps, c, subscription, asked.event_type)
      const body = deliveryBody(delivery)
      c.header('Location', body.links.self)
      return c.json(body, 202)
    })
    .delete('/v1/subscriptions/:subscriptionId', async (c) => {
      const { subscriptionId } = await requireSubscription(c)
      await deleteSubscription(deps, c, subscriptionId)
      return c.json({ id: subscriptionId, deleted: true as const })
    })
}

/** Deletes it; its pump ends what waits for it. Nothing happens where it is gone already. */
export async function deleteSubscription(
  deps: ApiDependencies,
  c: ApiContext,
  subscriptionId: string,
): Promise<void> {
  const deleted = await c.var.database.transaction(async (transaction) => {
    const subscriptions = createWebhookSubscriptionQueries(transaction)
    const old = await subscriptions.getForUpdate(subscriptionId)
    if (old === null || !(await subscriptions.softDelete(subscriptionId))) return null
    await noteActivity(transaction, c, 'subscription.deleted', old)
    return old
  })
  if (deleted !== null) deps.pumpTrigger.trigger([deleted.shard])
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
