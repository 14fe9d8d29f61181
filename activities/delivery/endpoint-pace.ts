/** Deliveries that an endpoint gets at once before it has answered any. */
const FIRST_AT_ONCE = 2
/** An attempt that takes longer makes its endpoint a slow one, in milliseconds. */
const SLOW_MS = 1_000
/** A rate allows so many seconds' worth at once, and at least one. */
const BURST_SECONDS = 1
/** Endpoints that are remembered; who is forgotten begins again with few at once. */
const MOST_REMEMBERED = 20_000

export interface EndpointLimits {
  readonly concurrency: number
  readonly ratePerSecond: number | null
}

interface Endpoint {
  /** When each attempt under way began, oldest first. */
  readonly underWay: Map<string, number>
  atOnce: number
  limits: EndpointLimits
  tokens: number
  refilledAt: number
}

export type EndpointPace = ReturnType<typeof createEndpointPace>

/**
 * How much each endpoint gets at once. It begins with two, gets one more with each success up to its limit, and half
 * with each failure; a rate is a bucket of tokens. One whose answers take long is slow, until none is under way.
 * Held in memory: a shard's deliveries go through one process at a time.
 */
export function createEndpointPace(clock: () => number = () => performance.now()) {
  const endpoints = new Map<string, Endpoint>()

  function endpointOf(id: string, limits: EndpointLimits): Endpoint {
    const known = endpoints.get(id)
    if (known !== undefined) {
      known.limits = limits
      return known
    }
    const made: Endpoint = {
      underWay: new Map(),
      atOnce: Math.min(FIRST_AT_ONCE, limits.concurrency),
      limits,
      tokens: burstOf(limits),
      refilledAt: clock(),
    }
    if (endpoints.size >= MOST_REMEMBERED) forgetIdle()
    endpoints.set(id, made)
    return made
  }

  function forgetIdle(): void {
    for (const [id, endpoint] of endpoints) if (endpoint.underWay.size === 0) endpoints.delete(id)
  }

  function refill(endpoint: Endpoint): void {
    const { ratePerSecond } = endpoint.limits
    if (ratePerSecond === null) return
    const now = clock()
    const grown = endpoint.tokens + ((now - endpoint.refilledAt) / 1_000) * ratePerSecond
    endpoint.tokens = Math.min(burstOf(endpoint.limits), grown)
    endpoint.refilledAt = now
  }

  const isSlow = (endpoint: Endpoint, now: number) => {
    const [oldest] = endpoint.underWay.values()
    return oldest !== undefined && now - oldest > SLOW_MS
  }

  return {
    firstAtOnce: FIRST_AT_ONCE,

    /** Endpoints that take another number than {@link firstAtOnce}, and those that turned out slow. */
    caps(): {
      readonly caps: Readonly<Record<string, number>>
      readonly slowNow: readonly string[]
      /** Attempts under way that are not of slow endpoints, and those that are. */
      readonly fast: number
      readonly slow: number
    } {
      const caps: Record<string, number> = {}
      const slowNow: string[] = []
      let fast = 0
      let slow = 0
      const now = clock()
      for (const [id, endpoint] of endpoints) {
        refill(endpoint)
        const slowly = isSlow(endpoint, now)
        if (slowly) {
          slowNow.push(id)
          slow += endpoint.underWay.size
        } else fast += endpoint.underWay.size
        const room = (slowly ? 1 : endpoint.atOnce) - endpoint.underWay.size
        const paced =
          endpoint.limits.ratePerSecond === null
            ? room
            : Math.min(room, Math.floor(endpoint.tokens))
        const cap = Math.max(0, paced)
        if (cap !== FIRST_AT_ONCE) caps[id] = cap
      }
      return { caps, slowNow, fast, slow }
    },

    /** Milliseconds until a bucket that is empty holds a token again; null where none is empty. */
    nextToken(): number | null {
      let soonest: number | null = null
      for (const { limits, tokens } of endpoints.values()) {
        if (limits.ratePerSecond === null || tokens >= 1) continue
        const wait = ((1 - tokens) / limits.ratePerSecond) * 1_000
        if (soonest === null || wait < soonest) soonest = wait
      }
      return soonest
    },

    begin(id: string, attempt: string, limits: EndpointLimits): void {
      const endpoint = endpointOf(id, limits)
      refill(endpoint)
      endpoint.underWay.set(attempt, clock())
      endpoint.tokens -= 1
    },

    end(id: string, attempt: string, succeeded: boolean): void {
      const endpoint = endpoints.get(id)
      if (endpoint === undefined) return
      endpoint.underWay.delete(attempt)
      endpoint.atOnce = succeeded
        ? Math.min(endpoint.limits.concurrency, endpoint.atOnce + 1)
        : Math.max(1, Math.floor(endpoint.atOnce / 2))
      const usual = endpoint.atOnce <= FIRST_AT_ONCE && endpoint.limits.ratePerSecond === null
      if (endpoint.underWay.size === 0 && usual) endpoints.delete(id)
    },
  }
}

function burstOf({ ratePerSecond }: EndpointLimits): number {
  return Math.max(1, (ratePerSecond ?? 0) * BURST_SECONDS)
}
