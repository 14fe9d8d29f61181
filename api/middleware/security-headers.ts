import type { MiddlewareHandler } from 'hono'
import type { ApiEnv } from '../dependencies.ts'

/** Answers are data for programs: no page may frame, sniff, cache or embed them. A route's own header wins. */
export function securityHeaders(): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    await next()
    const defaults = {
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
      'Cache-Control': 'no-store',
    }
    for (const [name, value] of Object.entries(defaults)) {
      if (!c.res.headers.has(name)) c.header(name, value)
    }
  }
}
