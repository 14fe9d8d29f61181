import type { CurrencyRates, DayRange, Figure, OpportunityRow } from '../../contracts/analytics.ts'
import { periodBy } from '../calendar.ts'
import { known, unknown } from '../figure.ts'
import { hasAmount, moneyFigure } from '../money.ts'
import { cycleLength } from './cycle-length.ts'
import { openDeals } from './pipeline.ts'
import { winRate, wonIn } from './win-rate.ts'

const ANY_DAY: DayRange = { from: null, to: null }

/**
 * Amount that the pipeline brings a day: open deals × average amount won × win rate ÷ mean cycle length. The last
 * three are those of the range; the open deals are those of now, whenever they are due.
 */
export function salesVelocity(
  deals: readonly OpportunityRow[],
  range: DayRange,
  rates: CurrencyRates | null,
): Figure {
  const open = openDeals(deals, ANY_DAY).length
  const period = periodBy('closed', range)
  const rate = winRate(deals, range, rates).byCount
  const won = wonIn(deals, range)
  const sum = moneyFigure(won, period, rates)
  const cycle = cycleLength(deals, range).mean
  const subject = { basis: 'amount', period, n: rate.n, currency: sum.currency } as const
  if (rate.value === null) return unknown(subject, rate.reason)
  if (won.length === 0) return unknown(subject, 'no_won_deals')
  if (sum.value === null) return unknown(subject, sum.reason)
  if (cycle.value === null) return unknown(subject, cycle.reason)
  if (cycle.value <= 0) return unknown(subject, 'zero_baseline')
  const average = sum.value / won.filter(hasAmount).length
  return known(subject, (open * average * rate.value) / cycle.value)
}
