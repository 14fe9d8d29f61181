/** Calls under way, of which an org allows few that last long. */
export interface LongCalls {
  /** Counts a call from now until the result is called. */
  begin(): () => void
  /** How many of the calls under way began longer ago than this. */
  lastingOver(ms: number): number
}

export function createLongCalls(now: () => number): LongCalls {
  const underWay = new Set<{ readonly began: number }>()
  return {
    begin() {
      const call = { began: now() }
      underWay.add(call)
      return () => void underWay.delete(call)
    },
    lastingOver(ms) {
      let count = 0
      for (const { began } of underWay) if (now() - began >= ms) count += 1
      return count
    },
  }
}
