import type { CurrencyRates, DayRange } from './analytics.ts'
import {
  type AnalyticsMetric,
  type AnalyticsType,
  type BucketKind,
  type BucketSum,
  DATE_RANGES,
  type DateRange,
  type PulledObjects,
  type RowFigures,
} from './analytics-rollup.ts'

/** An answer of `GET /api/salesforce/analytics/enhanced`, as it is cached. */
export interface EnhancedAnswer {
  readonly analytics: Readonly<Record<string, unknown>>
  /** The same keys, each number as a figure. */
  readonly figures: Readonly<Record<string, unknown>>
  readonly type: AnalyticsType
  readonly date_range: DateRange
  readonly generated_at: string
  /** What the numbers are made of was in the org then; null before the first rollup. */
  readonly as_of: string | null
  readonly time_zone: string
}

/** What an answer is made of. */
export interface EnhancedInput {
  readonly type: AnalyticsType
  readonly range: DateRange
  /** Today, in the zone that days are counted in. */
  readonly day: string
  readonly timeZone: string
  readonly generatedAt: string
  readonly asOf: string | null
  readonly pulled: PulledObjects
  /** Whether everything that was pulled has been rolled up once. */
  readonly isRolledUp: boolean
  readonly rates: CurrencyRates | null
  readonly stageOrder: readonly string[]
  readonly ownerNames: ReadonlyMap<string, string>
  readonly rowFigures: RowFigures | null
  readonly sums: Partial<Readonly<Record<EnhancedSum, readonly BucketSum[]>>>
  /** What happened in the last 24 hours in this service. */
  readonly lastDay: readonly {
    readonly metricType: string
    readonly total: number
    readonly events: number
  }[]
}

/** The days of a range that ends today. */
export function daysOfRange(range: DateRange, day: string): DayRange {
  const from = new Date(Date.parse(day) - (DATE_RANGES[range] - 1) * 86_400_000)
  return { from: from.toISOString().slice(0, 10), to: day }
}

/** Sums that an answer may need, by their names in it. */
export type EnhancedSum =
  | 'open'
  | 'openByStage'
  | 'openByOwner'
  | 'createdByMonth'
  | 'leadsByStatus'
  | 'leadsBySource'
  | 'convertedByStatus'
  | 'convertedBySource'
  | 'accountsByIndustry'
  | 'accountsByType'
  | 'accountsByMonth'
  | 'monthsCreated'
  | 'monthsWon'
  | 'monthsLost'
  | 'monthsLeads'
  | 'monthsLeadsConverted'
  | 'monthsAccounts'

interface SumQuery extends DayRange {
  readonly metric: AnalyticsMetric
  readonly kind: BucketKind
  readonly by: 'key' | 'month'
}

const ALL: DayRange = { from: null, to: null }

/** What is to be added up for an answer; `months` is the stretch that trends look at. */
export function enhancedSums(
  type: AnalyticsType,
  range: DayRange,
  months: DayRange,
): Partial<Record<EnhancedSum, SumQuery>> {
  const by = (metric: AnalyticsMetric, kind: BucketKind, days: DayRange): SumQuery => ({
    ...{ metric, kind, by: 'key', from: days.from, to: days.to },
  })
  const monthly = (metric: AnalyticsMetric, days: DayRange): SumQuery => ({
    ...{ metric, kind: 'all', by: 'month', from: days.from, to: days.to },
  })
  const wants = (part: AnalyticsType) => type === part || type === 'comprehensive'
  return {
    ...(wants('pipeline') && {
      open: by('opportunities_open', 'all', ALL),
      openByStage: by('opportunities_open', 'stage', ALL),
      openByOwner: by('opportunities_open', 'owner', ALL),
      createdByMonth: monthly('opportunities_created', range),
    }),
    ...(wants('leads') && {
      leadsByStatus: by('leads_created', 'status', range),
      leadsBySource: by('leads_created', 'source', range),
      convertedByStatus: by('leads_created_converted', 'status', range),
      convertedBySource: by('leads_created_converted', 'source', range),
    }),
    ...(wants('accounts') && {
      accountsByIndustry: by('accounts_created', 'industry', ALL),
      accountsByType: by('accounts_created', 'type', ALL),
      accountsByMonth: monthly('accounts_created', range),
    }),
    ...(type === 'comprehensive' && {
      monthsCreated: monthly('opportunities_created', months),
      monthsWon: monthly('opportunities_won', months),
      monthsLost: monthly('opportunities_lost', months),
      monthsLeads: monthly('leads_created', months),
      monthsLeadsConverted: monthly('leads_created_converted', months),
      monthsAccounts: monthly('accounts_created', months),
    }),
  }
}
