import { randomUUID } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { redactKeys } from '../../security/redact-keys.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { callerAddress } from '../http/caller-address.ts'

/** Ids are logged and sent on: a key that was put there by mistake is not taken. */
const SANE_ID = /^(?!cvy_)[\w.:-]{1,100}$/i

/** Gives each request an id, the caller's own where it is a plain one, and one line in the log. */
export function requestContext(deps: ApiDependencies): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const given = c.req.header('x-request-id') ?? ''
    const requestId = SANE_ID.test(given) ? given : randomUUID()
    c.set('requestId', requestId)
    c.set('address', callerAddress(c, deps.settings.trustedProxies))
    c.set('logger', deps.logger.child({ requestId }))
    const began = performance.now()
    await next()
    c.header('X-Request-Id', requestId)
    if (!deps.settings.logRequests) return
    // Neither bodies nor queries: they may hold what a log must not.
    c.var.logger.info(
      {
        method: c.req.method,
        path: redactKeys(c.req.path).slice(0, 300),
        status: c.res.status,
        ms: Math.round(performance.now() - began),
      },
      'request',
    )
  }
}
