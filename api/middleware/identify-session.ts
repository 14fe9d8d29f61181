import type { ApiKey } from '../../db/api-keys.ts'
import type { Session } from '../../db/sessions.ts'
import { hashSessionToken, isCsrfTokenOf, isSessionToken } from '../../security/session-token.ts'
import { type Caller, callerOf } from '../caller.ts'
import type { ApiContext, ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { isFromOwnPage } from '../http/own-page.ts'
import { readSessionCookie, sessionCookie } from '../http/session-cookie.ts'
import type { KeyGuesses } from '../key-guesses.ts'

/** A use is noted once in this time; with short idle times, more often. */
const TOUCH_SECONDS = 60
const SAFE_METHODS: readonly string[] = ['GET', 'HEAD']

/**
 * Who calls by cookie: the key that the session was made of, as long as both go on. Null without a cookie.
 * @throws {ApiError} `unauthorized` for a session that is over; `rate_limited` where the address has shown too many of
 * those; `origin_not_allowed`, `csrf_token_invalid` for a request that another page may have made the browser send.
 */
export async function identifySession(
  deps: ApiDependencies,
  guesses: KeyGuesses,
  c: ApiContext,
): Promise<Caller | null> {
  const { loopbackOnly, sessions } = deps.settings
  const token = readSessionCookie(c, loopbackOnly)
  if (token === null) return null
  const hash = isSessionToken(token) ? hashSessionToken(token) : null
  guesses.requireFewFrom(c, hash)
  const found = hash === null ? null : await deps.database.system.findSession(hash)
  if (hash === null || found === null) {
    await guesses.noteBad(c, hash)
    throw over(loopbackOnly, 'This session is not known.')
  }
  const { session, key } = found
  const now = Date.now()
  const ended = endOf(session, key, sessions.idleMs, now)
  if (ended !== null) {
    await guesses.noteBad(c, hash)
    throw over(loopbackOnly, ended)
  }
  guesses.noteGood(hash)
  // What the Temporal UI may ask for changes nothing.
  if (!SAFE_METHODS.includes(c.req.method) && !c.var.isFromTemporalUi) requireOwnPage(c, token)
  const touchSeconds = Math.min(TOUCH_SECONDS, sessions.idleMs / 10_000)
  const isUseStale = session.lastUsedAt.getTime() + touchSeconds * 1_000 < now
  if (isUseStale) noteUse(deps, c, session, touchSeconds)
  return callerOf(key, session.sessionId)
}

/** Why a session counts no more; null while it does. */
function endOf(session: Session, key: ApiKey, idleMs: number, now: number): string | null {
  if (session.endedAt !== null) return 'This session was ended.'
  if (session.expiresAt.getTime() <= now) return 'This session expired.'
  if (session.lastUsedAt.getTime() + idleMs <= now) return 'This session was idle for too long.'
  if (key.revokedAt !== null) return 'The key of this session was revoked.'
  const isKeyOver = key.expiresAt !== null && key.expiresAt.getTime() <= now
  return isKeyOver ? 'The key of this session expired.' : null
}

function noteUse(deps: ApiDependencies, c: ApiContext, session: Session, touchSeconds: number) {
  deps.database.system.touchSession(session.sessionId, touchSeconds).catch((error: unknown) => {
    // The session ends early then, which is no reason to refuse it now.
    c.var.logger.warn({ err: error }, 'the use of a session was not noted')
  })
}

/** Browsers send cookies with whatever a page asks for; only our own pages may ask for changes. */
function requireOwnPage(c: ApiContext, token: string): void {
  if (!isFromOwnPage(c)) {
    const message = 'Only pages of this server may change something by cookie.'
    throw new ApiError('origin_not_allowed', message)
  }
  if (!isCsrfTokenOf(token, c.req.header('x-csrf-token') ?? '')) {
    const message =
      'Send the csrf_token of GET /v1/session as X-CSRF-Token with what changes something.'
    throw new ApiError('csrf_token_invalid', message)
  }
}

/** The cookie goes with it, so that the browser does not show it again. */
function over(loopbackOnly: boolean, message: string): ApiError {
  const headers = {
    'www-authenticate': 'Bearer',
    'set-cookie': sessionCookie(loopbackOnly, '', 0),
  }
  return new ApiError('unauthorized', `${message} Sign in again.`, { headers })
}
