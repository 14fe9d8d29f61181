import type { MiddlewareHandler } from 'hono'
import type { RateLimitUse } from '../../db/rate-limits.ts'
import { addressGroup } from '../../security/address-group.ts'
import type { ApiContext, ApiEnv, ApiSettings } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { rateLimitHeaders } from '../http/rate-limit-headers.ts'
import { createLocks } from '../locks.ts'
import type { RateLimiter, RateLimitPolicy } from '../rate-limiter.ts'

/**
 * Holds each key to its limit, and each address where no key is needed. Who needs no key because only the machine
 * itself reaches the server is not counted.
 */
export function rateLimit(
  limiter: RateLimiter,
  settings: Pick<ApiSettings, 'rateLimit' | 'keysRequired'>,
): MiddlewareHandler<ApiEnv> {
  const locks = createLocks()
  return async (c, next) => {
    const who = subjectOf(c)
    if (who === null || (who.kind === 'address' && !settings.keysRequired)) return next()
    const policy: RateLimitPolicy = { name: who.kind, ...settings.rateLimit }
    const subject = `${who.kind}:${who.id}`
    // Whoever shows no key can ask without end, and each count is a write. What a key costs is counted anyway.
    const lockedMs = who.kind === 'address' ? locks.leftMs(subject) : 0
    if (lockedMs > 0) {
      throw tooMany(policy, { used: policy.requests + 1, secondsLeft: lockedMs / 1000 })
    }
    const use = await limiter.use(subject, policy)
    if (use === null) return next()
    if (use.used > policy.requests) {
      if (who.kind === 'address') locks.lock(subject, use.secondsLeft * 1000)
      throw tooMany(policy, use)
    }
    await next()
    for (const [name, value] of Object.entries(rateLimitHeaders(policy, use))) c.header(name, value)
  }
}

function tooMany(policy: RateLimitPolicy, use: RateLimitUse): ApiError {
  const message = `More than ${policy.requests} requests in ${policy.windowMs / 1000} s. Try again when Retry-After says.`
  const wait = String(Math.max(1, Math.ceil(use.secondsLeft)))
  return new ApiError('rate_limited', message, {
    headers: { ...rateLimitHeaders(policy, use), 'retry-after': wait },
  })
}

function subjectOf(c: ApiContext): { kind: 'key' | 'address'; id: string } | null {
  const keyId = c.var.caller?.keyId ?? null
  if (keyId !== null) return { kind: 'key', id: keyId }
  return { kind: 'address', id: addressGroup(c.var.address) }
}
