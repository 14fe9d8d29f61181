import { z } from '@hono/zod-openapi'

/** The routes under /api/salesforce/webhooks, as callers of the replaced service know them. */

const time = z.iso.datetime()

/** Some callers send their ids as numbers. */
const callerText = (longest: number) => z.union([z.string().min(1).max(longest), z.number()])

/** Documents the body; it is read field by field, since each fault has a code of its own. */
export const LegacySubscribeBodySchema = z
  .object({
    user_id: callerText(255),
    object_type: callerText(80).openapi({ example: 'Account' }),
    events: z
      .array(z.string())
      .min(1)
      .openapi({ example: ['Account.created', 'Account.updated'] }),
    callback_url: z.string().openapi({ example: 'https://example.com/hooks/salesforce' }),
    active: z.boolean().default(true),
  })
  .openapi('LegacySubscribe')

const subscribed = {
  subscription_id: z.string(),
  object_type: z.string(),
  events: z.array(z.string()),
  callback_url: z.string(),
  active: z.boolean(),
  message: z.string(),
  secret: z.string().openapi({
    description: 'What deliveries are signed with. It is shown this once.',
  }),
}
export const LegacySubscribedSchema = z
  .object({ ok: z.literal(true), ...subscribed, data: z.object(subscribed) })
  .openapi('LegacySubscribed')
export type LegacySubscribedFields = z.infer<z.ZodObject<typeof subscribed>>

const unsubscribed = { message: z.string(), subscription_id: z.string() }
export const LegacyUnsubscribedSchema = z
  .object({ ok: z.literal(true), ...unsubscribed, data: z.object(unsubscribed) })
  .openapi('LegacyUnsubscribed')
export type LegacyUnsubscribedFields = z.infer<z.ZodObject<typeof unsubscribed>>

const listed = {
  subscriptions: z.array(
    z.object({
      subscription_id: z.string(),
      object_type: z.string(),
      events: z.array(z.string()),
      callback_url: z.string(),
      active: z.boolean(),
      state_detail: z.string().nullable(),
      created_at: time,
      updated_at: time,
    }),
  ),
  count: z.int(),
}
export const LegacySubscriptionListSchema = z
  .object({ ok: z.literal(true), ...listed, data: z.object(listed) })
  .openapi('LegacySubscriptionList')
export type LegacySubscriptionListFields = z.infer<z.ZodObject<typeof listed>>

export const LegacySubscriptionQuerySchema = z.object({ user_id: z.string().min(1) })
