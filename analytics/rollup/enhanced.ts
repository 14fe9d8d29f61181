import type {
  AnalyticsType,
  BucketSum,
  PulledObject,
  RowFigures,
} from '../../contracts/analytics-rollup.ts'
import {
  daysOfRange,
  type EnhancedAnswer,
  type EnhancedInput,
} from '../../contracts/enhanced-analytics.ts'
import type { Trend } from '../trend.ts'
import { accountSection } from './account-section.ts'
import { allUnknown, valuesOf } from './figure-tree.ts'
import { leadSection } from './lead-section.ts'
import { pipelineSection } from './pipeline-section.ts'
import { predictionSection } from './prediction-section.ts'
import { snakeNames } from './snake-names.ts'
import { trendSection } from './trend-section.ts'
import { unknownRowFigures } from './unknown-row-figures.ts'

/** One key of the answer, plain and as figures. */
interface Section {
  readonly values: object
  readonly figures: object
}

const SECTIONS = {
  pipeline_analytics: pipeline,
  lead_analytics: leads,
  account_analytics: accounts,
  real_time_metrics: realTime,
  trend_analysis: trendAnalysis,
  predictive_insights: predictions,
} as const satisfies Record<string, (input: EnhancedInput, rows: RowFigures) => Section>
type SectionName = keyof typeof SECTIONS

const OF_TYPE: Readonly<Record<AnalyticsType, readonly SectionName[]>> = {
  // The order in which callers of the replaced service saw them.
  comprehensive: Object.keys(SECTIONS) as SectionName[],
  pipeline: ['pipeline_analytics'],
  leads: ['lead_analytics'],
  accounts: ['account_analytics'],
}

/** The whole answer: plain numbers under the keys that callers know, and each as a figure beside them. */
export function enhancedAnswer(input: EnhancedInput): EnhancedAnswer {
  const rows = input.rowFigures ?? unknownRowFigures(input.day, 'not_pulled_yet')
  const built = OF_TYPE[input.type].map((name) => [name, SECTIONS[name](input, rows)] as const)
  return {
    analytics: Object.fromEntries(built.map(([name, section]) => [name, section.values])),
    figures: Object.fromEntries(
      built.map(([name, section]) => [name, snakeNames(section.figures)]),
    ),
    type: input.type,
    date_range: input.range,
    generated_at: input.generatedAt,
    as_of: input.asOf,
    time_zone: input.timeZone,
  }
}

/** The figures, or none of them where the object is not in the mirror. */
function ifPulled<T extends object>(input: EnhancedInput, object: PulledObject, figures: T): T {
  if (input.isRolledUp && object.asOf !== null) return figures
  return allUnknown(figures, 'not_pulled_yet')
}

function pipeline(input: EnhancedInput, rows: RowFigures): Section {
  const { sums, pulled } = input
  const range = daysOfRange(input.range, input.day)
  const all = pipelineSection(
    {
      open: sums.open ?? [],
      openByStage: sums.openByStage ?? [],
      openByOwner: sums.openByOwner ?? [],
      createdByMonth: sums.createdByMonth ?? [],
    },
    { ...input, range },
    ifPulled(input, pulled.history, rows.conversionRates),
  )
  const figures = ifPulled(input, pulled.opportunity, all)
  return { values: valuesOf(figures), figures }
}

function leads(input: EnhancedInput, rows: RowFigures): Section {
  const { sums, pulled } = input
  const all = leadSection(
    {
      byStatus: sums.leadsByStatus ?? [],
      bySource: sums.leadsBySource ?? [],
      convertedByStatus: sums.convertedByStatus ?? [],
      convertedBySource: sums.convertedBySource ?? [],
    },
    daysOfRange(input.range, input.day),
    rows.leadQuality,
  )
  const figures = ifPulled(input, pulled.lead, all)
  const values = valuesOf(figures)
  // Callers of the replaced service read this one share in percent.
  const percent = values.conversion_rate === null ? null : values.conversion_rate * 100
  return { values: { ...values, conversion_rate: percent }, figures }
}

