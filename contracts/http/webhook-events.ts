import { z } from '@hono/zod-openapi'
import { DELIVERY_ORIGINS, DELIVERY_STATES } from '../delivery.ts'
import { EVENT_SOURCES, EVENT_STATES } from '../webhook-event.ts'
import { plainText } from './plain-text.ts'

const time = z.iso.datetime()
const count = z.int().min(0)
const limit = z.coerce
  .number()
  .int()
  .min(1)
  .max(200)
  .default(50)
  .openapi({ type: 'integer', minimum: 1, maximum: 200 })
const page = { limit, cursor: z.string().max(500).optional() }
const span = { since: time.optional(), until: time.optional() }

export const EventTypeQuerySchema = z.strictObject({
  object: plainText(80).optional().openapi({ description: 'Only types of this object.' }),
})

export const EventTypeListSchema = z
  .object({
    event_types: z.array(
      z.object({
        event_type: z.string(),
        description: z.string(),
        sample: z.record(z.string(), z.unknown()).openapi({
          description: 'The body of a delivery of this type.',
        }),
      }),
    ),
    patterns: z.array(z.object({ pattern: z.string(), description: z.string() })),
    truncated: z
      .boolean()
      .openapi({ description: 'Whether more objects are known than are shown.' }),
  })
  .openapi('EventTypeList')
export type EventTypeListBody = z.infer<typeof EventTypeListSchema>

export const EventListQuerySchema = z.strictObject({
  event_type: plainText(160).optional(),
  object_type: plainText(80).optional(),
  object_id: plainText(200).optional(),
  connection_id: plainText(200).optional(),
  state: z.enum(EVENT_STATES).optional(),
  ...span,
  ...page,
})

export const EventSchema = z
  .object({
    id: z.string().openapi({ example: 'evt_019a1f6e-6f0e-7c1a-8a53-2f4f1a5d9c11' }),
    event_type: z.string(),
    object_type: z.string(),
    object_id: z.string(),
    change_type: z.string(),
    changed_fields: z.array(z.string()),
    connection_id: z.string().nullable(),
    source: z.enum(EVENT_SOURCES),
    state: z.enum(EVENT_STATES),
    error: z.string().nullable().openapi({ description: 'Why it could not be processed.' }),
    occurred_at: time,
    created_at: time,
    processed_at: time.nullable(),
    position: count.nullable().openapi({ description: 'Its place in the stream.' }),
    links: z.object({ self: z.string(), deliveries: z.string() }),
  })
  .openapi('WebhookEvent')
export type EventBody = z.infer<typeof EventSchema>

export const EventStreamQuerySchema = z.strictObject({
  after: z.string().max(20).optional().openapi({
    description: 'Begin after this position; `Last-Event-ID` counts before it. Absent: from now.',
  }),
})

export const EventListSchema = z
  .object({ events: z.array(EventSchema), next_cursor: z.string().nullable() })
  .openapi('WebhookEventList')

export const DeliverySchema = z
  .object({
    id: z.string().openapi({ example: 'dlv_019a1f6e-6f0e-7c1a-8a53-2f4f1a5d9c11' }),
    subscription_id: z.string(),
    event_id: z.string(),
    event_type: z.string(),
    object_id: z.string(),
    origin: z.enum(DELIVERY_ORIGINS),
    replay_id: z.string().nullable(),
    state: z.enum(DELIVERY_STATES),
    attempts: count,
    last_attempt_at: time.nullable(),
    last_status: z.int().nullable(),
    last_error: z.string().nullable().openapi({
      description: 'What kind of trouble the last attempt met: dns, tls, timeout, http_status …',
    }),
    created_at: time,
    ended_at: time.nullable(),
    links: z.object({ self: z.string(), subscription: z.string(), event: z.string() }),
  })
  .openapi('Delivery')
export type DeliveryBody = z.infer<typeof DeliverySchema>

export const EventFoundSchema = EventSchema.extend({
  payload: z.unknown().openapi({ description: 'What came, as far as it concerns this record.' }),
  deliveries: z.array(DeliverySchema).openapi({ description: 'The newest 100.' }),
}).openapi('WebhookEventWithPayload')

export const DeliveryListQuerySchema = z.strictObject({
  subscription_id: plainText(200).optional(),
  event_id: plainText(200).optional(),
  state: z.enum(DELIVERY_STATES).optional(),
  event_type: plainText(160).optional(),
  error: plainText(60).optional().openapi({ example: 'timeout' }),
  origin: z.enum(DELIVERY_ORIGINS).optional(),
  replay_id: plainText(200).optional(),
  ...span,
  ...page,
})

export const DeliveryListSchema = z
  .object({ deliveries: z.array(DeliverySchema), next_cursor: z.string().nullable() })
  .openapi('DeliveryList')

export const DeliveryAttemptSchema = z
  .object({
    id: z.string(),
    number: count,
    cause: z.string(),
    started_at: time,
    duration_ms: count,
    request: z.object({
      method: z.literal('POST'),
      url: z.string(),
      headers: z.record(z.string(), z.string()).openapi({
        description: 'As they were sent; the signature is not kept.',
      }),
      bytes: count,
    }),
    response: z
      .object({
        status: z.int(),
        body: z.string().nullable().openapi({ description: 'Its beginning, as text.' }),
        truncated: z.boolean(),
      })
      .nullable(),
    error: z.string().nullable(),
    error_message: z.string().nullable(),
    next_attempt_at: time.nullable(),
  })
  .openapi('DeliveryAttempt')
export type DeliveryAttemptBody = z.infer<typeof DeliveryAttemptSchema>

export const DeliveryFoundSchema = DeliverySchema.extend({
  next_attempt_at: time.nullable(),
  attempt_log: z.array(DeliveryAttemptSchema),
}).openapi('DeliveryWithAttempts')
