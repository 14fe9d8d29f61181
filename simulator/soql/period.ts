/** Days from `start` up to, but without, `end`; `YYYY-MM-DD`. */
export interface DayRange {
  readonly start: string
  readonly end: string
}

/** What relative dates depend on. */
export interface Calendar {
  /** `YYYY-MM-DD` in the user's time zone. */
  readonly today: string
  /** 0 for Sunday. */
  readonly firstWeekday: number
  /** Month in which the fiscal year begins, 1 for January. */
  readonly fiscalYearStart: number
}

/** The org's calendar. */
const FIRST_DAY = Date.UTC(1700, 0, 1)
const LAST_DAY = Date.UTC(4000, 11, 31)

type Unit = 'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR' | 'FISCAL_QUARTER' | 'FISCAL_YEAR'

const UNIT = 'DAY|WEEK|MONTH|QUARTER|YEAR|FISCAL_QUARTER|FISCAL_YEAR'
const PLAIN = new RegExp(`^(LAST|THIS|NEXT)_(${UNIT})$`)
const COUNTED = new RegExp(`^(LAST|NEXT)_N_(${UNIT})S$`)
const AGO = new RegExp(`^N_(${UNIT})S_AGO$`)
const DAYS: Readonly<Record<string, readonly [first: number, last: number]>> = {
  YESTERDAY: [-1, -1],
  TODAY: [0, 0],
  TOMORROW: [1, 1],
  LAST_90_DAYS: [-90, 0],
  NEXT_90_DAYS: [1, 90],
}

/** Whether a word is a relative date, with or without a number behind it. */
export function isPeriodName(name: string, counted: boolean): boolean {
  if (counted) return COUNTED.test(name) || AGO.test(name)
  const plain = PLAIN.exec(name)
  return DAYS[name] !== undefined || (plain !== null && plain[2] !== 'DAY')
}

/** The days that a relative date means: each is a range, of the user's calendar. */
export function periodDays(name: string, count: number | null, calendar: Calendar): DayRange {
  const days = DAYS[name]
  if (days !== undefined) return units('DAY', days[0], days[1], calendar)
  const n = count ?? 0
  const [, direction, plain] = PLAIN.exec(name) ?? []
  if (plain !== undefined) {
    const place = direction === 'LAST' ? -1 : direction === 'NEXT' ? 1 : 0
    return units(unitOf(plain), place, place, calendar)
  }
  const [, way, counted] = COUNTED.exec(name) ?? []
  if (counted !== undefined) {
    const unit = unitOf(counted)
    if (way === 'NEXT') return units(unit, 1, n, calendar)
    // Of all of them only days include the running one.
    return units(unit, -n, unit === 'DAY' ? 0 : -1, calendar)
  }
  const ago = AGO.exec(name)?.[1]
  if (ago === undefined) throw new Error(`${name} is no relative date`)
  return units(unitOf(ago), -n, -n, calendar)
}

function unitOf(matched: string): Unit {
  // The patterns match units only.
  return matched as Unit
}

/** From the start of one unit to the end of another, both counted from the running one. */
function units(unit: Unit, first: number, last: number, calendar: Calendar): DayRange {
  const today = new Date(`${calendar.today}T00:00:00.000Z`)
  const start = unitStart(unit, today, calendar)
  const text = (place: number): string => {
    const time = shifted(unit, start, place).getTime()
    // `LAST_N_YEARS:999999` leaves what a Date can hold: the calendar ends before.
    const day = Number.isNaN(time) ? Math.sign(place) * Number.MAX_VALUE : time
    return new Date(Math.min(Math.max(day, FIRST_DAY), LAST_DAY)).toISOString().slice(0, 10)
  }
  return { start: text(first), end: text(last + 1) }
}

function unitStart(unit: Unit, today: Date, calendar: Calendar): Date {
  const year = today.getUTCFullYear()
  const month = today.getUTCMonth()
  const day = today.getUTCDate()
  switch (unit) {
    case 'DAY':
      return today
    case 'WEEK': {
      const since = (today.getUTCDay() - calendar.firstWeekday + 7) % 7
      return new Date(Date.UTC(year, month, day - since))
    }
    case 'MONTH':
      return new Date(Date.UTC(year, month, 1))
    case 'QUARTER':
      return new Date(Date.UTC(year, month - (month % 3), 1))
    case 'YEAR':
      return new Date(Date.UTC(year, 0, 1))
    case 'FISCAL_QUARTER':
    case 'FISCAL_YEAR': {
      const since = (month - (calendar.fiscalYearStart - 1) + 12) % 12
      return new Date(Date.UTC(year, month - (unit === 'FISCAL_YEAR' ? since : since % 3), 1))
    }
  }
}

function shifted(unit: Unit, start: Date, places: number): Date {
  const year = start.getUTCFullYear()
  const month = start.getUTCMonth()
  const day = start.getUTCDate()
  switch (unit) {
    case 'DAY':
      return new Date(Date.UTC(year, month, day + places))
    case 'WEEK':
      return new Date(Date.UTC(year, month, day + places * 7))
    case 'MONTH':
      return new Date(Date.UTC(year, month + places, 1))
    case 'QUARTER':
    case 'FISCAL_QUARTER':
      return new Date(Date.UTC(year, month + places * 3, 1))
    case 'YEAR':
    case 'FISCAL_YEAR':
      return new Date(Date.UTC(year + places, month, 1))
  }
}
