import type {
  AccountRow,
  CurrencyRates,
  DayRange,
  Figure,
  LeadRow,
  OpportunityHistoryRow,
  OpportunityRow,
  StageRow,
} from '../../contracts/analytics.ts'
import type { ConversionStep, RowFigures } from '../../contracts/analytics-rollup.ts'
import { asOf, dayNumber, dayText, periodBy } from '../calendar.ts'
import { accountHealths } from '../definitions/account-health.ts'
import { type LeadMaturity, leadQuality } from '../definitions/leads.ts'
import { openDeals } from '../definitions/pipeline.ts'
import { reachedStage } from '../definitions/stage-conversion.ts'
import { known, shareFigure, unknown } from '../figure.ts'
import { dealsAtRisk } from '../insights/deals-at-risk.ts'
import { staleDeals } from '../insights/stale-deals.ts'
import { dealLikelihoods } from '../likelihood/deal-likelihoods.ts'

/** Days that each lead is given to convert before it counts. */
export const LEAD_MATURITY_DAYS = 30
/** Days of silence from which a deal may be stale. */
export const STALE_DAYS = 30
const QUALITY_DAYS = 365
const HEALTHY = 0.7
const AT_RISK = 0.4
const LIKELY = 0.6
const UNLIKELY = 0.3

/** Rows of the mirror that figures of one connection are made of. */
export interface AnalyticsRows {
  readonly opportunities: readonly OpportunityRow[]
  readonly history: readonly OpportunityHistoryRow[]
  readonly stages: readonly StageRow[]
  readonly leads: readonly LeadRow[]
  readonly accounts: readonly AccountRow[]
}

/** What is the same whatever range is asked for: computed once for all of them. */
export type CurrentFigures = Omit<RowFigures, 'conversionRates' | 'leadQuality'>

/** Stages of the four steps, by how their names begin; orgs add to the names that Salesforce brings. */
const STEP_STAGES: Readonly<Record<ConversionStep, readonly [from: string, to: string]>> = {
  prospecting_to_qualification: ['prospect', 'qualif'],
  qualification_to_proposal: ['qualif', 'proposal'],
  proposal_to_negotiation: ['proposal', 'negotiat'],
  negotiation_to_closed_won: ['negotiat', ''],
}

/** Conversion between the four stages that callers of the replaced service know, of deals that entered in the range. */
export function conversionRates(
  history: readonly OpportunityHistoryRow[],
  stages: readonly StageRow[],
  range: DayRange,
): RowFigures['conversionRates'] {
  const ordered = [...stages].sort((a, b) => a.sortOrder - b.sortOrder)
  const named = (start: string) =>
    start === ''
      ? ordered.find((stage) => stage.isWon)?.name
      : ordered.find((stage) => !stage.isClosed && stage.name.toLowerCase().startsWith(start))?.name
  const rate = (step: ConversionStep): Figure => {
    const [from, to] = STEP_STAGES[step]
    // A name that no stage has: such an org has no such step.
    return reachedStage(history, stages, range, named(from) ?? '', named(to) ?? '')
  }
  return {
    prospecting_to_qualification: rate('prospecting_to_qualification'),
    qualification_to_proposal: rate('qualification_to_proposal'),
    proposal_to_negotiation: rate('proposal_to_negotiation'),
    negotiation_to_closed_won: rate('negotiation_to_closed_won'),
  }
}

/**
 * Quality of leads by what became of others of their source. `high` and `low` are the shares of the range's leads whose
 * source converts better (worse) than all leads do by more than chance; the rest is `medium`. The average score is ten
 * times the share converted of the mature leads. `source` is the share of leads whose source tells anything.
 */
export function leadQualityFigures(
  leads: readonly LeadRow[],
  range: DayRange,
  maturity: LeadMaturity,
): RowFigures['leadQuality'] {
  const period = periodBy('created', range)
  const groups = leadQuality(leads, range, maturity, 'leadSource')
  const n = groups.reduce((total, group) => total + group.rate.n, 0)
  const subject = { basis: 'score', period, n } as const
  if (n === 0) {
    const young = leads.some((lead) => within(lead.createdDate, range))
    const none = unknown(subject, young ? 'cohort_too_young' : 'no_data')
    return { averageScore: none, high: none, medium: none, low: none, source: none }
  }
  const converted = groups.reduce((sum, { rate }) => sum + (rate.value ?? 0) * rate.n, 0)
  const overall = converted / n
  const count = (matches: (group: (typeof groups)[number]) => boolean) =>
    groups.filter(matches).reduce((total, group) => total + group.rate.n, 0)
  const high = count(({ rate, differsFromAll }) => differsFromAll && (rate.value ?? 0) > overall)
  const low = count(({ rate, differsFromAll }) => differsFromAll && (rate.value ?? 0) < overall)
  const share = (part: number) => known({ ...subject, basis: 'count' }, part / n)
  return {
    averageScore: known(subject, 10 * overall),
    high: share(high),
    medium: share(n - high - low),
    low: share(low),
    source: share(high + low),
  }
}

