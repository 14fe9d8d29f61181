import { offsetAt } from './local-time.ts'

/** Functions that take a part of a date, by their names in SOQL. */
export const DATE_FUNCTIONS = [
  'CALENDAR_MONTH',
  'CALENDAR_QUARTER',
  'CALENDAR_YEAR',
  'DAY_IN_MONTH',
  'DAY_IN_WEEK',
  'DAY_IN_YEAR',
  'DAY_ONLY',
  'FISCAL_MONTH',
  'FISCAL_QUARTER',
  'FISCAL_YEAR',
  'HOUR_IN_DAY',
  'WEEK_IN_MONTH',
  'WEEK_IN_YEAR',
] as const
export type DateFunction = (typeof DATE_FUNCTIONS)[number]

export function isDateFunction(name: string): name is DateFunction {
  return DATE_FUNCTIONS.some((known) => known === name)
}

/** How an org counts its fiscal years. */
export interface FiscalYear {
  /** Month in which it begins, 1 for January. */
  readonly start: number
  /** Named after the year in which it begins, and not after the one in which it ends. */
  readonly namedByStart: boolean
}

/**
 * The part of a stored date (`YYYY-MM-DD`), datetime (`YYYY-MM-DDTHH:MM:SS.mmmZ`) or instant in
 * milliseconds, as the zone's clock shows it.
 */
export function datePart(
  name: DateFunction,
  value: string | number,
  zone: string,
  fiscal: FiscalYear,
): string | number {
  const isDay = typeof value === 'string' && value.length === 10
  const instant = typeof value === 'number' ? value : Date.parse(value)
  const local = new Date(isDay ? instant : instant + offsetAt(zone, instant))
  const year = local.getUTCFullYear()
  const month = local.getUTCMonth() + 1
  const day = local.getUTCDate()
  const dayOfYear = (): number =>
    (Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 1)) / 864e5 + 1
  const fiscalMonth = ((month - fiscal.start + 12) % 12) + 1
  switch (name) {
    case 'CALENDAR_MONTH':
      return month
    case 'CALENDAR_QUARTER':
      return Math.ceil(month / 3)
    case 'CALENDAR_YEAR':
      return year
    case 'DAY_IN_MONTH':
      return day
    case 'DAY_IN_WEEK':
      return local.getUTCDay() + 1
    case 'DAY_IN_YEAR':
      return dayOfYear()
    case 'DAY_ONLY':
      return local.toISOString().slice(0, 10)
    case 'FISCAL_MONTH':
      return fiscalMonth
    case 'FISCAL_QUARTER':
      return Math.ceil(fiscalMonth / 3)
    case 'FISCAL_YEAR': {
      if (fiscal.start === 1) return year
      const begun = month >= fiscal.start ? year : year - 1
      return fiscal.namedByStart ? begun : begun + 1
    }
    case 'HOUR_IN_DAY':
      return local.getUTCHours()
    case 'WEEK_IN_MONTH':
      return Math.ceil(day / 7)
    case 'WEEK_IN_YEAR':
      return Math.ceil(dayOfYear() / 7)
  }
}
