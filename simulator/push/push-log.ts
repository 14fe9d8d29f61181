/** How an attempt to push ended. `failed` may be tried again, the last three never are. */
export type PushOutcome = 'delivered' | 'failed' | 'dropped' | 'expired' | 'refused'

/** One attempt to push. */
export interface RecordedPush {
  readonly seq: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly ms: number
  readonly subscription: number
  readonly kind: 'outbound' | 'webhook'
  readonly url: string
  readonly object: string
  readonly recordIds: readonly string[]
  /** Of an outbound message: the ids of its notifications, in the order sent. */
  readonly notificationIds: readonly string[]
  /** 1 for the first. */
  readonly attempt: number
  readonly outcome: PushOutcome
  /** 0 where nothing was sent or nobody answered. */
  readonly status: number
  readonly error: string | null
  /** The beginning of the body sent and of the answer. */
  readonly body: string
  readonly answer: string
  readonly faults: readonly string[]
}

export interface PushFilter {
  readonly subscription?: number | undefined
  readonly outcome?: string | undefined
  readonly recordId?: string | undefined
  /** Pushes after this sequence number. */
  readonly since?: number | undefined
}

/** The latest attempts; older ones are forgotten, but counted by outcome. */
export interface PushLog {
  add(push: Omit<RecordedPush, 'seq'>): void
  find(filter: PushFilter, limit: number): RecordedPush[]
  counts(): Record<string, number>
  clear(): void
}

const KEPT = 2_000
const SHOWN_CHARACTERS = 4_000

export function createPushLog(): PushLog {
  let pushes: RecordedPush[] = []
  let seq = 0
  const counts = new Map<string, number>()
  return {
    add(push) {
      seq += 1
      const body = beginningOf(push.body)
      const answer = beginningOf(push.answer)
      pushes.push({ seq, ...push, body, answer })
      counts.set(push.outcome, (counts.get(push.outcome) ?? 0) + 1)
      if (pushes.length > KEPT * 2) pushes = pushes.slice(-KEPT)
    },
    find({ subscription, outcome, recordId, since }, limit) {
      const found = pushes.filter(
        (push) =>
          (subscription === undefined || push.subscription === subscription) &&
          (outcome === undefined || push.outcome === outcome) &&
          (recordId === undefined || push.recordIds.includes(recordId)) &&
          (since === undefined || push.seq > since),
      )
      return found.slice(-limit)
    },
    counts: () => Object.fromEntries(counts),
    clear() {
      pushes = []
      counts.clear()
    },
  }
}

/** A copy: a mere slice would keep the whole text in memory, and there are thousands of large ones. */
function beginningOf(text: string): string {
  return Buffer.from(text.slice(0, SHOWN_CHARACTERS)).toString()
}
