import { randomUUID } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { callerAddress } from '../http/caller-address.ts'

const SANE_ID = /^[\w.:-]{1,100}$/

/** Gives each request an id, the caller's own where it is a plain one, and a logger that says it. */
export function requestContext(deps: ApiDependencies): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const given = c.req.header('x-request-id') ?? ''
    const requestId = SANE_ID.test(given) ? given : randomUUID()
    c.set('requestId', requestId)
    c.set('address', callerAddress(c, deps.settings.trustedProxies))
    c.set('logger', deps.logger.child({ requestId }))
    await next()
    c.header('X-Request-Id', requestId)
  }
}
