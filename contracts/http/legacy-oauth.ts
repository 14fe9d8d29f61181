import { z } from '@hono/zod-openapi'

/** The routes under /api/auth/salesforce, as callers of the replaced service know them. No token ever leaves. */

const NO_CONTROL_CHARACTER = '^[^\\u0000-\\u001f\\u007f-\\u009f]*$'

export const LegacyAuthorizeQuerySchema = z.object({
  user_id: z.string().optional(),
  environment: z.string().optional().openapi({ example: 'sandbox' }),
  state: z
    .string()
    .optional()
    .openapi({ description: 'Not used: the state of the answer counts.' }),
})

const authorization = {
  authorization_url: z.string(),
  url: z.string(),
  state: z.string(),
  provider: z.literal('salesforce'),
  environment: z.string(),
  client_id: z.string().openapi({ description: 'Its first characters.' }),
  redirect_uri: z.string(),
  expires_in: z.int(),
}
export const LegacyAuthorizationSchema = z
  .object({ ok: z.literal(true), ...authorization, data: z.object(authorization) })
  .openapi('LegacyAuthorization')
export type LegacyAuthorizationFields = z.infer<z.ZodObject<typeof authorization>>

export const LegacyCallbackBodySchema = z
  .object({ code: z.string(), state: z.string() })
  .openapi('LegacyOauthCallback')

export const LegacyUserBodySchema = z
  .object({
    // As the routes read it: of what is shorter or longer they say so in their own words.
    user_id: z.string().openapi({ minLength: 1, maxLength: 255, pattern: NO_CONTROL_CHARACTER }),
  })
  .openapi('LegacyOauthUser')

const authorized = {
  tokens: z.object({
    stored: z.literal(true),
    scope: z.string().nullable(),
    token_type: z.literal('Bearer'),
    instance_url: z.string().nullable(),
  }),
  user_info: z.object({
    id: z.string().nullable(),
    username: z.string().nullable(),
    organization_id: z.string().nullable(),
    profile_id: z.string().nullable(),
    instance_url: z.string().nullable(),
    environment: z.string(),
  }),
  additional_info: z.object({ connection_id: z.string(), user_id: z.string().nullable() }),
  provider: z.literal('salesforce'),
  stored: z.literal(true),
}
export const LegacyAuthorizedSchema = z
  .object({ ok: z.literal(true), ...authorized, data: z.object(authorized) })
  .openapi('LegacyAuthorized')
export type LegacyAuthorizedFields = z.infer<z.ZodObject<typeof authorized>>

const done = {
  provider: z.literal('salesforce'),
  connection_id: z.string(),
  status: z.string(),
  message: z.string(),
}
export const LegacyOauthDoneSchema = z
  .object({ ok: z.literal(true), ...done, data: z.object(done) })
  .openapi('LegacyOauthDone')
export type LegacyOauthDoneFields = z.infer<z.ZodObject<typeof done>>

const health = {
  provider: z.literal('salesforce'),
  status: z.enum(['healthy', 'degraded', 'not_connected']),
  configured: z.object({
    client_id: z.boolean(),
    redirect_uri: z.boolean(),
    encryption: z.boolean(),
  }),
  connections: z.object({
    connected: z.int(),
    reauthorization_required: z.int(),
    revoked: z.int(),
  }),
  timestamp: z.iso.datetime(),
}
export const LegacyOauthHealthSchema = z
  .object({ ok: z.literal(true), ...health, data: z.object(health) })
  .openapi('LegacyOauthHealth')
export type LegacyOauthHealthFields = z.infer<z.ZodObject<typeof health>>
