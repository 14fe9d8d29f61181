import type { MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { ApiMetrics } from '../../metrics/api-metrics.ts'
import { ROUTE_ACCESS } from '../access.ts'
import type { ApiContext, ApiEnv } from '../dependencies.ts'

/** Counts each request by the pattern of its route, never by its path. */
export function requestMetrics(metrics: ApiMetrics): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const began = performance.now()
    await next()
    metrics.request({
      method: c.req.method,
      route: routeOf(c),
      status: c.res.status,
      seconds: (performance.now() - began) / 1_000,
    })
  }
}

/** Of all that match, the one that the table of access knows: the others are middleware. */
function routeOf(c: ApiContext): string | null {
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method
  const known = matchedRoutes(c).find(({ path }) => ROUTE_ACCESS[`${method} ${path}`] !== undefined)
  return known?.path ?? null
}
