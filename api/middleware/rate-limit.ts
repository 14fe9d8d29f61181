import type { MiddlewareHandler } from 'hono'
import { addressGroup } from '../../security/address-group.ts'
import type { ApiContext, ApiEnv, ApiSettings } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { rateLimitHeaders } from '../http/rate-limit-headers.ts'
import type { RateLimiter, RateLimitPolicy } from '../rate-limiter.ts'

/**
 * Holds each key to its limit, and each address where no key is needed. Who needs no key because only the machine
 * itself reaches the server is not counted.
 */
export function rateLimit(
  limiter: RateLimiter,
  settings: Pick<ApiSettings, 'rateLimit' | 'keysRequired'>,
): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const who = subjectOf(c)
    if (who === null || (who.kind === 'address' && !settings.keysRequired)) return next()
    const policy: RateLimitPolicy = { name: who.kind, ...settings.rateLimit }
    const use = await limiter.use(`${who.kind}:${who.id}`, policy)
    if (use === null) return next()
    const headers = rateLimitHeaders(policy, use)
    if (use.used > policy.requests) {
      const message = `More than ${policy.requests} requests in ${policy.windowMs / 1000} s. Try again when Retry-After says.`
      const wait = String(Math.max(1, Math.ceil(use.secondsLeft)))
      throw new ApiError('rate_limited', message, { headers: { ...headers, 'retry-after': wait } })
    }
    await next()
    for (const [name, value] of Object.entries(headers)) c.header(name, value)
  }
}

function subjectOf(c: ApiContext): { kind: 'key' | 'address'; id: string } | null {
  const keyId = c.var.caller?.keyId ?? null
  if (keyId !== null) return { kind: 'key', id: keyId }
  return { kind: 'address', id: addressGroup(c.var.address) }
}
