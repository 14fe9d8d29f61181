import { z } from '@hono/zod-openapi'
import { REPLAY_KINDS, REPLAY_STATES } from '../replay.ts'
import { plainText } from './plain-text.ts'

const time = z.iso.datetime()
const count = z.int().min(0)

export const CreateReplaySchema = z
  .strictObject({
    since: time.openapi({ example: '2026-11-26T00:00:00Z' }),
    until: time.optional().openapi({ description: 'Absent: until now.' }),
  })
  .openapi('CreateReplay')

export const ReplaySchema = z
  .object({
    id: z.string().openapi({ example: 'rpl_019a1f6e-6f0e-7c1a-8a53-2f4f1a5d9c11' }),
    kind: z.enum(REPLAY_KINDS),
    subscription_id: z.string().nullable(),
    event_id: z.string().nullable(),
    since: time,
    until: time,
    state: z.enum(REPLAY_STATES),
    cancel_asked: z.boolean(),
    progress: z.object({
      looked_at: count,
      found: count.openapi({ description: 'What is to be delivered.' }),
      queued: count.openapi({ description: 'Deliveries that were made.' }),
      reached: time.nullable().openapi({ description: 'Up to where it came.' }),
    }),
    error: z.string().nullable(),
    created_by: z.string().nullable(),
    created_at: time,
    ended_at: time.nullable(),
    links: z.object({
      self: z.string(),
      deliveries: z.string(),
      temporal_ui: z.string().nullable(),
    }),
  })
  .openapi('Replay')
export type ReplayBody = z.infer<typeof ReplaySchema>

export const ReplayListQuerySchema = z.strictObject({
  subscription_id: plainText(200).optional(),
  state: z.enum(REPLAY_STATES).optional(),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(25)
    .openapi({ type: 'integer', minimum: 1, maximum: 200 }),
  cursor: z.string().max(500).optional(),
})

export const ReplayListSchema = z
  .object({ replays: z.array(ReplaySchema), next_cursor: z.string().nullable() })
  .openapi('ReplayList')

/** A failed event goes back into the queue; a processed one is replayed. */
export const EventReplayedSchema = z
  .object({ event_id: z.string(), requeued: z.boolean(), replay: ReplaySchema.nullable() })
  .openapi('EventReplayed')
