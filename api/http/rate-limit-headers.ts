import type { RateLimitUse } from '../../db/rate-limits.ts'
import type { RateLimitPolicy } from '../rate-limiter.ts'

/** Where the caller stands, as draft-ietf-httpapi-ratelimit-headers-10 writes it. */
export function rateLimitHeaders(
  { name, requests, windowMs }: RateLimitPolicy,
  { used, secondsLeft }: RateLimitUse,
): Readonly<Record<'RateLimit' | 'RateLimit-Policy', string>> {
  const remaining = Math.max(0, requests - used)
  return {
    'RateLimit-Policy': `"${name}";q=${requests};w=${Math.ceil(windowMs / 1000)}`,
    RateLimit: `"${name}";r=${remaining};t=${Math.ceil(secondsLeft)}`,
  }
}
