import { generateCookie, getCookie } from 'hono/cookie'
import type { ApiContext } from '../dependencies.ts'

const PLAIN_NAME = 'conveyor_authorization'
/** A page of a neighbouring host cannot plant a cookie of this prefix: it would have somebody else complete its flow. */
const HOST_NAME = `__Host-${PLAIN_NAME}`
/** 32 bytes in base64url. */
const NONCE = /^[\w-]{43}$/

/** Where only the machine itself reaches the server there is no TLS, and a secure cookie would not come back. */
const nameOf = (loopbackOnly: boolean) => (loopbackOnly ? PLAIN_NAME : HOST_NAME)

/** What the browser was given when it began an authorisation; null without it. */
export function readAuthorizationCookie(c: ApiContext, loopbackOnly: boolean): string | null {
  const nonce = getCookie(c, nameOf(loopbackOnly)) ?? ''
  return NONCE.test(nonce) ? nonce : null
}

/**
 * A `Set-Cookie` that ties an authorisation to the browser that began it. `Lax`, since the browser comes back from
 * Salesforce. For all paths, as its prefix demands, and so that authorisations that one browser begins side by side
 * share it.
 */
export function authorizationCookie(
  loopbackOnly: boolean,
  nonce: string,
  maxAgeSeconds: number,
): string {
  return generateCookie(nameOf(loopbackOnly), nonce, {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: !loopbackOnly,
    maxAge: maxAgeSeconds,
  })
}
