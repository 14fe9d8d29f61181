import { z } from 'zod'
import { milliseconds } from '../milliseconds.ts'

/** What may go wrong with one push. */
export const pushActionSchemas = [
  z.strictObject({ type: z.literal('push_delay'), ms: milliseconds }),
  /** Sends the same again after it was taken; each copy is a push of its own. */
  z.strictObject({
    type: z.literal('push_duplicate'),
    copies: z.int().min(1).max(100).default(1),
    delayMs: milliseconds.default(0),
  }),
  /** Waits until a later push of the subscription was sent, but no longer than so long. */
  z.strictObject({ type: z.literal('push_reorder'), ms: milliseconds.default(2_000) }),
  /** Never sends it. */
  z.strictObject({ type: z.literal('push_drop') }),
  /** Signs with another secret; outbound messages are not signed. */
  z.strictObject({ type: z.literal('push_wrong_signature') }),
  /** Signs with a timestamp of so many seconds ago; a negative number is in the future. */
  z.strictObject({ type: z.literal('push_old_timestamp'), seconds: z.int().default(3_600) }),
] as const

const pushActionSchema = z.discriminatedUnion('type', pushActionSchemas)
export type PushAction = z.infer<typeof pushActionSchema>
