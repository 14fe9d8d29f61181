import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import type { ApiEnv } from '../dependencies.ts'

const PREFLIGHT_SECONDS = 600

/** Lets pages of these origins, and of no others, use the API from a browser, with credentials. */
export function crossOrigin(origins: readonly string[]): MiddlewareHandler<ApiEnv> {
  const answer = cors({
    origin: (origin) => (origins.includes(origin) ? origin : null),
    credentials: true,
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: [
      ...['Authorization', 'X-API-Key', 'Content-Type', 'Content-Encoding', 'Accept'],
      ...['Idempotency-Key', 'X-Request-Id', 'X-CSRF-Token'],
    ],
    exposeHeaders: [
      ...['Location', 'X-Request-Id', 'Idempotency-Replayed', 'Retry-After'],
      ...['RateLimit', 'RateLimit-Policy'],
    ],
    maxAge: PREFLIGHT_SECONDS,
  })
  return async (c, next) => {
    const isPreflight = c.req.header('access-control-request-method') !== undefined
    // A plain OPTIONS asks which methods there are, and the routes say it.
    return c.req.method === 'OPTIONS' && !isPreflight ? next() : answer(c, next)
  }
}
