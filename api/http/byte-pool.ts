import { ApiError } from '../errors.ts'

export interface BytePoolLimits {
  readonly bytes: number
  /** Takers that wait at once; who comes beyond them is sent away. */
  readonly waiters: number
  /** How long each of them waits at most. */
  readonly waitMs: number
}

export interface BytePool {
  /** Bytes that the holder has. */
  heldBy(holder: object): number
  /**
   * Waits until the holder may have `bytes` more.
   * @throws {ApiError} `service_unavailable` where that takes too long, or at once where too many wait.
   */
  take(holder: object, bytes: number): Promise<void>
  /** Takes all back from a holder that does not wait. Safe to repeat. */
  giveBack(holder: object): void
}

interface Waiter {
  readonly holder: object
  readonly bytes: number
  readonly go: () => void
}

/**
 * Bytes that many may hold at once. The oldest holder gets what it asks for, so that two that need more than there is
 * never wait for each other.
 */
export function createBytePool(limits: BytePoolLimits): BytePool {
  /** Bytes by holder, the oldest first. */
  const held = new Map<object, number>()
  const waiters = new Set<Waiter>()
  let used = 0

  function fits(holder: object, bytes: number): boolean {
    const [oldest] = held.keys()
    return holder === oldest || used + bytes <= limits.bytes
  }

  function grant(holder: object, bytes: number): void {
    held.set(holder, (held.get(holder) ?? 0) + bytes)
    used += bytes
  }

  function wait(holder: object, bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiters.delete(waiter)
        reject(tooMany())
      }, limits.waitMs)
      const waiter: Waiter = {
        holder,
        bytes,
        go: () => {
          clearTimeout(timer)
          resolve()
        },
      }
      waiters.add(waiter)
    })
  }

  return {
    heldBy: (holder) => held.get(holder) ?? 0,
    async take(holder, bytes) {
      if (!held.has(holder)) held.set(holder, 0)
      if (fits(holder, bytes)) return grant(holder, bytes)
      if (waiters.size >= limits.waiters) throw tooMany()
      await wait(holder, bytes)
    },
    giveBack(holder) {
      used -= held.get(holder) ?? 0
      held.delete(holder)
      for (const waiter of waiters) {
        if (!fits(waiter.holder, waiter.bytes)) continue
        waiters.delete(waiter)
        grant(waiter.holder, waiter.bytes)
        waiter.go()
      }
    },
  }
}

function tooMany(): ApiError {
  const message =
    'Too many bodies are being read. Try again soon, or stream CSV or NDJSON to /v1/bulk-jobs.'
  return new ApiError('service_unavailable', message, { headers: { 'retry-after': '5' } })
}
