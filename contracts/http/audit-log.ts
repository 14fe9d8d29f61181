import { z } from '@hono/zod-openapi'

const time = z.iso.datetime()

/** Postgres keeps no NUL, and nothing that is noted holds a control character. */
const plain = (longest: number) =>
  z
    .string()
    .max(longest)
    .refine((text) => !/\p{Cc}/u.test(text), 'holds a control character')

export const AuditLogQuerySchema = z.strictObject({
  action: plain(100).optional().openapi({ example: 'api_key.revoked' }),
  subject: plain(200).optional(),
  since: time.optional(),
  until: time.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z.string().max(200).optional(),
})

export const AuditEntrySchema = z
  .object({
    id: z.int(),
    at: time,
    actor: z.object({ kind: z.string(), id: z.string().nullable() }),
    action: z.string(),
    subject: z.string().nullable(),
    outcome: z.enum(['success', 'refused', 'failed']),
    address: z.string().nullable(),
    request_id: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
  })
  .openapi('AuditEntry')

export const AuditLogSchema = z
  .object({ entries: z.array(AuditEntrySchema), next_cursor: z.string().nullable() })
  .openapi('AuditLog')
export type AuditEntryBody = z.infer<typeof AuditEntrySchema>
