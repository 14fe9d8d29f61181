import { generateCookie, getCookie } from 'hono/cookie'
import type { ApiContext } from '../dependencies.ts'

const PLAIN_NAME = 'conveyor_session'
/** Browsers take a cookie of this prefix over TLS only, for this host alone and all of its paths. */
const HOST_NAME = `__Host-${PLAIN_NAME}`

/** Where only the machine itself reaches the server there is no TLS, and a secure cookie would not come back. */
const nameOf = (loopbackOnly: boolean) => (loopbackOnly ? PLAIN_NAME : HOST_NAME)

/** The session token that the request's cookie holds; null without one. */
export function readSessionCookie(c: ApiContext, loopbackOnly: boolean): string | null {
  return getCookie(c, nameOf(loopbackOnly)) ?? null
}

/**
 * A `Set-Cookie` for the session. Pages never see its token, and no other site can have it sent. `maxAgeMs` 0
 * removes the cookie.
 */
export function sessionCookie(loopbackOnly: boolean, token: string, maxAgeMs: number): string {
  return generateCookie(nameOf(loopbackOnly), token, {
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
    secure: !loopbackOnly,
    maxAge: Math.floor(maxAgeMs / 1_000),
  })
}