/** Figures of the day. `forecast` comes from the months, and is handed in. */
export function currentFigures(
  rows: AnalyticsRows,
  day: string,
  rates: CurrencyRates | null,
  forecast: RowFigures['forecast'],
): CurrentFigures {
  return {
    accountHealth: healthFigures(rows.accounts, rows.opportunities, day, rates),
    likelihood: likelihoodFigures(rows.opportunities, rows.history, day),
    leadPotential: leadPotential(rows.leads, day),
    forecast,
    riskFactors: riskFactors(rows, day),
  }
}

function within(date: string, range: DayRange): boolean {
  const day = date.slice(0, 10)
  return (range.from === null || day >= range.from) && (range.to === null || day <= range.to)
}

function healthFigures(
  accounts: readonly AccountRow[],
  deals: readonly OpportunityRow[],
  day: string,
  rates: CurrencyRates | null,
): RowFigures['accountHealth'] {
  const healths = accountHealths(accounts, deals, day, rates)
  const mean = (values: readonly number[]): Figure => {
    const subject = { basis: 'score', period: asOf(day), n: values.length } as const
    if (values.length === 0) return unknown(subject, 'no_data')
    return known(subject, values.reduce((a, b) => a + b, 0) / values.length)
  }
  const valuesOf = (pick: (health: (typeof healths)[number]) => Figure) =>
    healths.map((health) => pick(health).value).filter((value) => value !== null)
  const scores = valuesOf((health) => health.score)
  const share = (matches: (score: number) => boolean) =>
    shareFigure(scores.filter(matches).length, scores.length, asOf(day), 'no_data')
  return {
    averageScore: mean(scores),
    healthy: share((score) => score >= HEALTHY),
    atRisk: share((score) => score >= AT_RISK && score < HEALTHY),
    critical: share((score) => score < AT_RISK),
    revenue: mean(valuesOf((health) => health.components.revenue)),
    engagement: mean(valuesOf((health) => health.components.engagement)),
  }
}

function likelihoodFigures(
  deals: readonly OpportunityRow[],
  history: readonly OpportunityHistoryRow[],
  day: string,
): RowFigures['likelihood'] {
  const all = dealLikelihoods(deals, history, day)
  const values = all.map(({ likelihood }) => likelihood.value).filter((value) => value !== null)
  const none = all.find(({ likelihood }) => likelihood.value === null)?.likelihood.reason
  const share = (matches: (value: number) => boolean) =>
    shareFigure(
      values.filter(matches).length,
      values.length,
      asOf(day),
      all.length === 0 ? 'no_open_deals' : (none ?? 'insufficient_data'),
    )
  return {
    high: share((value) => value >= LIKELY),
    medium: share((value) => value >= UNLIKELY && value < LIKELY),
    low: share((value) => value < UNLIKELY),
  }
}

/** Open leads by whether their source converts better or worse than all, in the leads of a year. */
function leadPotential(leads: readonly LeadRow[], day: string): RowFigures['leadPotential'] {
  const range = { from: dayText(dayNumber(day) - QUALITY_DAYS), to: day }
  const maturity = { days: LEAD_MATURITY_DAYS, asOf: day }
  const groups = leadQuality(leads, range, maturity, 'leadSource')
  const n = groups.reduce((total, group) => total + group.rate.n, 0)
  const overall = groups.reduce((sum, { rate }) => sum + (rate.value ?? 0) * rate.n, 0) / n
  const verdicts = new Map(
    groups.map(({ value, rate, differsFromAll }) => [
      value,
      differsFromAll ? ((rate.value ?? 0) > overall ? 'high' : 'low') : 'medium',
    ]),
  )
  const open = leads.filter((lead) => !lead.isConverted)
  const share = (wanted: string): Figure => {
    if (n === 0) {
      const subject = { basis: 'count', period: asOf(day), n: 0 } as const
      return unknown(subject, leads.length === 0 ? 'no_data' : 'cohort_too_young')
    }
    const part = open.filter((lead) => (verdicts.get(lead.leadSource) ?? 'medium') === wanted)
    return shareFigure(part.length, open.length, asOf(day), 'no_data')
  }
  return { high: share('high'), medium: share('medium'), low: share('low') }
}

/** One sentence a rule that found something, with how many open deals it found. */
function riskFactors({ opportunities, history }: AnalyticsRows, day: string): string[] {
  const found = [
    ...staleDeals(opportunities, history, day, STALE_DAYS),
    ...dealsAtRisk(opportunities, history, day),
  ]
  const open = openDeals(opportunities, { from: null, to: null }).length
  const count = (rule: string) => found.filter((insight) => insight.rule === rule).length
  const sentences: readonly (readonly [string, string])[] = [
    ['close_date_past', 'have a close date that is past'],
    ['pushed_repeatedly', 'had their close date moved to a later month twice or more'],
    ['amount_decreased', 'are worth less than they were'],
    ['stale_deal', 'have not changed for longer than is usual in their stage'],
  ]
  return sentences
    .filter(([rule]) => count(rule) > 0)
    .map(([rule, what]) => `${count(rule)} of ${open} open deals ${what}.`)
}
