import { Hono } from 'hono'
import { DeliveryListQuerySchema } from '../../contracts/http/webhook-events.ts'
import { createDeliveryLogQueries, type LoggedDelivery } from '../../db/webhook-delivery-log.ts'
import type { ApiContext, ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { decodePlace, encodePlace } from '../http/place-cursor.ts'
import { isPlainId } from '../http/plain-id.ts'
import { readQuery } from '../http/read-query.ts'
import { timeOf } from '../http/time-of.ts'
import { resendDelivery } from '../replays/resend-delivery.ts'
import { attemptBody, deliveryBody } from '../webhook-event-body.ts'

/** A schedule of any sensible length is shorter. */
const MOST_ATTEMPTS = 100

/** `/v1/deliveries`: the log of what was sent, and sending one again. */
export function createDeliveryRoutes(deps: ApiDependencies) {
  return new Hono<ApiEnv>()
    .get('/v1/deliveries', async (c) => {
      const query = readQuery(c.req.raw, DeliveryListQuerySchema)
      const found = await createDeliveryLogQueries(c.var.database).list(
        {
          subscriptionId: query.subscription_id,
          eventId: query.event_id,
          state: query.state,
          eventType: query.event_type,
          error: query.error,
          origin: query.origin,
          replayId: query.replay_id,
          since: timeOf(query.since),
          until: timeOf(query.until),
        },
        query.limit + 1,
        decodePlace(query.cursor),
      )
      const page = found.slice(0, query.limit)
      const last = found.length > query.limit ? page[page.length - 1] : undefined
      return c.json({
        deliveries: page.map(deliveryBody),
        next_cursor:
          last === undefined ? null : encodePlace({ at: last.place, id: last.deliveryId }),
      })
    })
    .get('/v1/deliveries/:deliveryId', async (c) => {
      const delivery = await requireDelivery(c)
      const log = createDeliveryLogQueries(c.var.database)
      const attempts = await log.listAttempts(delivery.deliveryId, MOST_ATTEMPTS)
      const next =
        delivery.state === 'pending' ? await log.nextAttemptAt(delivery.deliveryId) : null
      return c.json({
        ...deliveryBody(delivery),
        next_attempt_at: next?.toISOString() ?? null,
        attempt_log: attempts.map((attempt) => attemptBody(attempt, delivery.eventId)),
      })
    })
    .post('/v1/deliveries/:deliveryId/resend', async (c) => {
      const made = await resendDelivery(deps, c, await requireDelivery(c))
      const body = deliveryBody(made)
      c.header('Location', body.links.self)
      return c.json(body, 202)
    })
}

async function requireDelivery(c: ApiContext): Promise<LoggedDelivery> {
  const deliveryId = c.req.param('deliveryId') ?? ''
  const found = isPlainId(deliveryId)
    ? await createDeliveryLogQueries(c.var.database).get(deliveryId)
    : null
  if (found === null) {
    throw new ApiError('delivery_not_found', 'There is no delivery of this id.')
  }
  return found
}
