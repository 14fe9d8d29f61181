import { z } from 'zod'
import { milliseconds } from '../milliseconds.ts'

const endpointSchema = z.url({ protocol: /^https?$/ })

/** An outbound message as Setup defines it, with the rule that fires it. */
export const outboundMessageSchema = z.strictObject({
  name: z.string().min(1).max(80),
  object: z.string(),
  endpointUrl: endpointSchema,
  /** Fields to send; `Id` always goes along. */
  fields: z.array(z.string()).max(200).default([]),
  events: z
    .array(z.enum(['created', 'updated']))
    .min(1)
    .default(['created', 'updated']),
  /** Sends a session of the user whose change fired the message. */
  includeSessionId: z.boolean().default(false),
  active: z.boolean().default(true),
})
export type OutboundMessage = z.infer<typeof outboundMessageSchema>

/** What an org's own Apex sends: a trigger that makes a signed callout. */
export const webhookSchema = z.strictObject({
  name: z.string().min(1).max(80).default('webhook'),
  url: endpointSchema,
  secret: z.string().min(1),
  /** Names of objects, or `*` for all that callers may write. */
  objects: z.array(z.string()).min(1).default(['*']),
  events: z
    .array(z.enum(['created', 'updated', 'deleted', 'undeleted']))
    .min(1)
    .default(['created', 'updated', 'deleted', 'undeleted']),
  /** The text that is signed, after the timestamp and a dot: see `signed-form.ts`. */
  form: z.enum(['raw', 'sorted', 'python']).default('raw'),
  encoding: z.enum(['base64', 'hex']).default('base64'),
  /** Record ids in one callout: a trigger sees 200 records at most. */
  batchIds: z.int().min(1).max(200).default(200),
  /** Values to send along, as they were in the trigger; only of objects that have the field. */
  fields: z.array(z.string()).max(200).default([]),
  /** How often a failed callout is made again; Apex by itself makes each once. */
  retries: z.int().min(0).max(50).default(0),
  retryDelayMs: milliseconds.default(1_000),
  active: z.boolean().default(true),
})
export type Webhook = z.infer<typeof webhookSchema>

export type ChangeKind = Webhook['events'][number]

/** Whom the org pushes changes to. */
export type Subscription =
  | { readonly kind: 'outbound'; readonly n: number; readonly outbound: OutboundMessage }
  | { readonly kind: 'webhook'; readonly n: number; readonly webhook: Webhook }

/** Where a subscription's pushes go. */
export function targetOf(subscription: Subscription): string {
  return subscription.kind === 'outbound'
    ? subscription.outbound.endpointUrl
    : subscription.webhook.url
}

export function isActive(subscription: Subscription): boolean {
  return subscription.kind === 'outbound'
    ? subscription.outbound.active
    : subscription.webhook.active
}
