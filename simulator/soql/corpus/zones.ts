/**
 * Time zones as plain arithmetic, so that the expected answers do not rest on the same tables as the
 * engine's. Valid for the years 2007 to 2030.
 */

export const ZONES = ['GMT', 'America/Los_Angeles', 'Asia/Kolkata', 'Australia/Sydney'] as const
export type Zone = (typeof ZONES)[number]

export const HOUR = 3_600_000
export const DAY = 24 * HOUR

/** Midnight of the first Sunday at or after this day of a month, in UTC. */
function sundayFrom(year: number, month: number, day: number): number {
  const at = Date.UTC(year, month, day)
  return at + ((7 - new Date(at).getUTCDay()) % 7) * DAY
}

/** Daylight time is from the second Sunday of March, 2:00, to the first Sunday of November, 2:00. */
function losAngelesOffset(instant: number): number {
  const year = new Date(instant).getUTCFullYear()
  const begins = sundayFrom(year, 2, 8) + 10 * HOUR
  const ends = sundayFrom(year, 10, 1) + 9 * HOUR
  return (instant >= begins && instant < ends ? -7 : -8) * HOUR
}

/** Daylight time is from the first Sunday of October, 2:00, to the first Sunday of April, 3:00. */
function sydneyOffset(instant: number): number {
  const year = new Date(instant).getUTCFullYear()
  const ends = sundayFrom(year, 3, 1) - 8 * HOUR
  const begins = sundayFrom(year, 9, 1) - 8 * HOUR
  return (instant >= ends && instant < begins ? 10 : 11) * HOUR
}

/** What local clocks are ahead of UTC at this instant. */
function offset(zone: Zone, instant: number): number {
  switch (zone) {
    case 'GMT':
      return 0
    case 'America/Los_Angeles':
      return losAngelesOffset(instant)
    case 'Asia/Kolkata':
      return 5.5 * HOUR
    case 'Australia/Sydney':
      return sydneyOffset(instant)
  }
}

/** The local clock's face at this instant, as a date whose UTC parts are the local ones. */
export function localClock(zone: Zone, instant: number): Date {
  return new Date(instant + offset(zone, instant))
}

/** Days since 1970 of the local calendar at this instant. */
export function localDay(zone: Zone, instant: number): number {
  return Math.floor((instant + offset(zone, instant)) / DAY)
}

/** The instant at which a local day begins. */
export function startOfDay(zone: Zone, day: number): number {
  const naive = day * DAY
  // No zone here changes its clock at midnight, so the offset of a nearby guess is settled in two steps.
  const guess = naive - offset(zone, naive)
  return naive - offset(zone, guess)
}

/** `2024-02-29` of a day number. */
export function dayText(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10)
}

/** The day number of `2024-02-29`. */
export function dayNumber(text: string): number {
  return Date.parse(`${text}T00:00:00Z`) / DAY
}
