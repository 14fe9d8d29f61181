import { z } from '@hono/zod-openapi'
import { BLOCK_REASONS } from '../bulk-job.ts'
import { CONNECTION_FLOWS, CONNECTION_STATUSES } from '../connection.ts'

const time = z.iso.datetime()

/** Names that end up in the database and in logs: no control characters. */
const plain = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .refine((text) => !/\p{Cc}/u.test(text) && text.isWellFormed(), 'holds a control character')

const host = {
  environment: z.enum(['production', 'sandbox']).optional().openapi({
    description: 'login.salesforce.com or test.salesforce.com. Absent: as the server is set up.',
  }),
  login_url: plain(255).optional().openapi({
    description: 'The My Domain of the org, instead of environment.',
    example: 'https://example.my.salesforce.com',
  }),
}
/** What a schema can say of the two. */
const oneHost = { not: { required: ['environment', 'login_url'] } }
const common = {
  user_id: plain(255).optional().openapi({
    description: 'The name by which callers of the routes under /api know the connection.',
  }),
  default: z.boolean().default(false).openapi({
    description: 'Whether callers that name no connection use it from then on.',
  }),
}
const clientId = plain(255).openapi({ description: 'Consumer key of the app.' })
const clientSecret = plain(255).openapi({ description: 'Consumer secret of the app.' })

export const AuthorizeConnectionSchema = z
  .strictObject({
    name: plain(100).default('Salesforce'),
    ...host,
    ...common,
    client_id: clientId.optional().openapi({ description: 'Absent: the app of the server.' }),
    client_secret: clientSecret.optional().openapi({
      description: 'Absent for a public app, and for the app of the server.',
    }),
  })
  .openapi('AuthorizeConnection', oneHost)

export const CreateConnectionSchema = z
  .discriminatedUnion('flow', [
    z
      .strictObject({
        flow: z.literal('client_credentials'),
        name: plain(100),
        ...host,
        ...common,
        client_id: clientId,
        client_secret: clientSecret,
      })
      .openapi(oneHost),
    z
      .strictObject({
        flow: z.literal('jwt_bearer'),
        name: plain(100),
        ...host,
        ...common,
        client_id: clientId,
        username: plain(255).openapi({ description: 'Whom the connection acts for.' }),
        private_key: z.string().min(1).max(20_000).openapi({
          description: 'RSA key in PEM, whose certificate is in the app. It never leaves again.',
        }),
      })
      .openapi(oneHost),
  ])
  .openapi('CreateConnection')

export const ConnectionSchema = z
  .object({
    id: z.string().openapi({ example: 'con_019a1f6e-6f0e-7c1a-8a53-2f4f1a5d9c11' }),
    name: z.string(),
    flow: z.enum(CONNECTION_FLOWS),
    status: z.enum(CONNECTION_STATUSES),
    default: z.boolean(),
    login_url: z.string().nullable(),
    instance_url: z.string().nullable(),
    organization_id: z.string().nullable(),
    username: z.string().nullable(),
    user_id: z.string().nullable(),
    scopes: z.array(z.string()).openapi({ description: 'What Salesforce granted.' }),
    blocked: z
      .object({ reason: z.enum(BLOCK_REASONS), detail: z.string(), remedy: z.string() })
      .nullable()
      .openapi({ description: 'Why its jobs wait.' }),
    api_usage: z
      .object({ used: z.int(), limit: z.int(), seen_at: time })
      .nullable()
      .openapi({ description: 'Calls of the org in 24 hours, as last seen.' }),
    authorized_at: time.nullable(),
    created_at: time,
  })
  .openapi('Connection')
export type ConnectionBody = z.infer<typeof ConnectionSchema>

export const ConnectionListSchema = z
  .object({ connections: z.array(ConnectionSchema), next_cursor: z.string().nullable() })
  .openapi('ConnectionList')

export const AuthorizationSchema = z
  .object({
    authorization_url: z.string().openapi({ description: 'Where the browser goes.' }),
    state: z.string().openapi({ description: 'Comes back with the code; counts once.' }),
    redirect_uri: z.string(),
    expires_at: time,
  })
  .openapi('Authorization')

export const DeletedConnectionSchema = z
  .object({
    id: z.string(),
    deleted: z.literal(true),
    revocation: z.enum(['revoked', 'failed', 'pending']).openapi({
      description: 'What became of its tokens at Salesforce. They are erased here in any case.',
    }),
    detail: z.string().nullable(),
  })
  .openapi('DeletedConnection')
