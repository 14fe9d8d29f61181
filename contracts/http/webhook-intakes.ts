import { z } from '@hono/zod-openapi'
import { MOST_SECRET_OVERLAP_SECONDS, SECRET_OVERLAP_SECONDS } from '../subscription.ts'

const time = z.iso.datetime()

/** Of a new secret and of a new path. */
export const IssueIntakeSchema = z
  .strictObject({
    overlap_seconds: z
      .int()
      .min(0)
      .max(MOST_SECRET_OVERLAP_SECONDS)
      .default(SECRET_OVERLAP_SECONDS)
      .openapi({ description: 'How long the one before goes on; 7 days at most.' }),
  })
  .openapi('IssueIntake')

const address = {
  connection_id: z.string(),
  url: z.string().openapi({
    description:
      'Where to send it. Only the path where neither SALESFORCE_WEBHOOK_URL nor CONVEYOR_PUBLIC_URL is set.',
  }),
  previous_expires_at: time.nullable().openapi({
    description: 'Until when the one before is taken too. Null where there was none.',
  }),
}

export const IssuedWebhookSecretSchema = z
  .object({
    ...address,
    secret: z.string().openapi({ description: 'Shown this once. The text itself is the key.' }),
  })
  .openapi('IssuedWebhookSecret')

export const IssuedOutboundMessagePathSchema = z
  .object({
    ...address,
    path: z.string().openapi({ description: 'Shown this once. Whoever knows it can send events.' }),
  })
  .openapi('IssuedOutboundMessagePath')

export const RemovedOutboundMessagePathSchema = z
  .object({ connection_id: z.string(), removed: z.literal(true) })
  .openapi('RemovedOutboundMessagePath')

/** Where signed webhooks are answered. Other fields of the body are let pass, and kept with the event. */
export const InboundWebhookSchema = z
  .looseObject({
    event_type: z.string().optional().openapi({
      description:
        'Object and change, such as `Account.updated`, where the fields below do not say it.',
    }),
    object: z.string().optional(),
    changeType: z.string().optional().openapi({ description: 'CREATE, UPDATE, DELETE, UNDELETE.' }),
    ids: z.array(z.string()).optional().openapi({ description: 'Record ids, 1,000 at most.' }),
    id: z.string().optional().openapi({ description: 'Instead of ids, for one record.' }),
    changedFields: z.array(z.string()).optional(),
    records: z
      .array(z.looseObject({ Id: z.string() }))
      .optional()
      .openapi({
        description: 'Fields of records, by Id. Each event keeps its own.',
      }),
    delivery_id: z.string().optional().openapi({ description: 'The same with each attempt.' }),
    eventDate: z.string().optional().openapi({ description: 'When it happened, in ISO 8601.' }),
    test: z.boolean().optional().openapi({ description: 'True: nothing is stored.' }),
  })
  .openapi('InboundWebhook')

const answered = {
  duplicate: z.boolean().optional().openapi({ description: 'It was taken in before.' }),
  events: z.int().optional().openapi({ description: 'How many were stored.' }),
  event_ids: z.array(z.string()).optional(),
  test: z.literal(true).optional(),
  signature_valid: z.boolean().optional(),
  signature_error: z.string().nullable().optional(),
}

export const AcceptedWebhookSchema = z
  .object({ ok: z.literal(true), message: z.string(), ...answered, data: z.object(answered) })
  .openapi('AcceptedWebhook')
