export type PumpSignal = 'events' | 'deliveries'

/** Hints within one process that there is something to do. A lost one costs half a second, and nothing else. */
export interface PumpSignals {
  /** A number that changes with each hint. Read before the tables are, so that no hint falls in between. */
  seen(shard: number, signal: PumpSignal): number
  /** Resolves at the next hint since `seen`, or after so many milliseconds. */
  wait(shard: number, signal: PumpSignal, seen: number, ms: number): Promise<void>
  /** Something was written: tells this process's pump, and those of others. */
  announce(shard: number, signal: PumpSignal): void
  /** Another process, or this one, wrote something. */
  hint(shard: number, signal: PumpSignal): void
  /** Both kinds. */
  wake(shard: number): void
  /** The process is to end: turns end as soon as they can. */
  stop(): void
  stopped(): boolean
}

/** `onAnnounce` tells other processes. */
export function createPumpSignals(
  onAnnounce: (shard: number, signal: PumpSignal) => void,
): PumpSignals {
  const counts = new Map<string, number>()
  const waiters = new Map<string, Set<() => void>>()
  let stopped = false
  const nameOf = (shard: number, signal: PumpSignal) => `${signal}/${shard}`

  function hint(shard: number, signal: PumpSignal): void {
    const name = nameOf(shard, signal)
    counts.set(name, (counts.get(name) ?? 0) + 1)
    const waiting = waiters.get(name)
    waiters.delete(name)
    for (const resolve of waiting ?? []) resolve()
  }

  return {
    seen: (shard, signal) => counts.get(nameOf(shard, signal)) ?? 0,
    wait(shard, signal, seen, ms) {
      const name = nameOf(shard, signal)
      if (stopped || (counts.get(name) ?? 0) !== seen) return Promise.resolve()
      return new Promise((resolve) => {
        const waiting = waiters.get(name) ?? new Set()
        waiters.set(name, waiting)
        const finish = () => {
          clearTimeout(timer)
          waiting.delete(finish)
          resolve()
        }
        const timer = setTimeout(finish, Math.max(1, ms))
        waiting.add(finish)
      })
    },
    announce(shard, signal) {
      hint(shard, signal)
      onAnnounce(shard, signal)
    },
    hint,
    wake(shard) {
      hint(shard, 'events')
      hint(shard, 'deliveries')
    },
    stop() {
      stopped = true
      for (const waiting of waiters.values()) for (const resolve of waiting) resolve()
    },
    stopped: () => stopped,
  }
}
