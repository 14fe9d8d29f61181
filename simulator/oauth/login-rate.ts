/** Counts the logins of each user over the last hour. It starts anew with the process. */
export interface LoginRate {
  /** Counts a login; false, uncounted, where the user had as many as allowed. */
  take(userNumber: number, perHour: number): boolean
  clear(): void
}

const HOUR_MS = 3_600_000

export function createLoginRate(now: () => number): LoginRate {
  const logins = new Map<number, number[]>()
  return {
    take(userNumber, perHour) {
      const since = now() - HOUR_MS
      const recent = (logins.get(userNumber) ?? []).filter((at) => at > since)
      const isAllowed = recent.length < perHour
      if (isAllowed) recent.push(now())
      logins.set(userNumber, recent)
      return isAllowed
    },
    clear: () => logins.clear(),
  }
}
