import { createPublicKey, verify } from 'node:crypto'
import { z } from 'zod'
import type { Org } from '../../http/org-context.ts'
import { TokenError } from '../../http/token-error.ts'
import { type ClientApp, isApprovedByAdmin } from '../client-app.ts'
import { allowsRefresh, type Scope } from '../scopes.ts'
import type { OrgUser } from '../user-directory.ts'
import { type Grant, logIn } from './grant.ts'

const headerSchema = z.object({ alg: z.string() })
const claimsSchema = z.object({
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  /** An older name of `sub`, which goes first where both are there. */
  prn: z.string().optional(),
  sub: z.string().optional(),
  exp: z.coerce.number(),
})
type Claims = z.infer<typeof claimsSchema>

/** Clocks may differ by this much. */
const CLOCK_SKEW_SECONDS = 180
const LONGEST_SECONDS = 300

/** The JWT bearer flow: an assertion that the app signed, for a user who approved the app before. */
export async function grantToAssertion(org: Org, form: URLSearchParams): Promise<Grant> {
  const assertion = form.get('assertion') ?? ''
  const claims = readPart(assertion, 1, claimsSchema)
  const app = org.oauth.apps.get(claims.iss)
  if (app === null) throw new TokenError('invalid_client_id', 'client identifier invalid')
  checkSignature(assertion, app)
  checkTime(claims)
  checkAudience(org, claims)
  const named = org.oauth.users.byUsername(claims.prn ?? claims.sub ?? '')
  const consent = named === null ? null : consentOf(org, app, named)
  if (consent === null) {
    throw new TokenError('invalid_grant', "user hasn't approved this consumer")
  }
  const user = logIn(org, app, named)
  // No refresh token comes of this flow, so the scope for it would promise too much.
  const scopes = consent.scopes.filter((scope) => !allowsRefresh([scope]))
  const { approval } = consent
  const accessToken = await org.write(() =>
    org.sessions.open({ clientId: app.clientId, userNumber: user.n, approval, scopes }),
  )
  return { app, user, scopes, accessToken, refreshToken: null, idToken: null, isSigned: false }
}

/** What stands for the user's consent: an administrator's approval, or one of the user's own that lasts. */
function consentOf(
  org: Org,
  app: ClientApp,
  user: OrgUser,
): { readonly scopes: readonly Scope[]; readonly approval: number | null } | null {
  if (isApprovedByAdmin(app, user.username)) return { scopes: app.scopes, approval: null }
  // Where an administrator chooses the users, those left out learn it by their own error, at login.
  if (app.approvedUsers !== null) return { scopes: [], approval: null }
  const lasting = org.oauth.approvals
    .ofUser(app.clientId, user.n)
    .find((approval) => allowsRefresh(approval.scopes))
  return lasting === undefined ? null : { scopes: lasting.scopes, approval: lasting.id }
}

function invalidAssertion(): TokenError {
  return new TokenError('invalid_grant', 'invalid assertion')
}

function readPart<T>(assertion: string, part: number, schema: z.ZodType<T>): T {
  const text = Buffer.from(assertion.split('.')[part] ?? '', 'base64url').toString('utf8')
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    throw invalidAssertion()
  }
}

function checkSignature(assertion: string, app: ClientApp): void {
  const { alg } = readPart(assertion, 0, headerSchema)
  const [header, claims, signature = '', ...rest] = assertion.split('.')
  if (alg !== 'RS256' || app.certificate === null || rest.length > 0) throw invalidAssertion()
  const content = Buffer.from(`${header}.${claims}`)
  const key = createPublicKey(app.certificate)
  if (!verify('RSA-SHA256', content, key, Buffer.from(signature, 'base64url'))) {
    throw invalidAssertion()
  }
}

/** Seconds since 1970 beyond this are in the year 5138: such a number counts milliseconds. */
const MOST_SECONDS = 100_000_000_000

function checkTime(claims: Claims): void {
  const now = Date.now() / 1_000
  // The Salesforce CLI sends milliseconds, and real orgs let it in.
  const exp = claims.exp > MOST_SECONDS ? claims.exp / 1_000 : claims.exp
  // A real org uses these words for assertions too.
  if (exp + CLOCK_SKEW_SECONDS <= now || exp > now + LONGEST_SECONDS) {
    throw new TokenError('invalid_grant', 'expired authorization code')
  }
}

function checkAudience(org: Org, { aud }: Claims): void {
  const accepted = new Set([
    org.baseUrl(),
    `${org.baseUrl()}/services/oauth2/token`,
    ...org.settings().loginHosts.map((host) => `https://${host}`),
  ])
  if (![aud].flat().some((name) => accepted.has(name.replace(/\/$/, '')))) {
    throw new TokenError('invalid_grant', 'audience is invalid')
  }
}
