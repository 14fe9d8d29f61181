import type {
  AccountRow,
  CurrencyRates,
  DayRange,
  Figure,
  FigureReason,
  OpportunityRow,
} from '../../contracts/analytics.ts'
import { asOf, dayNumber, dayText } from '../calendar.ts'
import { known, unknown } from '../figure.ts'
import { moneyFigure } from '../money.ts'
import { openDeals } from './pipeline.ts'
import { closedIn, wonIn } from './win-rate.ts'

/**
 * Parts of the score and how much each counts. The weights are a guess until somebody holds them against accounts
 * that were lost; they are part of the answer, so that nobody takes the score for more. What weighs nothing has no
 * source in Salesforce's standard objects and is named so that it is seen to be missing.
 */
export const HEALTH_WEIGHTS = {
  revenue: 0.35,
  engagement: 0.3,
  pipeline: 0.2,
  winRate: 0.15,
  supportTickets: 0,
  productUsage: 0,
  paymentHistory: 0,
} as const
export type HealthComponent = keyof typeof HEALTH_WEIGHTS

const YEAR = 365
/** Days without an activity after which nothing of `engagement` is left. */
const SILENCE_DAYS = 180

/** The health of one account, from 0 to 1. */
export interface AccountHealth {
  readonly accountId: string
  readonly score: Figure
  readonly components: Readonly<Record<HealthComponent, Figure>>
  readonly weights: typeof HEALTH_WEIGHTS
  /** Share of the weights whose component is known. */
  readonly coverage: number
}

/**
 * Weighted mean of the components that are known. `revenue`: amount won in the last 365 days ÷ that of the last 730
 * (0.5: as much as the year before). `engagement`: 1 on the day of the last activity, 0 after 180 days. `pipeline`:
 * share of open deals that are not overdue. `winRate`: share won of the deals closed in the last 365 days.
 */
export function accountHealth(
  account: AccountRow,
  deals: readonly OpportunityRow[],
  day: string,
  rates: CurrencyRates | null,
): AccountHealth {
  const own = deals.filter((deal) => deal.accountId === account.id)
  const none = (reason: FigureReason) =>
    unknown({ basis: 'score', period: asOf(day), n: 0 }, reason)
  const components = {
    revenue: revenue(own, day, rates),
    engagement: engagement(account, own, day),
    pipeline: pipeline(own, day),
    winRate: wins(own, day),
    supportTickets: none('no_source'),
    productUsage: none('no_source'),
    paymentHistory: none('no_source'),
  }
  return { accountId: account.id, components, weights: HEALTH_WEIGHTS, ...weigh(components, day) }
}

/** The health of each account, in the order of the accounts; deals without an account are nobody's. */
export function accountHealths(
  accounts: readonly AccountRow[],
  deals: readonly OpportunityRow[],
  day: string,
  rates: CurrencyRates | null,
): AccountHealth[] {
  const byAccount = Map.groupBy(deals, (deal) => deal.accountId)
  return accounts.map((account) =>
    accountHealth(account, byAccount.get(account.id) ?? [], day, rates),
  )
}

function weigh(
  components: Readonly<Record<HealthComponent, Figure>>,
  day: string,
): { score: Figure; coverage: number } {
  let sum = 0
  let weight = 0
  let all = 0
  let n = 0
  for (const [name, share] of Object.entries(HEALTH_WEIGHTS)) {
    // Object.entries forgets that the keys are those of the constant.
    const { value } = components[name as HealthComponent]
    all += share
    if (value === null) continue
    sum += value * share
    weight += share
    n += 1
  }
  const subject = { basis: 'score', period: asOf(day), n } as const
  const score = weight === 0 ? unknown(subject, 'no_data') : known(subject, sum / weight)
  return { score, coverage: weight / all }
}

function lastDays(day: string, days: number): DayRange {
  return { from: dayText(dayNumber(day) - days + 1), to: day }
}

function revenue(own: readonly OpportunityRow[], day: string, rates: CurrencyRates | null): Figure {
  const both = moneyFigure(wonIn(own, lastDays(day, 2 * YEAR)), asOf(day), rates)
  const subject = { basis: 'score', period: asOf(day), n: both.n } as const
  if (both.value === null) return unknown(subject, both.reason)
  if (both.n === 0) return unknown(subject, 'no_won_deals')
  const year = moneyFigure(wonIn(own, lastDays(day, YEAR)), asOf(day), rates)
  // All of the recent deals may lack an amount that the older ones have.
  if (year.value === null) return unknown(subject, year.reason)
  if (both.value <= 0) return unknown(subject, 'zero_baseline')
  return known(subject, clamp(year.value / both.value))
}

function engagement(account: AccountRow, own: readonly OpportunityRow[], day: string): Figure {
  const days = [account.lastActivityDate, ...own.map((deal) => deal.lastActivityDate)]
    .map((date) => (date === null ? Number.NaN : dayNumber(date)))
    .filter((value) => value <= dayNumber(day))
  const subject = { basis: 'score', period: asOf(day), n: days.length } as const
  if (days.length === 0) return unknown(subject, 'no_dates')
  const last = days.reduce((a, b) => Math.max(a, b))
  return known(subject, clamp(1 - (dayNumber(day) - last) / SILENCE_DAYS))
}

function pipeline(own: readonly OpportunityRow[], day: string): Figure {
  const open = openDeals(own, { from: null, to: null })
  const subject = { basis: 'score', period: asOf(day), n: open.length } as const
  if (open.length === 0) return unknown(subject, 'no_open_deals')
  const onTime = open.filter((deal) => dayNumber(deal.closeDate) >= dayNumber(day)).length
  return known(subject, onTime / open.length)
}

function wins(own: readonly OpportunityRow[], day: string): Figure {
  const closed = closedIn(own, lastDays(day, YEAR))
  const subject = { basis: 'score', period: asOf(day), n: closed.length } as const
  if (closed.length === 0) return unknown(subject, 'no_closed_deals')
  return known(subject, closed.filter((deal) => deal.isWon).length / closed.length)
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value))
}
