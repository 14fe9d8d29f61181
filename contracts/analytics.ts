/**
 * Why a number is not given. Each is a state of the data that a person can look at:
 *
 * - `no_data`: there is no row of the kind that the figure counts.
 * - `no_closed_deals`, `no_won_deals`: rows are there, and none was closed (won) in the period.
 * - `no_open_deals`: no deal is open.
 * - `no_amounts`: rows are there, and none has an amount.
 * - `negative_amounts`: a share of amounts means nothing where one is below zero.
 * - `mixed_currencies`: amounts of several currencies without a rate for each; `parts` has each currency's own sum.
 * - `insufficient_data`: fewer rows or points than the method needs to say anything.
 * - `no_variation`: all values are the same, so nothing can be unusual against them.
 * - `no_quota`, `quota_reached`: no quota is set, or nothing of it remains to be covered.
 * - `zero_baseline`: what would be divided by is zero or less.
 * - `cohort_too_young`: rows of the cohort have not had the time that the figure gives each of them.
 * - `no_dates`: rows are there, and none has the dates that the figure is made of.
 * - `not_pulled_yet`: the object has not been read from Salesforce.
 * - `no_history`: history rows or snapshots of the period are missing.
 * - `no_source`: nothing that Salesforce holds tells it.
 * - `not_better_than_naive`: a forecast that errs as much as repeating what was.
 * - `interval_too_wide`: a forecast whose interval is wider than the number itself.
 * - `interval_unreliable`: past forecasts fell out of their intervals too often.
 * - `model_failed`: the model gave no usable numbers for this series.
 * - `out_of_range`: the number is larger than a double can hold.
 */
export const FIGURE_REASONS = [
  'no_data',
  'no_closed_deals',
  'no_won_deals',
  'no_open_deals',
  'no_amounts',
  'negative_amounts',
  'mixed_currencies',
  'insufficient_data',
  'no_variation',
  'no_quota',
  'quota_reached',
  'zero_baseline',
  'cohort_too_young',
  'no_dates',
  'not_pulled_yet',
  'no_history',
  'no_source',
  'not_better_than_naive',
  'interval_too_wide',
  'interval_unreliable',
  'model_failed',
  'out_of_range',
] as const
export type FigureReason = (typeof FIGURE_REASONS)[number]

/**
 * What a figure is made of: rows counted, amounts added, days between dates, a weighted score from 0 to 1, or the
 * change from one point of a series to the next.
 */
export type FigureBasis = 'count' | 'amount' | 'days' | 'score' | 'per_period'

/** How an interval was made. */
export type IntervalMethod = 'wilson' | 'newcombe' | 'theil_sen' | 'model'

export interface FigureInterval {
  readonly low: number
  readonly high: number
  /** Share of such intervals that hold the true value: 0.95. */
  readonly level: number
  readonly method: IntervalMethod
}

/** Which date of a row puts it into a period; `as_of` is the state on the last day. */
export type PeriodField = 'created' | 'closed' | 'changed' | 'as_of'

/** Days, both included, as YYYY-MM-DD. Null: no limit on that side. */
export interface DayRange {
  readonly from: string | null
  readonly to: string | null
}

export interface FigurePeriod extends DayRange {
  readonly field: PeriodField
}

interface FigureFacts {
  readonly basis: FigureBasis
  /** Rows (or points) that the value is made of. */
  readonly n: number
  readonly currency: string | null
  readonly period: FigurePeriod
}

/** A number that is known. */
export interface KnownFigure extends FigureFacts {
  readonly value: number
  readonly reason: null
  readonly interval: FigureInterval | null
}

/** A number that is not known, and why. */
export interface UnknownFigure extends FigureFacts {
  readonly value: null
  readonly reason: FigureReason
  readonly interval: null
}

/** How every number of the analytics is answered: never a constant, never a null without a reason. */
export type Figure = KnownFigure | UnknownFigure

/** The part of a sum that is in one currency; null is the currency of an org that has only one. */
export interface CurrencyPart {
  readonly currency: string | null
  readonly value: number
  readonly n: number
}

/** A sum of amounts. `n` counts the rows with an amount. */
export type MoneyFigure = Figure & {
  /** Unconverted sums, one a currency. */
  readonly parts: readonly CurrencyPart[]
  /** Rows that belong to the sum and have no amount. */
  readonly withoutAmount: number
}

/**
 * Rates as Salesforce keeps them (`CurrencyType.ConversionRate`): units of a currency for one of the corporate
 * currency. With rates, every amount is answered in the corporate currency.
 */
export interface CurrencyRates {
  readonly corporate: string
  readonly perCorporateUnit: Readonly<Record<string, number>>
}

export type TrendVerdict = 'increasing' | 'decreasing' | 'stable' | 'insufficient_data'

/** Dates are YYYY-MM-DD, times ISO 8601. Days are counted in UTC; who counts in another zone shifts the times. */
export interface OpportunityRow {
  readonly id: string
  readonly accountId: string | null
  readonly ownerId: string
  readonly name: string
  readonly stageName: string
  readonly amount: number | null
  /** 0 to 100, as Salesforce has it. */
  readonly probability: number | null
  readonly expectedRevenue: number | null
  readonly closeDate: string
  readonly isClosed: boolean
  readonly isWon: boolean
  readonly forecastCategory: string | null
  readonly leadSource: string | null
  readonly type: string | null
  readonly currencyIsoCode: string | null
  readonly createdDate: string
  readonly lastStageChangeDate: string | null
  readonly lastActivityDate: string | null
  readonly isDeleted: boolean
}

/** A row of OpportunityHistory: the values from `createdDate` on. The first row of a deal is its creation. */
export interface OpportunityHistoryRow {
  readonly id: string
  readonly opportunityId: string
  readonly stageName: string
  readonly amount: number | null
  readonly probability: number | null
  readonly closeDate: string | null
  readonly createdDate: string
}

export interface LeadRow {
  readonly id: string
  readonly status: string
  readonly leadSource: string | null
  readonly rating: string | null
  readonly ownerId: string
  readonly isConverted: boolean
  readonly convertedDate: string | null
  readonly convertedOpportunityId: string | null
  readonly createdDate: string
}

export interface AccountRow {
  readonly id: string
  readonly name: string
  readonly industry: string | null
  readonly type: string | null
  readonly annualRevenue: number | null
  readonly numberOfEmployees: number | null
  readonly ownerId: string
  readonly lastActivityDate: string | null
  readonly createdDate: string
  readonly currencyIsoCode: string | null
}

export interface StageRow {
  readonly name: string
  readonly sortOrder: number
  readonly isClosed: boolean
  readonly isWon: boolean
  readonly defaultProbability: number | null
  readonly isActive: boolean
}

/** An opportunity as it was at the end of a day. */
export interface OpportunitySnapshotRow {
  readonly date: string
  readonly opportunityId: string
  readonly stageName: string
  readonly amount: number | null
  readonly closeDate: string
  readonly isClosed: boolean
  readonly isWon: boolean
  readonly ownerId: string
  readonly currencyIsoCode: string | null
}
