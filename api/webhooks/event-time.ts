const DAY_MS = 86_400_000

/**
 * Whether an event can have happened then: from 1970 on, and no more than a day ahead of the clock here. Postgres refuses
 * years that JavaScript knows, and a webhook that is refused there would come again for ever.
 */
export function isEventTime(time: Date): boolean {
  return time.getTime() >= 0 && time.getTime() <= Date.now() + DAY_MS
}
