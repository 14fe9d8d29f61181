import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { OauthFlow } from '../../db/oauth-flows.ts'
import type { ApiContext, ApiSettings } from '../dependencies.ts'
import { authorizationCookie, readAuthorizationCookie } from '../http/authorization-cookie.ts'

const hashNonce = (nonce: string) => createHash('sha256').update(nonce).digest()

/**
 * Ties a flow to the browser that asks for it, where the one that asks keeps the cookie: a page of this server, or
 * its user by the address bar. Programs, and pages of other origins, keep none.
 * @returns the hash for the flow; null where a program begins it.
 */
export function bindToBrowser(
  { loopbackOnly }: Pick<ApiSettings, 'loopbackOnly'>,
  c: ApiContext,
  lifeSeconds: number,
): Buffer | null {
  const site = c.req.header('sec-fetch-site')
  if (site !== 'same-origin' && site !== 'none') return null
  // One for all flows of a browser: a second one would else shut the first one out.
  const nonce = readAuthorizationCookie(c, loopbackOnly) ?? randomBytes(32).toString('base64url')
  c.header('Set-Cookie', authorizationCookie(loopbackOnly, nonce, lifeSeconds))
  return hashNonce(nonce)
}

/**
 * Whether the browser that came back is the one that began the flow. `unknown`: a program began it, or the browser
 * shows no cookie.
 */
export function browserOf(
  { loopbackOnly }: Pick<ApiSettings, 'loopbackOnly'>,
  c: ApiContext,
  { browserHash }: Pick<OauthFlow, 'browserHash'>,
): 'same' | 'other' | 'unknown' {
  const nonce = readAuthorizationCookie(c, loopbackOnly)
  if (nonce === null || browserHash === null) return 'unknown'
  return timingSafeEqual(hashNonce(nonce), browserHash) ? 'same' : 'other'
}
