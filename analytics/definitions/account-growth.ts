import type { AccountRow, DayRange, Figure } from '../../contracts/analytics.ts'
import { dayNumber, dayText, isWithin, monthOf, monthsBetween, periodBy } from '../calendar.ts'
import { countFigure, known, unknown } from '../figure.ts'

/** Accounts that came in a period. */
export interface AccountGrowth {
  readonly created: Figure
  /** created ÷ accounts that were there before the range. */
  readonly rate: Figure
  /** Each month of the range, also those without an account. */
  readonly byMonth: readonly { readonly month: string; readonly created: number }[]
}

/** New accounts of the range. Accounts deleted since are not in the rows, so this is growth before losses. */
export function accountGrowth(accounts: readonly AccountRow[], range: DayRange): AccountGrowth {
  const created = accounts.filter((account) => isWithin(account.createdDate, range))
  const period = periodBy('created', range)
  const { from } = range
  const before =
    from === null
      ? 0
      : accounts.filter((account) => dayNumber(account.createdDate) < dayNumber(from)).length
  const subject = { basis: 'count', period, n: created.length } as const
  return {
    created: countFigure(created.length, period),
    rate:
      before === 0 ? unknown(subject, 'zero_baseline') : known(subject, created.length / before),
    byMonth: monthlyCounts(
      created.map((account) => account.createdDate),
      range,
    ),
  }
}

/** Rows a month; the months are those of the range, or of the rows where it is open. */
export function monthlyCounts(
  dates: readonly string[],
  range: DayRange,
): { readonly month: string; readonly created: number }[] {
  const days = dates.map(dayNumber).filter((day) => !Number.isNaN(day))
  const first = range.from ?? edge(days, Math.min)
  const last = range.to ?? edge(days, Math.max)
  if (first === null || last === null) return []
  const counts = Map.groupBy(days, (day) => monthOf(dayText(day)))
  return monthsBetween(monthOf(first), monthOf(last)).map((month) => ({
    month,
    created: counts.get(month)?.length ?? 0,
  }))
}

function edge(days: readonly number[], pick: (a: number, b: number) => number): string | null {
  const [first] = days
  return first === undefined ? null : dayText(days.reduce((a, b) => pick(a, b), first))
}
