/** Bytes on the connection, headers included; filled in when the call is over. */
export interface WireBytes {
  received: number
  sent: number
}

/** One answered call. */
export interface RecordedCall {
  readonly seq: number
  /** Also in the answer's header `X-SFDC-Request-Id`. */
  readonly requestId: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly name: string
  readonly method: string
  readonly path: string
  readonly query: string
  /** Id of the session's user; `null` where there was no session. */
  readonly user: string | null
  /** 0 where the connection was cut without an answer. */
  readonly status: number
  readonly ms: number
  readonly wire: WireBytes
  /** Types of the faults that worked on the call. */
  readonly faults: readonly string[]
}

export interface CallFilter {
  readonly name?: string | undefined
  readonly method?: string | undefined
  readonly path?: RegExp | undefined
  readonly user?: string | undefined
  readonly status?: number | undefined
  readonly requestId?: string | undefined
  /** Type of a fault that worked on the call. */
  readonly fault?: string | undefined
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
    find: (filter, limit) => calls.filter((call) => fits(filter, call)).slice(-limit),
    counts: () => Object.fromEntries(counts),
    clear() {
      calls = []
      counts.clear()
    },
  }
}

function fits(filter: CallFilter, call: RecordedCall): boolean {
  return (
    (filter.name === undefined || call.name === filter.name) &&
    (filter.method === undefined || call.method === filter.method) &&
    (filter.path === undefined || filter.path.test(call.path)) &&
    (filter.user === undefined || call.user === filter.user) &&
    (filter.status === undefined || call.status === filter.status) &&
    (filter.requestId === undefined || call.requestId === filter.requestId) &&
    (filter.fault === undefined || call.faults.includes(filter.fault)) &&
    (filter.since === undefined || call.seq > filter.since)
  )
}
