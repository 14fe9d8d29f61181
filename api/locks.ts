/** Subjects that are remembered at most, the ones locked last. */
const MOST_LOCKED = 10_000

/** Who has used up a window, as this process knows: what is refused until it ends need not be counted meanwhile. */
export interface Locks {
  /** Milliseconds until the subject may try again; 0 where it may now. */
  leftMs(subject: string): number
  lock(subject: string, forMs: number): void
}

/** Locks by the monotonic clock, in the memory of the process. */
export function createLocks(): Locks {
  const lockedUntil = new Map<string, number>()
  return {
    leftMs(subject) {
      const until = lockedUntil.get(subject)
      if (until === undefined) return 0
      const leftMs = until - performance.now()
      if (leftMs > 0) return leftMs
      lockedUntil.delete(subject)
      return 0
    },
    lock(subject, forMs) {
      lockedUntil.delete(subject)
      lockedUntil.set(subject, performance.now() + forMs)
      const [oldest] = lockedUntil.keys()
      if (lockedUntil.size > MOST_LOCKED && oldest !== undefined) lockedUntil.delete(oldest)
    },
  }
}
