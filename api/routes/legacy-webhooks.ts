import { Hono } from 'hono'
import type {
  LegacySubscribedFields,
  LegacySubscriptionListFields,
  LegacyUnsubscribedFields,
} from '../../contracts/http/legacy-webhooks.ts'
import type { WebhookSubscription } from '../../db/salesforce-webhook-subscription-row.ts'
import { createWebhookSubscriptionQueries } from '../../db/salesforce-webhook-subscriptions.ts'
import { requireConnectionOfUser } from '../connections/find-connection.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { requireContentType } from '../http/content-type.ts'
import { parseJsonBody } from '../http/parse-json-body.ts'
import { isPlainId } from '../http/plain-id.ts'
import { requirePlainText } from '../http/plain-text.ts'
import { createRequestBody } from '../http/request-body.ts'
import { createSubscription } from '../subscriptions/create-subscription.ts'
import { deleteSubscription } from './change-subscription.ts'

const MOST_EVENTS = 100
const MOST_LISTED = 1_000
const CONCURRENCY = 10

/** The routes under /api/salesforce/webhooks: every answer has its fields both flat and under `data`. */
export function createLegacyWebhookRoutes(deps: ApiDependencies) {
  return new Hono<ApiEnv>()
    .post('/api/salesforce/webhooks/subscribe', async (c) => {
      requireContentType(c.req.raw, ['application/json'])
      const body = createRequestBody(c.req.raw, deps.settings, c.var.textShare)
      const asked = readSubscribe(await parseJsonBody(body))
      // Never those of all orgs: who subscribes here knows of one, as for their jobs.
      const { connectionId } = await requireConnectionOfUser(c, asked.userId)
      const { subscription, secret, replayed } = await createSubscription(
        deps,
        c,
        {
          ...asked,
          ...{ description: null, filter: null, ratePerSecond: null, connectionId },
          ...{ concurrency: CONCURRENCY, ordering: 'none' },
        },
        {
          route: 'POST /api/salesforce/webhooks/subscribe',
          requestHash: () => body.digest('application/json'),
        },
      )
      if (replayed) c.header('Idempotency-Replayed', 'true')
      c.header('Location', `/v1/subscriptions/${subscription.subscriptionId}`)
      const fields: LegacySubscribedFields = {
        ...legacySubscription(subscription),
        message: `Webhook subscription created for ${subscription.objectType}`,
        secret,
      }
      return c.json({ ok: true, ...fields, data: fields }, 201)
    })
    .get('/api/salesforce/webhooks/subscriptions', async (c) => {
      const userId = c.req.query('user_id')?.trim() ?? ''
      if (userId === '') throw new ApiError('missing_user_id', 'user_id is required')
      const found = await createWebhookSubscriptionQueries(c.var.database).list(
        { userId: requirePlainText('user_id', userId, 255) },
        MOST_LISTED,
        null,
      )
      const fields: LegacySubscriptionListFields = {
        subscriptions: found.map((subscription) => ({
          ...legacySubscription(subscription),
          state_detail: subscription.stateReason,
          created_at: subscription.createdAt.toISOString(),
          updated_at: subscription.updatedAt.toISOString(),
        })),
        count: found.length,
      }
      return c.json({ ok: true, ...fields, data: fields })
    })
    .delete('/api/salesforce/webhooks/:subscriptionId', async (c) => {
      const subscriptionId = c.req.param('subscriptionId')
      // Callers of the replaced service count on 200 also for what is not there.
      if (isPlainId(subscriptionId)) await deleteSubscription(deps, c, subscriptionId)
      const fields: LegacyUnsubscribedFields = {
        message: 'Webhook subscription deactivated',
        subscription_id: subscriptionId,
      }
      return c.json({ ok: true, ...fields, data: fields })
    })
}

function legacySubscription(subscription: WebhookSubscription) {
  return {
    subscription_id: subscription.subscriptionId,
    object_type: subscription.objectType,
    events: [...subscription.events],
    callback_url: subscription.callbackUrl,
    active: subscription.status === 'active',
  }
}

/** Field by field: each fault has a code that callers know. Fields that nobody knows are let pass, as ever. */
function readSubscribe(body: Record<string, unknown>) {
  for (const name of ['user_id', 'object_type', 'events', 'callback_url']) {
    const value = body[name]
    const isEmpty = Array.isArray(value) && value.length === 0
    if (value === undefined || value === null || value === '' || isEmpty) {
      throw new ApiError('missing_required_field', `${name} is required`)
    }
  }
  const { events, active = true } = body
  if (!Array.isArray(events) || !events.every((event) => typeof event === 'string')) {
    throw new ApiError('invalid_event', 'events must be an array of event types')
  }
  if (events.length > MOST_EVENTS) {
    throw new ApiError('invalid_event', `events holds more than ${MOST_EVENTS} event types`)
  }
  if (typeof active !== 'boolean') {
    throw new ApiError('invalid_request', 'active must be true or false')
  }
  return {
    userId: requireText(body, 'user_id', 255),
    objectType: requireText(body, 'object_type', 80),
    events,
    callbackUrl: requireText(body, 'callback_url', 4_096),
    active,
  }
}

function requireText(body: Record<string, unknown>, name: string, longest: number): string {
  const value = body[name]
  // Callers of the replaced service send numbers as user ids too.
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string') throw new ApiError('invalid_request', `${name} must be text`)
  return requirePlainText(name, text.trim(), longest)
}
