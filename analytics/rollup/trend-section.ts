import type { CurrencyRates } from '../../contracts/analytics.ts'
import type { BucketSum } from '../../contracts/analytics-rollup.ts'
import { monthOf, monthsBetween, periodBy } from '../calendar.ts'
import { type Trend, trends } from '../trend.ts'
import { byGroup, countOf, moneyOfSums } from './money-of-sums.ts'

/** Months that trends look at. */
export const TREND_MONTHS = 36
/** Days that the leads of a month have had before their conversion is compared. */
const LEAD_DAYS = 90

/** Sums by month, of all months. */
export interface TrendSums {
  readonly created: readonly BucketSum[]
  readonly won: readonly BucketSum[]
  readonly lost: readonly BucketSum[]
  readonly leads: readonly BucketSum[]
  readonly leadsConverted: readonly BucketSum[]
  readonly accounts: readonly BucketSum[]
}

export interface TrendFigures {
  readonly pipeline_trend: Trend
  readonly lead_quality_trend: Trend
  readonly account_growth_trend: Trend
  readonly conversion_trend: Trend
}

interface Month {
  readonly month: string
  readonly value: number
}

/**
 * Whole months only: the one that is under way is lower by nature. Pipeline is the amount created in a month, or the
 * number of deals where amounts are in several currencies. Lead quality is the share converted of the leads created in
 * a month, of months old enough; conversion is the win rate of the deals closed in a month. Months without any lead or
 * closed deal have no share, and are left out.
 */
export function trendSection(
  sums: TrendSums,
  day: string,
  rates: CurrencyRates | null,
): TrendFigures {
  const months = wholeMonths(day)
  const leads = byGroup(sums.leads)
  const leadsConverted = byGroup(sums.leadsConverted)
  const won = byGroup(sums.won)
  const lost = byGroup(sums.lost)
  const lastMature = monthOf(
    new Date(Date.parse(day) - LEAD_DAYS * 86_400_000).toISOString().slice(0, 10),
  )
  const quality = shares(
    months.filter((month) => month < lastMature),
    (month) => countOf(leadsConverted.get(month) ?? []),
    (month) => countOf(leads.get(month) ?? []),
  )
  const conversion = shares(
    months,
    (month) => countOf(won.get(month) ?? []),
    (month) => countOf(won.get(month) ?? []) + countOf(lost.get(month) ?? []),
  )
  return trends({
    pipeline_trend: series(pipelineMonths(sums.created, months, rates), 'created'),
    lead_quality_trend: series(quality, 'created'),
    account_growth_trend: series(counts(sums.accounts, months), 'created'),
    conversion_trend: series(conversion, 'closed'),
  })
}

/** The months before the one of the day, oldest first. */
export function wholeMonths(day: string, most = TREND_MONTHS): string[] {
  const current = monthOf(day)
  const year = Number(current.slice(0, 4)) - Math.ceil(most / 12) - 1
  return monthsBetween(`${year}${current.slice(4)}`, current).slice(-most - 1, -1)
}

function series(months: readonly Month[], field: 'created' | 'closed') {
  const from = months[0]?.month
  const to = months.at(-1)?.month
  return {
    values: months.map(({ value }) => value),
    period: periodBy(field, {
      from: from === undefined ? null : `${from}-01`,
      to: to === undefined ? null : lastDay(to),
    }),
  }
}

function lastDay(month: string): string {
  const [year = 0, number = 1] = month.split('-').map(Number)
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10)
}

/** Months before the first row are not empty ones: nothing was kept then. */
function fromFirst(months: readonly string[], groups: ReadonlyMap<string | null, unknown>) {
  const first = months.findIndex((month) => groups.has(month))
  return first < 0 ? [] : months.slice(first)
}

function counts(sums: readonly BucketSum[], months: readonly string[]): Month[] {
  const groups = byGroup(sums)
  return fromFirst(months, groups).map((month) => ({
    month,
    value: countOf(groups.get(month) ?? []),
  }))
}

function pipelineMonths(
  sums: readonly BucketSum[],
  months: readonly string[],
  rates: CurrencyRates | null,
): Month[] {
  const groups = byGroup(sums)
  const whole = fromFirst(months, groups)
  const period = periodBy('created', { from: null, to: null })
  const inOne = moneyOfSums(
    whole.flatMap((month) => groups.get(month) ?? []),
    period,
    rates,
  )
  if (inOne.value === null) return counts(sums, months)
  return whole.map((month) => ({
    month,
    value: moneyOfSums(groups.get(month) ?? [], period, rates).value ?? 0,
  }))
}

function shares(
  months: readonly string[],
  part: (month: string) => number,
  all: (month: string) => number,
): Month[] {
  return months
    .filter((month) => all(month) > 0)
    .map((month) => ({ month, value: part(month) / all(month) }))
}
