/** Time zones by their names, as `TimeZoneSidKey` of a user holds them. */

const QUARTER_HOUR = 15 * 60_000
/** Most offsets that are remembered: every quarter of an hour in two years, some times over. */
const REMEMBERED = 300_000

const formats = new Map<string, Intl.DateTimeFormat>()
const offsets = new Map<string, number>()

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(zone, made)
  return made
}

export function isZone(zone: string): boolean {
  try {
    formatOf(zone)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** What a clock in the zone shows at an instant, minus UTC, in milliseconds. */
export function offsetAt(zone: string, instant: number): number {
  if (zone === 'GMT' || zone === 'UTC') return 0
  // Zones change their offset at full quarters of an hour only.
  const quarter = Math.floor(instant / QUARTER_HOUR)
  const key = `${zone} ${quarter}`
  const known = offsets.get(key)
  if (known !== undefined) return known
  const parts: Record<string, number> = {}
  for (const { type, value } of formatOf(zone).formatToParts(quarter * QUARTER_HOUR)) {
    parts[type] = Number(value)
  }
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  const offset = Date.UTC(year, month - 1, day, hour, minute, second) - quarter * QUARTER_HOUR
  if (offsets.size >= REMEMBERED) offsets.clear()
  offsets.set(key, offset)
  return offset
}

/** The day that a calendar in the zone shows, `YYYY-MM-DD`. */
export function localDay(zone: string, instant: number): string {
  return new Date(instant + offsetAt(zone, instant)).toISOString().slice(0, 10)
}

const DAY = 24 * 3_600_000

/** The first instant of a day in the zone. Clocks may jump over midnight, or strike it twice. */
export function dayStart(zone: string, day: string): number {
  const wall = Date.parse(`${day}T00:00:00.000Z`)
  const starts = [wall - DAY, wall + DAY]
    .map((around) => wall - offsetAt(zone, around))
    .filter((start) => localDay(zone, start) >= day)
  return Math.min(...starts)
}
