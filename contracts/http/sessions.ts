import { z } from '@hono/zod-openapi'
import { ROLES, SCOPES } from '../access.ts'

const time = z.iso.datetime()

const SessionStateSchema = z
  .object({
    id: z.string().openapi({ example: 'session_019a1f6e-6f0e-7c1a-8a53-2f4f1a5d9c11' }),
    created_at: time,
    idle_expires_at: time.openapi({ description: 'It ends then unless it is used before.' }),
    expires_at: time.openapi({ description: 'It ends then, used or not.' }),
    csrf_token: z.string().openapi({
      description: 'Sent as X-CSRF-Token with every request by cookie that is not a GET.',
    }),
  })
  .openapi('SessionState')

/** Who calls, and by which session. */
export const SessionSchema = z
  .object({
    workspace_id: z.string(),
    key: z
      .object({
        id: z.string(),
        name: z.string(),
        role: z.enum(ROLES),
        expires_at: time.nullable(),
      })
      .nullable()
      .openapi({ description: 'Null where the server asks nobody for a key.' }),
    scopes: z.array(z.enum(SCOPES)),
    session: SessionStateSchema.nullable().openapi({
      description: 'Null for a caller that shows its key.',
    }),
  })
  .openapi('Session')
export type SessionBody = z.infer<typeof SessionSchema>

export const EndedSessionsSchema = z
  .object({ ended: z.int().openapi({ description: 'How many sessions ended.' }) })
  .openapi('EndedSessions')
