import type {
  CurrencyRates,
  DayRange,
  Figure,
  MoneyFigure,
  OpportunityRow,
} from '../../contracts/analytics.ts'
import { isWithin, periodBy } from '../calendar.ts'
import { known, unknown } from '../figure.ts'
import { type Money, moneyFigure } from '../money.ts'
import { livingDeals, wonIn } from './win-rate.ts'

/** The amount that is to be won in a period. */
export interface Quota {
  readonly amount: number
  readonly currencyIsoCode: string | null
}

/** Deals that are open and due in the range. */
export function openDeals(deals: readonly OpportunityRow[], due: DayRange): OpportunityRow[] {
  return livingDeals(deals).filter((deal) => !deal.isClosed && isWithin(deal.closeDate, due))
}

/** Sum of the amounts of open deals due in the range. */
export function openPipeline(
  deals: readonly OpportunityRow[],
  due: DayRange,
  rates: CurrencyRates | null,
): MoneyFigure {
  return moneyFigure(openDeals(deals, due), periodBy('closed', due), rates)
}

/**
 * Sum of what open deals are expected to bring: Salesforce's `ExpectedRevenue`, else amount × probability. A deal
 * with neither counts as one without an amount.
 */
export function weightedPipeline(
  deals: readonly OpportunityRow[],
  due: DayRange,
  rates: CurrencyRates | null,
): MoneyFigure {
  const weighted = openDeals(deals, due).map((deal) => ({
    amount: expectedAmount(deal),
    currencyIsoCode: deal.currencyIsoCode,
  }))
  return moneyFigure(weighted, periodBy('closed', due), rates)
}

function expectedAmount(deal: OpportunityRow): Money['amount'] {
  if (deal.expectedRevenue !== null) return deal.expectedRevenue
  if (deal.amount === null || deal.probability === null) return null
  return (deal.amount * deal.probability) / 100
}

/** Open pipeline of the range for one unit of the quota that is not yet won in it. */
export function pipelineCoverage(
  deals: readonly OpportunityRow[],
  range: DayRange,
  quota: Quota | null,
  rates: CurrencyRates | null,
): Figure {
  const period = periodBy('closed', range)
  const open = openPipeline(deals, range, rates)
  const subject = { basis: 'amount', period, n: open.n, currency: open.currency } as const
  if (quota === null) return unknown(subject, 'no_quota')
  if (open.value === null) return unknown(subject, open.reason)
  const won = moneyFigure(wonIn(deals, range), period, rates)
  if (won.value === null && won.reason !== 'no_amounts') return unknown(subject, won.reason)
  const target = moneyFigure([quota].map(asMoney), period, rates)
  if (target.value === null) return unknown(subject, target.reason)
  const currencies = new Set([
    target.currency,
    ...[open, won].filter((sum) => sum.n > 0).map((sum) => sum.currency),
  ])
  if (currencies.size > 1) return unknown(subject, 'mixed_currencies')
  const remaining = target.value - (won.value ?? 0)
  if (remaining <= 0) return unknown(subject, 'quota_reached')
  return known({ ...subject, currency: target.currency }, open.value / remaining)
}

function asMoney(quota: Quota): Money {
  return { amount: quota.amount, currencyIsoCode: quota.currencyIsoCode }
}
