import type {
  CurrencyRates,
  DayRange,
  MoneyFigure,
  OpportunityRow,
} from '../../contracts/analytics.ts'
import { cycleLength, type Durations } from './cycle-length.ts'
import { openPipeline } from './pipeline.ts'
import { livingDeals, type WinRate, winRate } from './win-rate.ts'

/** What one owner won (in `winRate`), is about to win, and how. */
export interface OwnerPerformance {
  readonly ownerId: string
  readonly winRate: WinRate
  readonly openPipeline: MoneyFigure
  readonly cycleLength: Durations
}

/**
 * Figures of each owner that has a deal, by owner id: no ranking, because with the few deals of one person the
 * intervals of most overlap. The owner is the one that a deal has now.
 */
export function ownerPerformance(
  deals: readonly OpportunityRow[],
  range: DayRange,
  rates: CurrencyRates | null,
): OwnerPerformance[] {
  const byOwner = Map.groupBy(livingDeals(deals), (deal) => deal.ownerId)
  return [...byOwner]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([ownerId, own]) => ({
      ownerId,
      winRate: winRate(own, range, rates),
      openPipeline: openPipeline(own, { from: null, to: null }, rates),
      cycleLength: cycleLength(own, range),
    }))
}
