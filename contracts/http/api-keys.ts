import { z } from '@hono/zod-openapi'
import { ROLES, SCOPES } from '../access.ts'

const time = z.iso.datetime()

const KeyName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine((text) => !/\p{Cc}/u.test(text), 'holds a control character')

const scopes = z.array(z.enum(SCOPES)).min(1)

export const CreateApiKeySchema = z
  .strictObject({
    name: KeyName.openapi({ description: 'What it is for.', example: 'nightly import' }),
    role: z.enum(ROLES).openapi({ example: 'operator' }),
    scopes: scopes.optional().openapi({
      description: 'Less than the role has. Absent: all of it, also what later releases add.',
    }),
    expires_at: time.optional().openapi({ description: 'Absent: it does not expire.' }),
  })
  .openapi('CreateApiKey')

export const RotateApiKeySchema = z
  .strictObject({
    overlap_seconds: z.int().min(0).max(2_592_000).default(86_400).openapi({
      description: 'How long the old key goes on; 30 days at most.',
    }),
    expires_at: time.optional().openapi({
      description: 'When the new key expires. Absent: after as long as the old one was made for.',
    }),
  })
  .openapi('RotateApiKey')

export const ApiKeySchema = z
  .object({
    id: z.string().openapi({ example: 'key_019a1f6e-6f0e-7c1a-8a53-2f4f1a5d9c11' }),
    name: z.string(),
    hint: z.string().openapi({ description: 'Its first and last characters.' }),
    role: z.enum(ROLES),
    scopes: z.array(z.enum(SCOPES)).openapi({ description: 'What it may do now.' }),
    status: z.enum(['active', 'expired', 'revoked']),
    created_at: time,
    created_by: z.string().nullable(),
    expires_at: time.nullable(),
    revoked_at: time.nullable(),
    rotated_from: z.string().nullable(),
    last_used_at: time.nullable().openapi({ description: 'Right to the minute.' }),
  })
  .openapi('ApiKey')
export type ApiKeyBody = z.infer<typeof ApiKeySchema>

export const CreatedApiKeySchema = ApiKeySchema.extend({
  key: z.string().openapi({ description: 'The key itself. It is shown this once.' }),
}).openapi('CreatedApiKey')

export const ApiKeyListSchema = z
  .object({ keys: z.array(ApiKeySchema), next_cursor: z.string().nullable() })
  .openapi('ApiKeyList')
