import { z } from '@hono/zod-openapi'
import {
  MOST_SECRET_OVERLAP_SECONDS,
  ORDERINGS,
  SECRET_OVERLAP_SECONDS,
  SUBSCRIPTION_STATUSES,
} from '../subscription.ts'
import { plainText } from './plain-text.ts'

const time = z.iso.datetime()
const count = z.int().min(0)

/** Patterns that one subscription may have. */
const MOST_PATTERNS = 100
const MOST_FILTER_FIELDS = 50

const fieldName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_.]{0,254}$/, 'must be the API name of a field')

const fieldValue = z.union([
  // Values may be empty, and hold line ends.
  z
    .string()
    .max(1_000)
    .refine(
      (text) => !text.includes('\0') && text.isWellFormed(),
      'holds a character that cannot be stored',
    ),
  z.number(),
  z.boolean(),
  z.null(),
])

export const EventFilterSchema = z
  .strictObject({
    changed_fields: z
      .array(fieldName)
      .min(1)
      .max(MOST_FILTER_FIELDS)
      .optional()
      .openapi({
        description: 'At least one of these fields changed.',
        example: ['StageName', 'Amount'],
      }),
    equals: z
      .record(fieldName, fieldValue)
      .refine((fields) => Object.keys(fields).length > 0, 'must name a field')
      .refine(
        (fields) => Object.keys(fields).length <= MOST_FILTER_FIELDS,
        `must name at most ${MOST_FILTER_FIELDS} fields`,
      )
      .optional()
      .openapi({
        description:
          'Each of these fields of the record has this value. It sees only what the event carries.',
        example: { StageName: 'Closed Won' },
      }),
  })
  .openapi('EventFilter')

const eventTypes = z
  .array(z.string().min(1).max(160))
  .min(1)
  .max(MOST_PATTERNS)
  .openapi({
    description:
      '`Account.updated`, `Account.*`, `*.deleted`, `*` (all changes of records), or what Conveyor tells of itself by name, such as `bulk_job.failed`.',
    example: ['Opportunity.updated', 'Account.*'],
  })
const callbackUrl = z.string().min(1).max(4_096).openapi({
  description: 'Where events are sent. HTTPS and a public host.',
  example: 'https://example.com/hooks/salesforce',
})
const ratePerSecond = z.number().min(0.01).max(10_000).nullable().openapi({
  description: 'Deliveries a second at most. Null: no limit but the concurrency.',
})
const concurrency = z.int().min(1).max(100).openapi({ description: 'Deliveries at once.' })
const ordering = z.enum(ORDERINGS).openapi({
  description: '`record`: deliveries of one record go one after the other, in order.',
})
const description = plainText(500)

export const CreateSubscriptionSchema = z
  .strictObject({
    event_types: eventTypes,
    callback_url: callbackUrl,
    description: description.optional(),
    filter: EventFilterSchema.optional(),
    rate_per_second: ratePerSecond.optional(),
    concurrency: concurrency.default(10),
    ordering: ordering.default('none'),
    connection_id: plainText(200).optional().openapi({
      description: 'Events of this connection only. Absent: of all.',
    }),
    user_id: plainText(255).optional().openapi({
      description:
        'By whom callers of the routes under /api find it. One that names a connection gets events of that one.',
    }),
    active: z.boolean().default(true).openapi({ description: 'False: it begins paused.' }),
  })
  .openapi('CreateSubscription')
export type CreateSubscription = z.infer<typeof CreateSubscriptionSchema>

export const ChangeSubscriptionSchema = z
  .strictObject({
    event_types: eventTypes.optional(),
    callback_url: callbackUrl.optional(),
    description: description.nullable().optional(),
    filter: EventFilterSchema.nullable().optional(),
    rate_per_second: ratePerSecond.optional(),
    concurrency: concurrency.optional(),
    ordering: ordering.optional(),
  })
  .openapi('ChangeSubscription')
export type ChangeSubscription = z.infer<typeof ChangeSubscriptionSchema>

