import { Hono } from 'hono'
import {
  CreateSubscriptionSchema,
  SubscriptionListQuerySchema,
} from '../../contracts/http/subscriptions.ts'
import { createWebhookSubscriptionQueries } from '../../db/salesforce-webhook-subscriptions.ts'
import { createEndpointHealthQueries } from '../../db/webhook-endpoint-health.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { requireContentType } from '../http/content-type.ts'
import { parseJsonBody } from '../http/parse-json-body.ts'
import { decodePlace, encodePlace } from '../http/place-cursor.ts'
import { readQuery } from '../http/read-query.ts'
import { createRequestBody } from '../http/request-body.ts'
import { requestIssues } from '../http/request-issues.ts'
import { createSubscription } from '../subscriptions/create-subscription.ts'
import { eventFilterOf } from '../subscriptions/event-filter-of.ts'
import { requireSubscription } from '../subscriptions/find-subscription.ts'
import {
  endpointBody,
  HEALTH_BOUNDS,
  subscriptionBody,
  subscriptionUrl,
} from '../subscriptions/subscription-body.ts'

const CREATE_FIELDS = Object.keys(CreateSubscriptionSchema.shape)

/** `/v1/subscriptions`: make, list, look. What changes them: `change-subscription.ts`. */
export function createSubscriptionRoutes(deps: ApiDependencies) {
  return new Hono<ApiEnv>()
    .post('/v1/subscriptions', async (c) => {
      requireContentType(c.req.raw, ['application/json'])
      const body = createRequestBody(c.req.raw, deps.settings, c.var.textShare)
      const parsed = CreateSubscriptionSchema.safeParse(await parseJsonBody(body))
      if (!parsed.success) throw requestIssues(parsed.error, 'field', CREATE_FIELDS)
      const asked = parsed.data
      const made = await createSubscription(
        deps,
        c,
        {
          objectType: null,
          events: asked.event_types,
          callbackUrl: asked.callback_url,
          description: asked.description ?? null,
          filter: eventFilterOf(asked.filter),
          ratePerSecond: asked.rate_per_second ?? null,
          concurrency: asked.concurrency,
          ordering: asked.ordering,
          connectionId: asked.connection_id ?? null,
          userId: asked.user_id ?? null,
          active: asked.active,
        },
        {
          route: 'POST /v1/subscriptions',
          requestHash: () => body.digest('application/json'),
        },
      )
      if (made.replayed) c.header('Idempotency-Replayed', 'true')
      c.header('Location', subscriptionUrl(made.subscription.subscriptionId))
      return c.json({ ...subscriptionBody(made.subscription), secret: made.secret }, 201)
    })
    .get('/v1/subscriptions', async (c) => {
      const query = readQuery(c.req.raw, SubscriptionListQuerySchema)
      const found = await createWebhookSubscriptionQueries(c.var.database).list(
        { status: query.status, userId: query.user_id },
        query.limit + 1,
        decodePlace(query.cursor),
      )
      const page = found.slice(0, query.limit)
      const last = found.length > query.limit ? page[page.length - 1] : undefined
      return c.json({
        subscriptions: page.map(subscriptionBody),
        next_cursor:
          last === undefined ? null : encodePlace({ at: last.place, id: last.subscriptionId }),
      })
    })
    .get('/v1/subscriptions/:subscriptionId', async (c) => {
      const subscription = await requireSubscription(c)
      const health = await createEndpointHealthQueries(c.var.database).get(
        subscription,
        HEALTH_BOUNDS,
      )
      return c.json({ ...subscriptionBody(subscription), endpoint: endpointBody(health) })
    })
}
