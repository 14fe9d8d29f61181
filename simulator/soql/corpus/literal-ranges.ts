import { DAY, localDay, type Zone } from './zones.ts'

/** The days that a relative date literal names, as day numbers: from `from` up to, but not, `to`. */
export interface DayRange {
  readonly from: number
  readonly to: number
}

type Unit = 'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR'

/** The first day of the unit that is `steps` units after the one that holds this day. */
function startOf(unit: Unit, day: number, steps: number): number {
  const date = new Date(day * DAY)
  const year = date.getUTCFullYear()
  const month = date.getUTCMonth()
  switch (unit) {
    case 'DAY':
      return day + steps
    case 'WEEK':
      // Weeks begin on Sunday in the locale en_US.
      return day - date.getUTCDay() + 7 * steps
    case 'MONTH':
      return Date.UTC(year, month + steps, 1) / DAY
    case 'QUARTER':
      return Date.UTC(year, 3 * (Math.floor(month / 3) + steps), 1) / DAY
    case 'YEAR':
      return Date.UTC(year + steps, 0, 1) / DAY
  }
}

/** Units from `first` to `last`, both included, counted from the one that holds today. */
interface UnitSpan {
  readonly unit: Unit
  readonly first: number
  readonly last: number
}

/** The literals that take no number, and what they mean. Fiscal years are calendar years by default. */
const NAMED: Readonly<Record<string, UnitSpan>> = {
  YESTERDAY: { unit: 'DAY', first: -1, last: -1 },
  TODAY: { unit: 'DAY', first: 0, last: 0 },
  TOMORROW: { unit: 'DAY', first: 1, last: 1 },
  LAST_90_DAYS: { unit: 'DAY', first: -90, last: 0 },
  NEXT_90_DAYS: { unit: 'DAY', first: 1, last: 90 },
  ...named('WEEK', 'WEEK'),
  ...named('MONTH', 'MONTH'),
  ...named('QUARTER', 'QUARTER'),
  ...named('YEAR', 'YEAR'),
  ...named('FISCAL_QUARTER', 'QUARTER'),
  ...named('FISCAL_YEAR', 'YEAR'),
}

function named(name: string, unit: Unit): Record<string, UnitSpan> {
  return {
    [`LAST_${name}`]: { unit, first: -1, last: -1 },
    [`THIS_${name}`]: { unit, first: 0, last: 0 },
    [`NEXT_${name}`]: { unit, first: 1, last: 1 },
  }
}

const COUNTED: readonly (readonly [string, Unit, number])[] = [
  ['DAYS', 'DAY', 7],
  ['WEEKS', 'WEEK', 2],
  ['MONTHS', 'MONTH', 3],
  ['QUARTERS', 'QUARTER', 2],
  ['YEARS', 'YEAR', 2],
  ['FISCAL_QUARTERS', 'QUARTER', 3],
  ['FISCAL_YEARS', 'YEAR', 1],
]

/** The literals with a number: only `LAST_N_DAYS` includes what is now. */
const SPANS: Readonly<Record<string, UnitSpan>> = Object.fromEntries([
  ...Object.entries(NAMED),
  ...COUNTED.flatMap(([name, unit, n]): (readonly [string, UnitSpan])[] => [
    [`LAST_N_${name}:${n}`, { unit, first: -n, last: unit === 'DAY' ? 0 : -1 }],
    [`NEXT_N_${name}:${n}`, { unit, first: 1, last: n }],
    [`N_${name}_AGO:${n}`, { unit, first: -n, last: -n }],
  ]),
  ['LAST_N_DAYS:1', { unit: 'DAY', first: -1, last: 0 }],
])

/** Every family of relative date literals. */
export const LITERALS: readonly string[] = Object.keys(SPANS)

/** What a literal means at this instant for a user in this zone. */
export function rangeOf(literal: string, now: number, zone: Zone): DayRange {
  const span = SPANS[literal]
  if (span === undefined) throw new Error(`no meaning is known for ${literal}`)
  const today = localDay(zone, now)
  return {
    from: startOf(span.unit, today, span.first),
    to: startOf(span.unit, today, span.last + 1),
  }
}
