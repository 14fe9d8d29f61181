import type { Logger } from 'pino'
import type { RateLimitUse } from '../db/rate-limits.ts'

/** How much may be used in how long. */
export interface RateLimitPolicy {
  /** Names the limit in headers. */
  readonly name: string
  readonly requests: number
  readonly windowMs: number
}

export interface RateLimiter {
  /** Counts one use; null where that cannot be done now, and the caller is let through. */
  use(subject: string, policy: RateLimitPolicy): Promise<RateLimitUse | null>
}

/** The part of the database that the limiter works with. */
export interface RateLimitStore {
  use(subject: string, windowMs: number): Promise<RateLimitUse>
  deleteEnded(limit: number): Promise<void>
}

/** Longer than this no request waits to be counted. */
const WAIT_MS = 500
const SWEEP_MS = 60_000
const SWEEP_ROWS = 10_000
const WARN_MS = 60_000

/**
 * Counts in Postgres, so that a limit holds over all processes. A database that is away or slow lets everybody
 * through, uncounted: what needs the database fails anyway, and what does not must not fail for a count.
 */
export function createRateLimiter(store: RateLimitStore, logger: Logger): RateLimiter {
  let sweptAt = performance.now()
  let warnedAt = Number.NEGATIVE_INFINITY

  function warn(error: unknown): void {
    if (performance.now() - warnedAt < WARN_MS) return
    warnedAt = performance.now()
    logger.warn({ err: error }, 'requests are not counted: rate limits do not hold')
  }

  function sweep(): void {
    if (performance.now() - sweptAt < SWEEP_MS) return
    sweptAt = performance.now()
    store.deleteEnded(SWEEP_ROWS).catch(warn)
  }

  return {
    async use(subject, policy) {
      const counted = store.use(subject, policy.windowMs).catch((error: unknown) => {
        warn(error)
        return null
      })
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<'late'>((resolve) => {
        timer = setTimeout(() => resolve('late'), WAIT_MS)
      })
      const first = await Promise.race([counted, late])
      clearTimeout(timer)
      if (first === 'late') {
        warn(new Error(`A count took longer than ${WAIT_MS} ms.`))
        return null
      }
      sweep()
      return first
    },
  }
}
