import type {
  CurrencyRates,
  Figure,
  MoneyFigure,
  OpportunityHistoryRow,
  OpportunityRow,
} from '../../contracts/analytics.ts'
import { asOf, dayNumber } from '../calendar.ts'
import { shareFigure } from '../figure.ts'
import { moneyFigure } from '../money.ts'
import { historyByDeal } from './deal-paths.ts'
import { openDeals } from './pipeline.ts'

/** Open deals that nothing has happened to. */
export interface StalePipeline {
  readonly amount: MoneyFigure
  /** Stale ÷ open deals. */
  readonly share: Figure
  readonly dealIds: readonly string[]
}

/** The day of the last sign of life of a deal: a change of its history, its stage, an activity, or its creation. */
export function lastTouched(
  deal: OpportunityRow,
  history: readonly OpportunityHistoryRow[],
): number {
  const dates = [
    deal.createdDate,
    deal.lastStageChangeDate,
    deal.lastActivityDate,
    history.at(-1)?.createdDate ?? null,
  ]
  return dates
    .map((date) => (date === null ? Number.NaN : dayNumber(date)))
    .filter((day) => !Number.isNaN(day))
    .reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
}

/** Open deals without a sign of life for more than `afterDays`. */
export function stalePipeline(
  deals: readonly OpportunityRow[],
  history: readonly OpportunityHistoryRow[],
  day: string,
  afterDays: number,
  rates: CurrencyRates | null,
): StalePipeline {
  const rows = historyByDeal(history)
  const open = openDeals(deals, { from: null, to: null })
  const stale = open.filter(
    (deal) => dayNumber(day) - lastTouched(deal, rows.get(deal.id) ?? []) > afterDays,
  )
  return {
    amount: moneyFigure(stale, asOf(day), rates),
    share: shareFigure(stale.length, open.length, asOf(day), 'no_open_deals'),
    dealIds: stale.map((deal) => deal.id).sort(),
  }
}
