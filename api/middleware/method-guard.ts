import type { Hono } from 'hono'
import type { ApiContext, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'

/**
 * Paths whose GET does something: begins an authorisation, or uses a state up. Hono answers HEAD by the handler of
 * GET, and link checkers and previews ask by HEAD.
 */
const GETS_WITH_EFFECT: readonly string[] = [
  '/api/auth/salesforce/authorize',
  '/api/oauth/salesforce/url',
  '/api/auth/salesforce/callback',
]

/** Refuses HEAD where GET does something. To be registered before the routes. */
export function refuseHead(app: Hono<ApiEnv>): void {
  for (const path of GETS_WITH_EFFECT) {
    app.use(path, async (c, next) => {
      if (c.req.method === 'HEAD') throw notAllowed(c, allowOf(app, path))
      await next()
    })
  }
}

/** Answers OPTIONS, and methods that a known path does not take, for every route registered so far. */
export function guardMethods(app: Hono<ApiEnv>): void {
  const paths = new Set(app.routes.filter(({ method }) => method !== 'ALL').map(({ path }) => path))
  for (const path of paths) {
    const allow = allowOf(app, path)
    app.options(path, (c) => c.body(null, 204, { Allow: allow }))
    app.all(path, (c) => {
      throw notAllowed(c, allow)
    })
  }
}

/** The methods that a path takes, as `Allow` says them. */
function allowOf(app: Hono<ApiEnv>, path: string): string {
  const methods = new Set(['OPTIONS'])
  for (const route of app.routes) {
    if (route.path === path && route.method !== 'ALL') methods.add(route.method)
  }
  if (methods.has('GET') && !GETS_WITH_EFFECT.includes(path)) methods.add('HEAD')
  return [...methods].sort().join(', ')
}

function notAllowed(c: ApiContext, allow: string): ApiError {
  return new ApiError('method_not_allowed', `${c.req.method} is not taken here; ${allow} are.`, {
    headers: { allow },
  })
}
