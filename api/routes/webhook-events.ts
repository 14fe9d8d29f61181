import { Hono } from 'hono'
import { EventListQuerySchema, EventTypeQuerySchema } from '../../contracts/http/webhook-events.ts'
import { createDeliveryLogQueries } from '../../db/webhook-delivery-log.ts'
import { createWebhookEventLogQueries } from '../../db/webhook-event-log.ts'
import { createWebhookEventQueries } from '../../db/webhook-events.ts'
import { openEventPayload } from '../../security/event-payload.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { decodePlace, encodePlace } from '../http/place-cursor.ts'
import { readQuery } from '../http/read-query.ts'
import { timeOf } from '../http/time-of.ts'
import { eventNotFound, requireEvent } from '../replays/find-event.ts'
import { eventCatalogue } from '../subscriptions/event-catalogue.ts'
import { deliveryBody, eventBody } from '../webhook-event-body.ts'

/** More stand under `/v1/deliveries?event_id=`. */
const DELIVERIES_SHOWN = 100

/** `/v1/event-types` and `/v1/events`: what can happen, and what did. */
export function createWebhookEventRoutes(deps: ApiDependencies) {
  return new Hono<ApiEnv>()
    .get('/v1/event-types', async (c) => {
      const { object } = readQuery(c.req.raw, EventTypeQuerySchema)
      return c.json(await eventCatalogue(c, object))
    })
    .get('/v1/events', async (c) => {
      const query = readQuery(c.req.raw, EventListQuerySchema)
      const found = await createWebhookEventLogQueries(c.var.database).list(
        {
          eventType: query.event_type,
          objectType: query.object_type,
          objectId: query.object_id,
          connectionId: query.connection_id,
          state: query.state,
          since: timeOf(query.since),
          until: timeOf(query.until),
        },
        query.limit + 1,
        decodePlace(query.cursor),
      )
      const page = found.slice(0, query.limit)
      const last = found.length > query.limit ? page[page.length - 1] : undefined
      return c.json({
        events: page.map(eventBody),
        next_cursor: last === undefined ? null : encodePlace({ at: last.place, id: last.eventId }),
      })
    })
    .get('/v1/events/:eventId', async (c) => {
      const event = await requireEvent(c)
      const stored = await createWebhookEventQueries(c.var.database).get(event.eventId)
      // Dropped between our two looks.
      if (stored === null) throw eventNotFound()
      const deliveries = await createDeliveryLogQueries(c.var.database).list(
        { eventId: event.eventId },
        DELIVERIES_SHOWN,
        null,
      )
      const payload = openEventPayload(deps.sealing, event.eventId, stored)
      const body = JSON.stringify({ ...eventBody(event), deliveries: deliveries.map(deliveryBody) })
      // The payload as it stands: parsed and written anew, long numbers would be others.
      return c.body(`${body.slice(0, -1)},"payload":${payload}}`, 200, {
        'Content-Type': 'application/json',
      })
    })
}