function accounts(input: EnhancedInput, rows: RowFigures): Section {
  const { sums, pulled } = input
  const all = accountSection(
    {
      byIndustry: sums.accountsByIndustry ?? [],
      byType: sums.accountsByType ?? [],
      createdByMonth: sums.accountsByMonth ?? [],
    },
    { ...input, range: daysOfRange(input.range, input.day) },
    ifPulled(input, pulled.opportunity, rows.accountHealth),
  )
  const figures = ifPulled(input, pulled.account, all)
  return { values: valuesOf(figures), figures }
}

/** Counts of this service's own work: they are known, whatever is in the mirror. */
function realTime({ lastDay, generatedAt }: EnhancedInput): Section {
  const values = {
    last_24_hours: lastDay.map(({ metricType, total, events }) => ({
      metric_type: metricType,
      total_value: total,
      event_count: events,
    })),
    generated_at: generatedAt,
  }
  return { values, figures: {} }
}

/** The four trends, with what stands behind each. */
export function trendReport(input: EnhancedInput) {
  const { sums, pulled, day, rates } = input
  const of = (object: PulledObject, months: readonly BucketSum[] | undefined) =>
    input.isRolledUp && object.asOf !== null ? (months ?? []) : []
  const found = trendSection(
    {
      created: of(pulled.opportunity, sums.monthsCreated),
      won: of(pulled.opportunity, sums.monthsWon),
      lost: of(pulled.opportunity, sums.monthsLost),
      leads: of(pulled.lead, sums.monthsLeads),
      leadsConverted: of(pulled.lead, sums.monthsLeadsConverted),
      accounts: of(pulled.account, sums.monthsAccounts),
    },
    day,
    rates,
  )
  return {
    pipeline_trend: trendBody(input, pulled.opportunity, found.pipeline_trend),
    lead_quality_trend: trendBody(input, pulled.lead, found.lead_quality_trend),
    account_growth_trend: trendBody(input, pulled.account, found.account_growth_trend),
    conversion_trend: trendBody(input, pulled.opportunity, found.conversion_trend),
  }
}

function trendAnalysis(input: EnhancedInput): Section {
  const figures = trendReport(input)
  const confidence = ({ p_value }: { readonly p_value: number | null }) =>
    p_value === null ? null : 1 - p_value
  const values = {
    pipeline_trend: figures.pipeline_trend.verdict,
    lead_quality_trend: figures.lead_quality_trend.verdict,
    account_growth_trend: figures.account_growth_trend.verdict,
    conversion_trend: figures.conversion_trend.verdict,
    confidence_levels: {
      pipeline_trend: confidence(figures.pipeline_trend),
      lead_quality_trend: confidence(figures.lead_quality_trend),
      account_growth_trend: confidence(figures.account_growth_trend),
      conversion_trend: confidence(figures.conversion_trend),
    },
  }
  return { values, figures }
}

/** A trend in an answer. */
function trendFields(trend: Trend) {
  return {
    verdict: trend.verdict,
    slope: trend.slope,
    p_value: trend.pValue,
    tau: trend.tau,
    serial_correlation: trend.serialCorrelation,
    reason: trend.reason,
  }
}

function trendBody(input: EnhancedInput, object: PulledObject, trend: Trend) {
  const fields = trendFields(trend)
  if (input.isRolledUp && object.asOf !== null) return fields
  return { ...ifPulled(input, object, fields), reason: 'not_pulled_yet' as const }
}

function predictions(input: EnhancedInput, rows: RowFigures): Section {
  const all = predictionSection(rows)
  const figures = {
    ...ifPulled(input, input.pulled.opportunity, {
      likelihood_to_close: ifPulled(input, input.pulled.history, all.likelihood_to_close),
      revenue_forecast: all.revenue_forecast,
      risk_factors: all.risk_factors,
    }),
    lead_scoring: ifPulled(input, input.pulled.lead, all.lead_scoring),
  }
  return { values: valuesOf(figures), figures }
}
