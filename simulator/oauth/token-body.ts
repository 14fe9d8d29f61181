import { createHash, createHmac } from 'node:crypto'
import type { Org } from '../http/org-context.ts'
import type { Grant } from './grants/grant.ts'
import { identityUrl } from './identity-url.ts'

/** Seconds that an ID token is valid for. */
const ID_TOKEN_SECONDS = 120

/** What the token endpoint answers with. There is no `expires_in`: a real org never says. */
export async function tokenBody(org: Org, grant: Grant): Promise<Record<string, string>> {
  const id = identityUrl(org, grant.user.id)
  const issuedAt = String(Date.now())
  const wantsIdToken = grant.idToken !== null && grant.scopes.includes('openid')
  const signature = createHmac('sha256', grant.app.clientSecret)
    .update(id + issuedAt)
    .digest('base64')
  return {
    access_token: grant.accessToken,
    ...(grant.refreshToken === null ? {} : { refresh_token: grant.refreshToken }),
    ...(grant.isSigned ? { signature } : {}),
    scope: grant.scopes.join(' '),
    ...(wantsIdToken ? { id_token: await idToken(org, grant, id) } : {}),
    instance_url: org.baseUrl(),
    id,
    token_type: 'Bearer',
    ...(grant.isSigned ? { issued_at: issuedAt } : {}),
  }
}

function idToken(org: Org, grant: Grant, subject: string): Promise<string> {
  const issuedAt = Math.floor(Date.now() / 1_000)
  const hash = createHash('sha256').update(grant.accessToken).digest()
  const nonce = grant.idToken?.nonce ?? null
  return org.oauth.signingKey.sign({
    iss: org.baseUrl(),
    sub: subject,
    aud: grant.app.clientId,
    exp: issuedAt + ID_TOKEN_SECONDS,
    iat: issuedAt,
    at_hash: hash.subarray(0, hash.length / 2).toString('base64url'),
    ...(nonce === null ? {} : { nonce }),
  })
}
