import type { Hono } from 'hono'
import type { ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'

/** Answers OPTIONS, and methods that a known path does not take, for every route registered so far. */
export function guardMethods(app: Hono<ApiEnv>): void {
  const methodsOf = new Map<string, Set<string>>()
  for (const { path, method } of app.routes) {
    if (method === 'ALL') continue
    const methods = methodsOf.get(path) ?? new Set(['OPTIONS'])
    methods.add(method)
    if (method === 'GET') methods.add('HEAD')
    methodsOf.set(path, methods)
  }
  for (const [path, methods] of methodsOf) {
    const allow = [...methods].sort().join(', ')
    app.options(path, (c) => c.body(null, 204, { Allow: allow }))
    app.all(path, (c) => {
      throw new ApiError('method_not_allowed', `${c.req.method} is not taken here; ${allow} are.`, {
        headers: { allow },
      })
    })
  }
}
