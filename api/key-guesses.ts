import { DEFAULT_WORKSPACE_ID } from '../contracts/tenancy.ts'
import { addressGroup } from '../security/address-group.ts'
import type { ApiContext, ApiDependencies } from './dependencies.ts'
import { ApiError } from './errors.ts'
import type { RateLimiter, RateLimitPolicy } from './rate-limiter.ts'

const WINDOW_MS = 60_000
/** Addresses that are remembered at most. */
const MOST_LOCKED = 10_000

export interface KeyGuesses {
  /** @throws ApiError `rate_limited` for an address that has shown too many unknown keys: its next is not looked at. */
  requireFewFrom(c: ApiContext): void
  /** Counts an unknown key. @throws ApiError `rate_limited` where it was one too many */
  note(c: ApiContext): Promise<void>
}

/**
 * Bounds guessing. The count is shared by all processes; that an address is over it is kept in each process until
 * the window ends, so that requests with good keys cost no look-up for it.
 */
export function createKeyGuesses(deps: ApiDependencies, limiter: RateLimiter): KeyGuesses {
  // Keys that nobody has: whoever mistyped one needs a few, whoever guesses needs far more.
  const policy: RateLimitPolicy = {
    name: 'unknown_key',
    requests: deps.settings.unknownKeyLimit,
    windowMs: WINDOW_MS,
  }
  /** When each address may try again, by the monotonic clock in milliseconds. */
  const lockedUntil = new Map<string, number>()

  function lock(address: string, untilMs: number): void {
    lockedUntil.delete(address)
    lockedUntil.set(address, untilMs)
    const [oldest] = lockedUntil.keys()
    if (lockedUntil.size > MOST_LOCKED && oldest !== undefined) lockedUntil.delete(oldest)
  }

  async function audit(c: ApiContext): Promise<void> {
    const entry = {
      // It is of no workspace, and the one that every installation has belongs to those who run it.
      workspaceId: DEFAULT_WORKSPACE_ID,
      actorKind: 'system',
      actorId: null,
      action: 'api_key.guesses_refused',
      subject: null,
      outcome: 'refused',
      address: c.var.address,
      requestId: c.var.requestId,
      details: { limit: policy.requests, window_seconds: WINDOW_MS / 1000 },
    } as const
    await deps.database.system.appendAudit(entry).catch((error: unknown) => {
      c.var.logger.error({ err: error }, 'refused guesses were not noted in the audit log')
    })
  }

  return {
    requireFewFrom(c) {
      const address = addressGroup(c.var.address)
      const until = lockedUntil.get(address)
      if (until === undefined) return
      const leftMs = until - performance.now()
      if (leftMs > 0) throw tooMany(leftMs)
      lockedUntil.delete(address)
    },

    async note(c) {
      const address = addressGroup(c.var.address)
      const use = await limiter.use(`unknown_key:${address}`, policy)
      if (use === null || use.used <= policy.requests) return
      const leftMs = use.secondsLeft * 1000
      lock(address, performance.now() + leftMs)
      // The first one too many, of one process: once a window.
      if (use.used === policy.requests + 1) await audit(c)
      throw tooMany(leftMs)
    },
  }
}

function tooMany(leftMs: number): ApiError {
  const message = 'Too many unknown API keys from this address. Try again when Retry-After says.'
  const wait = String(Math.max(1, Math.ceil(leftMs / 1000)))
  return new ApiError('rate_limited', message, { headers: { 'retry-after': wait } })
}
