import { z } from '@hono/zod-openapi'
import { BLOCK_REASONS } from '../bulk-job.ts'
import { MIRROR_OBJECTS, MIRROR_PHASES, MIRROR_RUN_STATES } from '../mirror.ts'

const time = z.iso.datetime()
const count = z.int().min(0)

export const RefreshMirrorSchema = z
  .strictObject({
    reconcile: z.boolean().default(false).openapi({
      description: 'Whether all rows are read again, besides what changed.',
    }),
  })
  .openapi('RefreshMirror')

export const MirrorObjectSchema = z
  .object({
    object: z.enum(MIRROR_OBJECTS),
    as_of: time.nullable().openapi({
      description: 'The mirror holds what the org held then. Null before the first load has ended.',
    }),
    lag_seconds: z.number().nullable().openapi({ description: 'How long ago that was.' }),
    rows: count.nullable().openapi({ description: 'Rows that the org shows, as of the last run.' }),
    first_load: z.object({
      finished_at: time.nullable(),
      loaded: count,
      expected: count.nullable().openapi({ description: 'Counted when the load began.' }),
    }),
    reconciled_at: time.nullable().openapi({ description: 'All rows were compared then.' }),
    phase: z.enum(MIRROR_PHASES),
    calls: count.openapi({ description: 'Calls of the last run.' }),
    changed: count.openapi({ description: 'Rows that the last run changed here.' }),
    missing_fields: z.array(z.string()).openapi({
      description: 'Fields that the org does not have, or does not show to the user.',
    }),
    error: z
      .object({ code: z.string(), message: z.string(), at: time.nullable() })
      .nullable()
      .openapi({ description: 'Why the last run did not pull the object.' }),
  })
  .openapi('MirrorObject')

export const MirrorSchema = z
  .object({
    connection_id: z.string(),
    scheduled: z.boolean().openapi({ description: 'Whether it is pulled by itself.' }),
    run: z.object({
      state: z.enum(MIRROR_RUN_STATES),
      asked_for: z.boolean().openapi({ description: 'A run was asked for and has not begun.' }),
      started_at: time.nullable(),
      finished_at: time.nullable(),
      blocked: z
        .object({ reason: z.enum(BLOCK_REASONS), detail: z.string(), remedy: z.string() })
        .nullable(),
      detail: z.string().nullable(),
    }),
    snapshot: z
      .object({ date: z.iso.date(), taken_at: time, time_zone: z.string().nullable() })
      .nullable()
      .openapi({ description: 'The latest daily snapshot of opportunities.' }),
    objects: z.array(MirrorObjectSchema),
    links: z.object({ self: z.string(), connection: z.string() }),
  })
  .openapi('Mirror')
export type MirrorBody = z.infer<typeof MirrorSchema>