export const PauseSubscriptionSchema = z
  .strictObject({
    reason: plainText(500).default('Paused by a person').openapi({ description: 'Shown with it.' }),
  })
  .openapi('PauseSubscription')

export const TestSubscriptionSchema = z
  .strictObject({
    event_type: z.string().min(1).max(160).optional().openapi({
      description: 'Absent: one that the subscription asks for.',
      example: 'Account.updated',
    }),
  })
  .openapi('TestSubscription')

export const RotateSecretSchema = z
  .strictObject({
    overlap_seconds: z
      .int()
      .min(0)
      .max(MOST_SECRET_OVERLAP_SECONDS)
      .default(SECRET_OVERLAP_SECONDS)
      .openapi({ description: 'How long the old secret signs too; seven days at most.' }),
  })
  .openapi('RotateSecret')

export const SubscriptionSchema = z
  .object({
    id: z.string().openapi({ example: 'webhook_account_019a1f6e-6f0e-7c1a-8a53-2f4f1a5d9c11' }),
    event_types: z.array(z.string()),
    object_type: z.string(),
    callback_url: z.string(),
    description: z.string().nullable(),
    filter: EventFilterSchema.nullable(),
    connection_id: z.string().nullable(),
    user_id: z.string().nullable(),
    rate_per_second: z.number().nullable(),
    concurrency: z.int(),
    ordering: z.enum(ORDERINGS),
    status: z.enum(SUBSCRIPTION_STATUSES),
    state_reason: z.string().nullable().openapi({ description: 'Why it is paused or disabled.' }),
    status_since: time.nullable(),
    secret_overlap_ends_at: time.nullable().openapi({
      description: 'Until when the old secret signs too; null where there is none.',
    }),
    created_at: time,
    updated_at: time,
    links: z.object({ self: z.string(), deliveries: z.string() }),
  })
  .openapi('Subscription')
export type SubscriptionBody = z.infer<typeof SubscriptionSchema>

export const EndpointHealthSchema = z
  .object({
    window_seconds: count,
    attempts: count.openapi({ description: 'In the window; the latest 10,000 at most.' }),
    success_rate: z.number().nullable().openapi({ description: '0 to 1; null without attempts.' }),
    p50_ms: count.nullable(),
    p95_ms: count.nullable(),
    reason: z.string().nullable().openapi({ description: 'Why figures are null.' }),
    consecutive_failures: count,
    last_success_at: time.nullable(),
    last_failure_at: time.nullable(),
    last_status: z.int().nullable(),
    last_error: z.string().nullable(),
    in_trouble_since: time.nullable(),
    next_probe_at: time.nullable(),
    held_until: time.nullable().openapi({ description: 'Nothing is sent before.' }),
    pending_deliveries: count.openapi({ description: 'Counted up to 10,000.' }),
    more_pending: z.boolean().openapi({ description: 'Whether there are more than were counted.' }),
  })
  .openapi('EndpointHealth')
export type EndpointHealthBody = z.infer<typeof EndpointHealthSchema>

export const SubscriptionFoundSchema = SubscriptionSchema.extend({
  endpoint: EndpointHealthSchema,
}).openapi('SubscriptionWithHealth')

const shownSecret = z.string().openapi({
  description: 'What deliveries are signed with. It is shown this once.',
  example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwKhGLDZ6P4Qo=',
})

export const CreatedSubscriptionSchema = SubscriptionSchema.extend({ secret: shownSecret }).openapi(
  'CreatedSubscription',
)

export const SubscriptionListQuerySchema = z.strictObject({
  status: z.enum(SUBSCRIPTION_STATUSES).optional(),
  user_id: plainText(255).optional(),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(25)
    .openapi({ type: 'integer', minimum: 1, maximum: 200 }),
  cursor: z.string().max(500).optional(),
})

export const SubscriptionListSchema = z
  .object({ subscriptions: z.array(SubscriptionSchema), next_cursor: z.string().nullable() })
  .openapi('SubscriptionList')

export const DeletedSubscriptionSchema = z
  .object({ id: z.string(), deleted: z.literal(true) })
  .openapi('DeletedSubscription')
