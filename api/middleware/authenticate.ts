import type { Hono, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { ApiKey } from '../../db/api-keys.ts'
import { hashApiKey, isApiKey } from '../../security/api-key.ts'
import { type Access, ROUTE_ACCESS } from '../access.ts'
import { type Caller, callerOf, LOCAL_CALLER } from '../caller.ts'
import type { ApiContext, ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { holdsKey } from '../http/key-in-query.ts'
import type { KeyGuesses } from '../key-guesses.ts'
import { identifySession } from './identify-session.ts'

/**
 * Finds out who calls, and gives the request the database of their workspace. What they may do, and that it is nobody:
 * {@link authorize}.
 */
export function authenticate(
  deps: ApiDependencies,
  guesses: KeyGuesses,
): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    refuseKeysInQuery(c)
    const access = accessOf(c)
    if (access !== null && access !== 'public') {
      const caller = await identify(deps, guesses, c)
      if (caller !== null) {
        c.set('caller', caller)
        c.set('workspaceId', caller.workspaceId)
        c.set('database', deps.database.workspace(caller.workspaceId))
      }
    }
    await next()
  }
}

/**
 * Lets callers do what their scopes allow. After the rate limit, so that a key is counted where it is refused too, and
 * the address of whoever shows none.
 */
export function authorize(): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const access = accessOf(c)
    if (access === null || access === 'public') return next()
    // Absent where `authenticate` found nobody, which the type does not say: all behind this line may rely on it.
    const caller = c.var.caller as Caller | undefined
    if (caller === undefined) {
      throw unauthorized('An API key is needed: Authorization: Bearer cvy_…')
    }
    if (access !== 'any' && !caller.scopes.has(access)) {
      const message = `This key lacks the scope ${access}. Use one that has it, or have its role changed.`
      throw new ApiError('insufficient_scope', message)
    }
    await next()
  }
}

/** The access of the route that will answer; null where none will. */
function accessOf(c: ApiContext): Access | null {
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method
  for (const route of matchedRoutes(c)) {
    const access = ROUTE_ACCESS[`${method} ${route.path}`]
    if (access !== undefined && route.method === method) return access
  }
  return null
}

/** Addresses are logged, cached and sent on: a key in one has leaked, and is no proof of anything. */
function refuseKeysInQuery(c: ApiContext): void {
  if (!holdsKey(new URL(c.req.url).searchParams)) return
  const message =
    'An API key was sent in the query. Send it as a header, and revoke this one: it is in logs now.'
  throw new ApiError('key_in_query', message)
}

/** Null where keys are asked for and none is shown. @throws {ApiError} for a credential that does not hold */
async function identify(
  deps: ApiDependencies,
  guesses: KeyGuesses,
  c: ApiContext,
): Promise<Caller | null> {
  const given = keyOf(c)
  if (given === null) {
    const bySession = await identifySession(deps, guesses, c)
    return bySession ?? (deps.settings.keysRequired ? null : LOCAL_CALLER)
  }
  const hash = isApiKey(given) ? hashApiKey(given) : null
  guesses.requireFewFrom(c, hash)
  const key = hash === null ? null : await deps.database.system.findApiKey(hash)
  if (hash === null || key === null) {
    await guesses.noteBad(c, hash)
    throw unauthorized('This API key is not known.')
  }
  const ended = endOf(key)
  if (ended !== null) {
    await guesses.noteBad(c, hash)
    throw unauthorized(ended)
  }
  guesses.noteGood(hash)
  if (isUseStale(key)) noteUse(deps, key.keyId)
  return callerOf(key)
}

/** Why a key counts no more; null while it does. */
function endOf({ revokedAt, expiresAt }: ApiKey): string | null {
  if (revokedAt !== null) return 'This API key was revoked.'
  if (expiresAt === null || expiresAt.getTime() > Date.now()) return null
  return `This API key expired at ${expiresAt.toISOString()}.`
}

/** Noted to the minute: a busy key asks the database for it no more than that. */
function isUseStale({ lastUsedAt }: ApiKey): boolean {
  return lastUsedAt === null || Date.now() - lastUsedAt.getTime() > 60_000
}

function noteUse(deps: ApiDependencies, keyId: string): void {
  deps.database.system.touchApiKey(keyId).catch((error: unknown) => {
    // When a key was last used is good to know, and no reason to refuse it.
    deps.logger.warn({ err: error, keyId }, 'the use of a key was not noted')
  })
}

function keyOf(c: ApiContext): string | null {
  const [scheme = '', ...rest] = (c.req.header('authorization') ?? '').split(' ')
  if (scheme.toLowerCase() === 'bearer') return rest.join(' ').trim()
  return c.req.header('x-api-key')?.trim() ?? null
}

function unauthorized(message: string): ApiError {
  return new ApiError('unauthorized', message, { headers: { 'www-authenticate': 'Bearer' } })
}

/** @throws Error naming the routes that {@link ROUTE_ACCESS} does not know, and those that it alone knows. */
export function requireAccessOfAll(app: Hono<ApiEnv>): void {
  const routes = new Set(
    app.routes
      .filter(({ method, path }) => method !== 'ALL' && !path.includes('*'))
      .map(({ method, path }) => `${method} ${path}`),
  )
  const forgotten = [...routes].filter((route) => ROUTE_ACCESS[route] === undefined)
  const gone = Object.keys(ROUTE_ACCESS).filter((route) => !routes.has(route))
  if (forgotten.length + gone.length === 0) return
  throw new Error(
    `api/access.ts does not fit the routes. Without access: ${forgotten.join(', ') || 'none'}. Without a route: ${gone.join(', ') || 'none'}.`,
  )
}
