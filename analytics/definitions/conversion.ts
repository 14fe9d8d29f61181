import type { DayRange, Figure, OpportunityRow } from '../../contracts/analytics.ts'
import { isWithin, periodBy } from '../calendar.ts'
import { shareFigure } from '../figure.ts'
import { livingDeals } from './win-rate.ts'

/** What became of the deals created in a period. The three shares add up to one. */
export interface CohortConversion {
  readonly won: Figure
  readonly lost: Figure
  readonly open: Figure
}

/**
 * Deals created in the range by what they are now. Not the win rate: deals still open count, so a young cohort
 * converts little, and `open` says how much of it is undecided.
 */
export function cohortConversion(
  deals: readonly OpportunityRow[],
  range: DayRange,
): CohortConversion {
  const cohort = livingDeals(deals).filter((deal) => isWithin(deal.createdDate, range))
  const share = (matches: (deal: OpportunityRow) => boolean) =>
    shareFigure(cohort.filter(matches).length, cohort.length, periodBy('created', range), 'no_data')
  return {
    won: share((deal) => deal.isClosed && deal.isWon),
    lost: share((deal) => deal.isClosed && !deal.isWon),
    open: share((deal) => !deal.isClosed),
  }
}
