export interface CanonicalSenders {
  /** Whether the connection signs another form than it sends, and may have long ones tried for a suspect address. */
  isExempt(connectionId: string): boolean
  noteRight(connectionId: string): void
  /** One more that was tried by exemption, and was wrong. */
  noteWrong(connectionId: string): void
}

export interface CanonicalBounds {
  readonly rememberedMs: number
  /** Wrong ones that are tried by exemption in a window. */
  readonly wrong: number
  readonly windowMs: number
  readonly connections: number
}

const BOUNDS: CanonicalBounds = {
  ...{ rememberedMs: 86_400_000, wrong: 100, windowMs: 60_000, connections: 5_000 },
}

/**
 * Remembers who signs a canonical form. Orgs share the addresses of Salesforce: where one of them sends wrong signatures,
 * the long webhooks of another are right all the same. What is tried for it and wrong is bounded, or whoever knows such a
 * connection could make the API write long bodies anew without end.
 */
export function createCanonicalSenders(bounds = BOUNDS): CanonicalSenders {
  const senders = new Map<string, { until: number; wrong: number; windowEnds: number }>()

  return {
    isExempt(connectionId) {
      const sender = senders.get(connectionId)
      const now = performance.now()
      if (sender === undefined || sender.until <= now) return false
      return sender.wrong < bounds.wrong || sender.windowEnds <= now
    },
    noteRight(connectionId) {
      const sender = senders.get(connectionId) ?? { until: 0, wrong: 0, windowEnds: 0 }
      sender.until = performance.now() + bounds.rememberedMs
      // The latest at the end: those that send no more go first.
      senders.delete(connectionId)
      senders.set(connectionId, sender)
      const [oldest] = senders.keys()
      if (senders.size > bounds.connections && oldest !== undefined) senders.delete(oldest)
    },
    noteWrong(connectionId) {
      const sender = senders.get(connectionId)
      if (sender === undefined) return
      const now = performance.now()
      if (sender.windowEnds <= now)
        Object.assign(sender, { wrong: 0, windowEnds: now + bounds.windowMs })
      sender.wrong += 1
    },
  }
}
