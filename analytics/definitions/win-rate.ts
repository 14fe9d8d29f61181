import type {
  CurrencyRates,
  DayRange,
  Figure,
  MoneyFigure,
  OpportunityRow,
} from '../../contracts/analytics.ts'
import { isWithin, periodBy } from '../calendar.ts'
import { known, shareFigure, unknown } from '../figure.ts'
import { fromUnits, hasAmount, moneyFigure, oneCurrency } from '../money.ts'

/** Share of closed deals that were won, counted and by amount. */
export interface WinRate {
  readonly byCount: Figure
  readonly byAmount: Figure
  /** What the share by amount is made of; each currency by itself where they cannot be added. */
  readonly wonAmount: MoneyFigure
  readonly closedAmount: MoneyFigure
  readonly won: number
  readonly lost: number
}

/** Deals that count: deleted ones do not. */
export function livingDeals(deals: readonly OpportunityRow[]): OpportunityRow[] {
  return deals.filter((deal) => !deal.isDeleted)
}

/** Deals with a close date in the range that are closed. */
export function closedIn(deals: readonly OpportunityRow[], range: DayRange): OpportunityRow[] {
  return livingDeals(deals).filter((deal) => deal.isClosed && isWithin(deal.closeDate, range))
}

/** Deals won in the range. */
export function wonIn(deals: readonly OpportunityRow[], range: DayRange): OpportunityRow[] {
  return closedIn(deals, range).filter((deal) => deal.isWon)
}

/** won / (won + lost) of the deals closed in the range. */
export function winRate(
  deals: readonly OpportunityRow[],
  range: DayRange,
  rates: CurrencyRates | null,
): WinRate {
  const closed = closedIn(deals, range)
  const won = closed.filter((deal) => deal.isWon)
  const period = periodBy('closed', range)
  return {
    byCount: shareFigure(won.length, closed.length, period, 'no_closed_deals'),
    byAmount: amountShare(closed, range, rates),
    wonAmount: moneyFigure(won, period, rates),
    closedAmount: moneyFigure(closed, period, rates),
    won: won.length,
    lost: closed.length - won.length,
  }
}

/**
 * Amount won of the amount closed. It has no interval: amounts of deals differ by orders of magnitude, and none that
 * is short enough to be of use holds its level on a few of them.
 */
function amountShare(
  closed: readonly OpportunityRow[],
  range: DayRange,
  rates: CurrencyRates | null,
): Figure {
  const deals = closed.filter(hasAmount)
  const money = oneCurrency(deals, rates)
  const subject = { basis: 'amount', period: periodBy('closed', range), n: deals.length } as const
  if (closed.length === 0) return unknown(subject, 'no_closed_deals')
  if (deals.length === 0) return unknown(subject, 'no_amounts')
  if ('reason' in money) return unknown(subject, money.reason)
  const inCurrency = { ...subject, currency: money.currency }
  let won = 0n
  let all = 0n
  for (const deal of deals) {
    const units = money.convert(deal)
    if (units === null) return unknown(inCurrency, 'out_of_range')
    if (units < 0n) return unknown(inCurrency, 'negative_amounts')
    all += units
    if (deal.isWon) won += units
  }
  if (all === 0n) return unknown(inCurrency, 'zero_baseline')
  return known(inCurrency, fromUnits(won) / fromUnits(all))
}
