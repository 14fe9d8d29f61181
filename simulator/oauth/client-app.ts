import { createPublicKey } from 'node:crypto'
import { z } from 'zod'
import { opaqueText } from './opaque-text.ts'
import { SCOPES } from './scopes.ts'

/** An app that asks for tokens: a connected app, or an external client app. */
export const clientAppSchema = z.strictObject({
  /** The consumer key. */
  clientId: z
    .string()
    .min(1)
    .max(255)
    .default(() => `3MVG9${opaqueText(60)}`),
  /** The consumer secret. A public client has one too: it signs answers, and no flow asks for it. */
  clientSecret: z
    .string()
    .min(1)
    .default(() => opaqueText(48)),
  name: z.string().min(1).max(80).default('Client app'),
  /** A public client presents no secret. */
  isPublic: z.boolean().default(false),
  /** Whether a refresh of a client that is not public must present the secret. */
  requireSecretForRefresh: z.boolean().default(true),
  requirePkce: z.boolean().default(false),
  redirectUris: z.array(z.string().refine(isRedirectUri, 'not an absolute URI')).default([]),
  scopes: z.array(z.enum(SCOPES)).default(['id', 'api', 'web', 'openid', 'refresh_token']),
  /** `null`: as the setting `rotateRefreshTokens` says. */
  rotateRefreshTokens: z.boolean().nullable().default(null),
  /** A certificate or RSA public key in PEM that JWT assertions are checked against. */
  certificate: z
    .string()
    .refine(isRsaKey, 'no certificate or RSA public key in PEM')
    .nullable()
    .default(null),
  /** The username that the client-credentials flow runs as; `null` where the flow is not enabled. */
  clientCredentialsUser: z.string().nullable().default(null),
  /** Usernames that an administrator approved; `null` where all users may approve the app themselves. */
  approvedUsers: z.array(z.string()).nullable().default(null),
})
export type ClientApp = z.infer<typeof clientAppSchema>

/** Whether an app asks its users to approve it themselves, or an administrator let this one in. */
export function admits(app: ClientApp, username: string): boolean {
  return app.approvedUsers === null || isApprovedByAdmin(app, username)
}

/** Whether an administrator approved the user, so that no consent of the user's own is needed. */
export function isApprovedByAdmin(app: ClientApp, username: string): boolean {
  const name = username.toLowerCase()
  return app.approvedUsers?.some((approved) => approved.toLowerCase() === name) ?? false
}

function isRedirectUri(text: string): boolean {
  const url = URL.parse(text)
  // A browser would run or show the other schemes instead of calling an app.
  return url !== null && !/^(?:javascript|data|blob|file|about):$/.test(url.protocol)
}

function isRsaKey(pem: string): boolean {
  try {
    return createPublicKey(pem).asymmetricKeyType === 'rsa'
  } catch {
    return false
  }
}
