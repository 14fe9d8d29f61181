/** Deliveries that an endpoint gets at once before it has answered any. */
const FIRST_AT_ONCE = 2
/** An attempt that takes longer makes its endpoint a slow one, in milliseconds. */
const SLOW_MS = 1_000
/** A rate allows so many seconds' worth at once, and at least one. */
const BURST_SECONDS = 1
/** As many are claimed ahead of their turn as leave within so many milliseconds, if the endpoint goes on as it does. */
const AHEAD_MS = 50
const MOST_AHEAD = 64
const MOST_WAITING = 400
/** Longer than this nothing waits for its turn here: another process, or a later claim, may be quicker. */
const TURN_MS = 1_000
/** Of the mean of answer times, what the last answer counts for. */
const LAST_ANSWER_WEIGHT = 0.2
/** Endpoints that are remembered; who is forgotten begins again with few at once. */
const MOST_REMEMBERED = 20_000

export interface EndpointLimits {
  readonly concurrency: number
  readonly ratePerSecond: number | null
}

interface Endpoint {
  /** When each attempt under way began, oldest first. */
  readonly underWay: Map<string, number>
  /** Claimed, and waiting for one of those under way to end. */
  readonly waiting: Set<(goes: boolean) => void>
  atOnce: number
  /** Mean time of answers, in milliseconds; infinite before the first, and after a failure. */
  answerMs: number
  limits: EndpointLimits
  tokens: number
  refilledAt: number
}

export type EndpointPace = ReturnType<typeof createEndpointPace>

/**
 * How much each endpoint gets at once. It begins with two, gets one more with each success up to its limit, and half
 * with each failure; a rate is a bucket of tokens. One that answers quickly has some more waiting here for their turn; one
 * whose answers take long is slow, until none is under way. Held in memory: a shard's deliveries go through one process
 * at a time.
 */
export function createEndpointPace(clock: () => number = () => performance.now()) {
  const endpoints = new Map<string, Endpoint>()
  let waitingInAll = 0

  function endpointOf(id: string, limits: EndpointLimits): Endpoint {
    const known = endpoints.get(id)
    if (known !== undefined) {
      known.limits = limits
      return known
    }
    const made: Endpoint = {
      underWay: new Map(),
      waiting: new Set(),
      answerMs: Number.POSITIVE_INFINITY,
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
    for (const [id, endpoint] of endpoints) if (isIdle(endpoint)) endpoints.delete(id)
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

  /** Claims cost the same for many as for few: what an endpoint works off in no time is claimed ahead, in large lots. */
  function aheadOf({ atOnce, answerMs, limits }: Endpoint): number {
    if (limits.ratePerSecond !== null || atOnce < limits.concurrency) return 0
    if (waitingInAll >= MOST_WAITING) return 0
    return Math.min(MOST_AHEAD, Math.floor((atOnce * AHEAD_MS) / Math.max(1, answerMs)))
  }

  function capOf(endpoint: Endpoint, now: number): number {
    const { underWay, waiting, atOnce, limits, tokens } = endpoint
    const slowly = isSlow(endpoint, now)
    const ahead = slowly ? 0 : aheadOf(endpoint)
    if (waiting.size > ahead / 2) return 0
    const room = (slowly ? 1 : atOnce) + ahead - underWay.size - waiting.size
    const paced = limits.ratePerSecond === null ? room : Math.min(room, Math.floor(tokens))
    return Math.max(0, paced)
  }

  function begin(endpoint: Endpoint, attempt: string): void {
    refill(endpoint)
    endpoint.underWay.set(attempt, clock())
    endpoint.tokens -= 1
  }

  return {
    firstAtOnce: FIRST_AT_ONCE,

    /** Endpoints that take another number than {@link firstAtOnce}, and those that turned out slow. */
    caps(): {
      readonly caps: Readonly<Record<string, number>>
      /** Attempts under way, or waiting here for their turn. */
      readonly busy: Readonly<Record<string, number>>
      readonly slowNow: readonly string[]
      /** Attempts under way that are not of slow endpoints, and those that are. */
      readonly fast: number
      readonly slow: number
    } {
      const caps: Record<string, number> = {}
      const busy: Record<string, number> = {}
      const slowNow: string[] = []
      let fast = 0
      let slow = 0
      const now = clock()
      for (const [id, endpoint] of endpoints) {
        refill(endpoint)
        if (isSlow(endpoint, now)) {
          slowNow.push(id)
          slow += endpoint.underWay.size
        } else fast += endpoint.underWay.size
        const has = endpoint.underWay.size + endpoint.waiting.size
        if (has > 0) busy[id] = has
        const cap = capOf(endpoint, now)
        if (cap !== FIRST_AT_ONCE) caps[id] = cap
      }
      return { caps, busy, slowNow, fast, slow }
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

    /** Whether an endpoint may be sent more than it has. */
    wants(id: string): boolean {
      const endpoint = endpoints.get(id)
      return endpoint === undefined || capOf(endpoint, clock()) > 0
    },

    /**
     * Begins an attempt, or waits until one of those under way has ended. False where it is not to be made now: the
     * endpoint has failed meanwhile, or takes too long.
     */
    begin(id: string, attempt: string, limits: EndpointLimits): boolean | Promise<boolean> {
      const endpoint = endpointOf(id, limits)
      if (endpoint.underWay.size < endpoint.atOnce) {
        begin(endpoint, attempt)
        return true
      }
      return new Promise((resolve) => {
        const settle = (goes: boolean) => {
          clearTimeout(timer)
          endpoint.waiting.delete(settle)
          waitingInAll -= 1
          if (goes) begin(endpoint, attempt)
          resolve(goes)
        }
        const timer = setTimeout(settle, TURN_MS, false)
        endpoint.waiting.add(settle)
        waitingInAll += 1
      })
    },

    end(id: string, attempt: string, succeeded: boolean): void {
      const endpoint = endpoints.get(id)
      if (endpoint === undefined) return
      const took = clock() - (endpoint.underWay.get(attempt) ?? clock())
      endpoint.underWay.delete(attempt)
      const { answerMs, limits, waiting } = endpoint
      if (succeeded) {
        endpoint.atOnce = Math.min(limits.concurrency, endpoint.atOnce + 1)
        endpoint.answerMs = Number.isFinite(answerMs)
          ? answerMs + LAST_ANSWER_WEIGHT * (took - answerMs)
          : took
      } else {
        endpoint.atOnce = Math.max(1, Math.floor(endpoint.atOnce / 2))
        endpoint.answerMs = Number.POSITIVE_INFINITY
      }
      for (const settle of waiting) {
        if (!succeeded) settle(false)
        else if (endpoint.underWay.size < endpoint.atOnce) settle(true)
        else break
      }
      const usual = endpoint.atOnce <= FIRST_AT_ONCE && limits.ratePerSecond === null
      if (isIdle(endpoint) && usual) endpoints.delete(id)
    },
  }
}

function isIdle({ underWay, waiting }: Endpoint): boolean {
  return underWay.size === 0 && waiting.size === 0
}

function burstOf({ ratePerSecond }: EndpointLimits): number {
  return Math.max(1, (ratePerSecond ?? 0) * BURST_SECONDS)
}
