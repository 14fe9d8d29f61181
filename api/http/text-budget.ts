import { createBytePool } from './byte-pool.ts'

/** One request's part of the budget. */
export interface TextShare {
  /**
   * Waits until `bytes` more may be held.
   * @throws {ApiError} `service_unavailable` where that takes too long, or at once where too many wait.
   */
  take(bytes: number): Promise<void>
  /** Gives all back once nothing waits. Safe to repeat. */
  release(): void
}

export interface TextBudget {
  open(): TextShare
}

export interface TextBudgetLimits {
  /** Up to here a body is small. */
  readonly smallBodyBytes: number
  /** Bytes of all small bodies. */
  readonly smallBytes: number
  readonly smallWaiters: number
  /** Bytes of all others; one of them may be over it. */
  readonly largeBytes: number
  /**
   * How many of them wait. They still hold what they had as small bodies, so that all of them together must be well
   * under `smallBytes`.
   */
  readonly largeWaiters: number
  readonly waitMs: number
}

/**
 * Bounds the bytes of bodies that are held whole, over all requests of the process: a few hundred small requests, or a
 * few that decompress to much, would else fill its memory. Who waits for a share does not read on, and so slows its
 * caller down.
 *
 * Small bodies have a part of their own, so that one large body that comes slowly holds up large ones only. A body that
 * outgrows it moves to the other part and never comes back: nobody who holds of the large part waits for the small one.
 */
export function createTextBudget(limits: TextBudgetLimits): TextBudget {
  const { smallBodyBytes, waitMs } = limits
  const small = createBytePool({ bytes: limits.smallBytes, waiters: limits.smallWaiters, waitMs })
  const large = createBytePool({ bytes: limits.largeBytes, waiters: limits.largeWaiters, waitMs })

  return {
    open() {
      const share = {}
      let isLarge = false
      return {
        async take(bytes) {
          const asSmall = small.heldBy(share) + bytes
          if (!isLarge && asSmall <= smallBodyBytes) return small.take(share, bytes)
          isLarge = true
          await large.take(share, asSmall)
          small.giveBack(share)
        },
        release() {
          small.giveBack(share)
          large.giveBack(share)
        },
      }
    },
  }
}
