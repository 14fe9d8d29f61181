import { DEFAULT_WORKSPACE_ID } from '../contracts/tenancy.ts'
import { addressGroup } from '../security/address-group.ts'
import type { ApiContext, ApiDependencies } from './dependencies.ts'
import { ApiError } from './errors.ts'
import { createLocks } from './locks.ts'
import type { RateLimiter, RateLimitPolicy } from './rate-limiter.ts'

const WINDOW_MS = 60_000
/** Credentials that are remembered at most, the ones used last. */
const MOST_KNOWN = 10_000

/** Keys and the tokens of sessions, by their hash; null for text that has not even their form. */
export interface KeyGuesses {
  /**
   * Asked before a credential is looked up. @throws ApiError `rate_limited` at an address that has shown too many
   * which do not hold, unless this one has held here before
   */
  requireFewFrom(c: ApiContext, hash: Buffer | null): void
  noteGood(hash: Buffer): void
  /** Counts one that does not hold, for whatever reason. @throws ApiError `rate_limited` where it was one too many */
  noteBad(c: ApiContext, hash: Buffer | null): Promise<void>
}

/**
 * Bounds guessing, and what it costs. The count is shared by all processes; that an address is over it is kept in
 * each process until the window ends, and until then nothing is looked up for it. What has held before goes on: many
 * callers can share an address, and one of them must not lock out the others. It is still looked up at each use, so
 * that what was revoked is refused.
 */
export function createKeyGuesses(deps: ApiDependencies, limiter: RateLimiter): KeyGuesses {
  // Whoever mistyped a key, or has one that ended, needs a few; whoever guesses needs far more.
  const policy: RateLimitPolicy = {
    name: 'unknown_key',
    requests: deps.settings.unknownKeyLimit,
    windowMs: WINDOW_MS,
  }
  const locks = createLocks()
  /** Hashes in hex, the one used last at the end. */
  const known = new Set<string>()

  function requireUnlocked(address: string): void {
    const leftMs = locks.leftMs(address)
    if (leftMs > 0) throw tooMany(leftMs)
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
    requireFewFrom(c, hash) {
      if (hash === null || !known.has(hash.toString('hex'))) {
        requireUnlocked(addressGroup(c.var.address))
      }
    },

    noteGood(hash) {
      const name = hash.toString('hex')
      known.delete(name)
      known.add(name)
      const [oldest] = known
      if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest)
    },

    async noteBad(c, hash) {
      if (hash !== null) known.delete(hash.toString('hex'))
      const address = addressGroup(c.var.address)
      // Of many at once, those that come after the last one allowed are not counted, which is a write each.
      requireUnlocked(address)
      const use = await limiter.use(`unknown_key:${address}`, policy)
      if (use === null || use.used <= policy.requests) return
      const leftMs = use.secondsLeft * 1000
      locks.lock(address, leftMs)
      // The first one too many, of one process: once a window.
      if (use.used === policy.requests + 1) await audit(c)
      throw tooMany(leftMs)
    },
  }
}

function tooMany(leftMs: number): ApiError {
  const message =
    'Too many API keys or sessions from this address are unknown or over. Try again when Retry-After says.'
  const wait = String(Math.max(1, Math.ceil(leftMs / 1000)))
  return new ApiError('rate_limited', message, { headers: { 'retry-after': wait } })
}
