import { addressGroup } from '../../security/address-group.ts'
import type { ApiContext, ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import type { RateLimiter } from '../rate-limiter.ts'

export interface BadGuesses {
  /** Whether the address has made too many. */
  isOver(c: ApiContext): boolean
  /** @throws {ApiError} `rate_limited` at an address that has made too many */
  requireFewFrom(c: ApiContext): void
  /** Counts one. @throws {ApiError} `rate_limited` where it was one too many */
  note(c: ApiContext, workspaceId: string): Promise<void>
}

const WINDOW_MS = 60_000
/** Addresses that are remembered at most. */
const MOST_LOCKED = 10_000

/**
 * Bounds guesses of signatures and paths by address, over all processes. What is right is never counted, and
 * held up only where finding out would cost too much: many orgs send from one address. That an address is over the limit is kept here until its window ends, so that a
 * flood of bad requests costs the database nothing.
 */
export function createBadGuesses(
  deps: Pick<ApiDependencies, 'database' | 'settings'>,
  limiter: RateLimiter,
  what: { readonly name: string; readonly message: string },
): BadGuesses {
  const requests = deps.settings.webhooks.badGuessLimit
  /** When each address may guess again, by the monotonic clock in milliseconds. */
  const lockedUntil = new Map<string, number>()

  function lock(address: string, untilMs: number): void {
    lockedUntil.delete(address)
    lockedUntil.set(address, untilMs)
    const [oldest] = lockedUntil.keys()
    if (lockedUntil.size > MOST_LOCKED && oldest !== undefined) lockedUntil.delete(oldest)
  }

  /** Milliseconds for which the address is over the limit; 0 where it is not. */
  function leftMs(c: ApiContext): number {
    const address = addressGroup(c.var.address)
    const left = (lockedUntil.get(address) ?? 0) - performance.now()
    if (left > 0) return left
    lockedUntil.delete(address)
    return 0
  }

  function requireFewFrom(c: ApiContext): void {
    const left = leftMs(c)
    if (left > 0) throw tooMany(left)
  }

  function tooMany(ms: number): ApiError {
    const wait = String(Math.max(1, Math.ceil(ms / 1000)))
    const message = `${what.message} Try again when Retry-After says.`
    return new ApiError('rate_limited', message, { headers: { 'retry-after': wait } })
  }

  async function audit(c: ApiContext, workspaceId: string): Promise<void> {
    const entry = {
      workspaceId,
      actorKind: 'system',
      actorId: null,
      action: `${what.name}.guesses_refused`,
      subject: null,
      outcome: 'refused',
      address: c.var.address,
      requestId: c.var.requestId,
      details: { limit: requests, window_seconds: WINDOW_MS / 1000 },
    } as const
    await deps.database.system.appendAudit(entry).catch((error: unknown) => {
      c.var.logger.error({ err: error }, 'refused guesses were not noted in the audit log')
    })
  }

  return {
    isOver: (c) => leftMs(c) > 0,
    requireFewFrom,
    async note(c, workspaceId) {
      requireFewFrom(c)
      const address = addressGroup(c.var.address)
      const policy = { name: what.name, requests, windowMs: WINDOW_MS }
      const use = await limiter.use(`${what.name}:${address}`, policy)
      if (use === null || use.used <= requests) return
      const windowMs = use.secondsLeft * 1000
      lock(address, performance.now() + windowMs)
      // The first one too many, of one process: once a window.
      if (use.used === requests + 1) await audit(c, workspaceId)
      throw tooMany(windowMs)
    },
  }
}
