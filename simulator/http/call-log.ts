/** One answered call. */
export interface RecordedCall {
  readonly seq: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly name: string
  readonly method: string
  readonly path: string
  readonly query: string
  /** 0 where the connection was cut without an answer. */
  readonly status: number
  readonly ms: number
  /** Types of the faults that worked on the call. */
  readonly faults: readonly string[]
}

export interface CallFilter {
  readonly name?: string | undefined
  readonly method?: string | undefined
  readonly path?: RegExp | undefined
  /** Calls after this sequence number. */
  readonly since?: number | undefined
}

/** The latest calls; older ones are forgotten, but counted by name. */
export interface CallLog {
  add(call: Omit<RecordedCall, 'seq'>): void
  find(filter: CallFilter, limit: number): RecordedCall[]
  counts(): Record<string, number>
  clear(): void
}

const KEPT = 10_000

export function createCallLog(): CallLog {
  let calls: RecordedCall[] = []
  let seq = 0
  const counts = new Map<string, number>()
  return {
    add(call) {
      seq += 1
      calls.push({ seq, ...call })
      counts.set(call.name, (counts.get(call.name) ?? 0) + 1)
      if (calls.length > KEPT * 2) calls = calls.slice(-KEPT)
    },
    find(filter, limit) {
      const found = calls.filter(
        (call) =>
          (filter.name === undefined || call.name === filter.name) &&
          (filter.method === undefined || call.method === filter.method) &&
          (filter.path === undefined || filter.path.test(call.path)) &&
          (filter.since === undefined || call.seq > filter.since),
      )
      return found.slice(-limit)
    },
    counts: () => Object.fromEntries(counts),
    clear() {
      calls = []
      counts.clear()
    },
  }
}
