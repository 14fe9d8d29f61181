import type {
  DayRange,
  Figure,
  FigurePeriod,
  FigureReason,
  OpportunityRow,
} from '../../contracts/analytics.ts'
import { dayNumber, periodBy } from '../calendar.ts'
import { known, unknown } from '../figure.ts'
import { ascending, meanOf, quantileOf } from '../statistics/quantiles.ts'
import { wonIn } from './win-rate.ts'

/** How long something took, in days. */
export interface Durations {
  readonly median: Figure
  readonly mean: Figure
  readonly p90: Figure
  /** Rows left out because their dates are missing or run backwards. */
  readonly excluded: number
}

/** Median, mean and ninth decile of durations; those that are negative or no number are left out and counted. */
export function durationFigures(
  days: readonly number[],
  period: FigurePeriod,
  none: FigureReason,
): Durations {
  const usable = days.filter((value) => value >= 0 && Number.isFinite(value))
  const subject = { basis: 'days', period, n: usable.length } as const
  const excluded = days.length - usable.length
  if (usable.length === 0) {
    const missing = unknown(subject, excluded > 0 ? 'no_dates' : none)
    return { median: missing, mean: missing, p90: missing, excluded }
  }
  const sorted = ascending(usable)
  return {
    median: known(subject, quantileOf(sorted, 0.5)),
    mean: known(subject, meanOf(usable)),
    p90: known(subject, quantileOf(sorted, 0.9)),
    excluded,
  }
}

/** Whole days from creation to close of the deals won in the range. */
export function cycleLength(deals: readonly OpportunityRow[], range: DayRange): Durations {
  const days = wonIn(deals, range).map(
    (deal) => dayNumber(deal.closeDate) - dayNumber(deal.createdDate),
  )
  return durationFigures(days, periodBy('closed', range), 'no_won_deals')
}
