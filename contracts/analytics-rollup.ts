import type { Figure } from './analytics.ts'

/** Ranges that callers of the replaced service may ask for, and their days. */
export const DATE_RANGES = { '7d': 7, '30d': 30, '90d': 90, '1y': 365 } as const
export type DateRange = keyof typeof DATE_RANGES

export const ANALYTICS_TYPES = ['comprehensive', 'pipeline', 'leads', 'accounts'] as const
export type AnalyticsType = (typeof ANALYTICS_TYPES)[number]

/** Whose days are marked when rows change. */
export const ROLLUP_SUBJECTS = ['opportunity', 'lead', 'account'] as const
export type RollupSubject = (typeof ROLLUP_SUBJECTS)[number]

/**
 * What is added up, by which day. Opportunities: created by the day of creation, the others by their close date; open
 * ones too, so that what is due in a range is a sum of days. Leads: by creation, the converted ones of them, and by the
 * day of conversion. Accounts: by creation.
 */
export const ANALYTICS_METRICS = {
  opportunity: [
    'opportunities_created',
    'opportunities_won',
    'opportunities_lost',
    'opportunities_open',
  ],
  lead: ['leads_created', 'leads_created_converted', 'leads_converted'],
  account: ['accounts_created'],
} as const satisfies Record<RollupSubject, readonly string[]>
export type AnalyticsMetric = (typeof ANALYTICS_METRICS)[RollupSubject][number]

/** What buckets are cut by. */
export type BucketKind =
  | 'all'
  | 'stage'
  | 'owner'
  | 'source'
  | 'type'
  | 'category'
  | 'status'
  | 'rating'
  | 'industry'

/** Buckets added up: one a group and currency. */
export interface BucketSum {
  /** Key, or month (YYYY-MM); null for rows that do not say. */
  readonly group: string | null
  readonly currency: string | null
  readonly count: number
  readonly countAmount: number
  readonly sumAmount: number
  readonly countExpected: number
  readonly sumExpected: number
  readonly countProbability: number
  readonly sumProbability: number
  readonly countDays: number
  readonly sumDays: number
  readonly countEmployees: number
  readonly sumEmployees: number
}

/** Input of what rolls up the mirror of a connection. */
export interface RollUpInput {
  readonly workspaceId: string
  readonly connectionId: string
}

/** Input of what computes results: `changed` says whether any day was computed since the last time. */
export type RefreshResultsInput = RollUpInput & { readonly changed: boolean }

/** Days computed so far, and days that wait. */
export interface RollUpProgress {
  readonly computed: number
  readonly left: number
}

/** What of an object is in the mirror. */
export interface PulledObject {
  /** The mirror holds what the org held then; null before the first load. */
  readonly asOf: string | null
}

/** How old the mirror of each object is. */
export interface PulledObjects {
  readonly opportunity: PulledObject
  readonly history: PulledObject
  readonly lead: PulledObject
  readonly account: PulledObject
  readonly stage: PulledObject
  readonly user: PulledObject
}

/** Figures that need rows, for one range; computed after each drain. */
export interface RowFigures {
  /** Of deals that entered the first stage in the range, the share that reached the second. */
  readonly conversionRates: Readonly<Record<ConversionStep, Figure>>
  readonly leadQuality: {
    readonly averageScore: Figure
    readonly high: Figure
    readonly medium: Figure
    readonly low: Figure
    readonly source: Figure
  }
  readonly accountHealth: {
    readonly averageScore: Figure
    readonly healthy: Figure
    readonly atRisk: Figure
    readonly critical: Figure
    readonly revenue: Figure
    readonly engagement: Figure
  }
  readonly likelihood: { readonly high: Figure; readonly medium: Figure; readonly low: Figure }
  readonly leadPotential: { readonly high: Figure; readonly medium: Figure; readonly low: Figure }
  readonly forecast: {
    readonly nextMonth: Figure
    readonly nextQuarter: Figure
    /** Share of past outcomes that were within the 95 % interval. */
    readonly coverage: Figure
  }
  readonly riskFactors: readonly string[]
}

export const CONVERSION_STEPS = [
  'prospecting_to_qualification',
  'qualification_to_proposal',
  'proposal_to_negotiation',
  'negotiation_to_closed_won',
] as const
export type ConversionStep = (typeof CONVERSION_STEPS)[number]
