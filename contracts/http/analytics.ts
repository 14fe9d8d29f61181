import { z } from '@hono/zod-openapi'
import { FIGURE_REASONS } from '../analytics.ts'
import { ANALYTICS_TYPES, DATE_RANGES, type DateRange } from '../analytics-rollup.ts'

const day = z.iso.date()
const time = z.iso.datetime()
const number = z.number().nullable()
const count = z.int().min(0).nullable()
const text = z.string().nullable()
/** Shares from 0 to 1. */
const share = z.number().min(0).max(1).nullable()

/** How every number of the analytics is answered. */
export const FigureSchema = z
  .object({
    value: number.openapi({ description: 'Null where it is not known; `reason` says why.' }),
    reason: z.enum(FIGURE_REASONS).nullable(),
    basis: z.enum(['count', 'amount', 'days', 'score', 'per_period']),
    n: z.number().openapi({ description: 'Rows (or points) that the value is made of.' }),
    interval: z
      .object({
        low: z.number(),
        high: z.number(),
        level: z.number(),
        method: z.enum(['wilson', 'newcombe', 'theil_sen', 'model']),
      })
      .nullable(),
    currency: text,
    period: z
      .object({
        from: day.nullable(),
        to: day.nullable(),
        field: z.enum(['created', 'closed', 'changed', 'as_of']),
      })
      .openapi({ description: 'Which date puts a row into which days; both are included.' }),
    parts: z
      .array(z.object({ currency: text, value: z.number(), n: z.number() }))
      .optional()
      .openapi({ description: 'Sums of amounts alone: unconverted, one a currency.' }),
    without_amount: z
      .number()
      .optional()
      .openapi({ description: 'Sums of amounts alone: rows of the sum that have none.' }),
  })
  .openapi('Figure')

const month = { year: z.int(), month: z.int().min(1).max(12), count }
const deals = { count, total_amount: number, avg_amount: number, avg_probability: number }

const pipeline = z.object({
  total_pipeline_value: number,
  weighted_pipeline_value: number,
  stage_breakdown: z.array(z.object({ StageName: text, ...deals })),
  monthly_trends: z.array(z.object({ ...month, total_amount: number })),
  performance_by_rep: z.array(z.object({ owner_name: text, ...deals })),
  conversion_rates: z.object({
    prospecting_to_qualification: share,
    qualification_to_proposal: share,
    proposal_to_negotiation: share,
    negotiation_to_closed_won: share,
  }),
})

const leads = z.object({
  total_leads: count,
  total_converted: count,
  conversion_rate: z.number().min(0).max(100).nullable().openapi({ description: 'In percent.' }),
  by_status: z.array(z.object({ Status: text, count, avg_conversion_time: number })),
  by_source: z.array(z.object({ LeadSource: text, count, converted_count: count })),
  conversion_funnel: z.array(z.object({ Status: text, count, previous_count: count })),
  lead_quality_score: z.object({
    average_score: z.number().min(0).max(10).nullable(),
    high_quality_percentage: share,
    medium_quality_percentage: share,
    low_quality_percentage: share,
    factors: z.object({
      source: share,
      engagement: share,
      demographics: share,
      behavior: share,
      timing: share,
    }),
  }),
})

const accounts = z.object({
  total_accounts: count,
  total_revenue: number,
  avg_revenue_per_account: number,
  by_industry: z.array(
    z.object({
      Industry: text,
      count,
      total_revenue: number,
      avg_revenue: number,
      avg_employees: number,
    }),
  ),
  by_type: z.array(z.object({ Type: text, count, total_revenue: number })),
  new_accounts_trend: z.array(z.object({ ...month, total_revenue: number })),
  account_health_score: z.object({
    average_score: share,
    healthy_percentage: share,
    at_risk_percentage: share,
    critical_percentage: share,
    factors: z.object({
      revenue: share,
      engagement: share,
      support_tickets: share,
      product_usage: share,
      payment_history: share,
    }),
  }),
})

const word = z.enum(['increasing', 'decreasing', 'stable', 'insufficient_data'])
const trendKeys = <T extends z.ZodType>(schema: T) => ({
  pipeline_trend: schema,
  lead_quality_trend: schema,
  account_growth_trend: schema,
  conversion_trend: schema,
})

const analytics = z.object({
  pipeline_analytics: pipeline.optional(),
  lead_analytics: leads.optional(),
  account_analytics: accounts.optional(),
  real_time_metrics: z
    .object({
      last_24_hours: z.array(
        z.object({ metric_type: z.string(), total_value: z.number(), event_count: z.int() }),
      ),
      generated_at: time,
    })
    .optional(),
  trend_analysis: z
    .object({ ...trendKeys(word), confidence_levels: z.object(trendKeys(share)) })
    .optional()
    .openapi({ description: 'A confidence is 1 - p of the test behind the word.' }),
  predictive_insights: z
    .object({
      likelihood_to_close: z.object({ high: share, medium: share, low: share }),
      lead_scoring: z.object({
        high_potential: share,
        medium_potential: share,
        low_potential: share,
      }),
      revenue_forecast: z.object({ next_month: number, next_quarter: number, confidence: share }),
      risk_factors: z.array(z.string()),
    })
    .optional(),
})

const enhanced = {
  analytics,
  figures: z.record(z.string(), z.unknown()).openapi({
    description:
      'The same keys as `analytics`, with a Figure in the place of each number: what it is made of, and why it is null.',
  }),
  type: z.enum(ANALYTICS_TYPES),
  date_range: z.enum(Object.keys(DATE_RANGES) as [DateRange, ...DateRange[]]),
  generated_at: time,
  as_of: time.nullable().openapi({
    description: 'What the numbers are made of was in the org then. Null before the first rollup.',
  }),
  time_zone: z.string(),
  cached: z.boolean(),
  expires_at: time.optional().openapi({ description: 'Of a cached answer.' }),
}
export const EnhancedAnalyticsSchema = z
  .object({ ok: z.literal(true), ...enhanced, data: z.object(enhanced) })
  .openapi('EnhancedAnalytics')

/** Documents the parameters; they are read one by one, since each fault has a code of its own. */
export const EnhancedAnalyticsQuerySchema = z.object({
  user_id: z.string(),
  type: z.enum(ANALYTICS_TYPES).default('comprehensive'),
  date_range: z.enum(['7d', '30d', '90d', '1y']).default('30d'),
  cache: z.enum(['true', 'false']).default('true').openapi({
    description: '`false` computes the answer from the tables of the mirror.',
  }),
})

const connection_id = z.string().optional().openapi({
  description: 'Default: the default connection of the workspace.',
})
const days = {
  period: z.enum(['7d', '30d', '90d', '1y']).optional().openapi({
    description: 'Days that end today. Default: 90d, where `from` and `to` are not given.',
  }),
  from: day.optional(),
  to: day.optional(),
}

export const ReportQuerySchema = z.object({
  connection_id,
  ...days,
  owner_id: z
    .string()
    .regex(/^[A-Za-z0-9]{15,18}$/)
    .optional()
    .openapi({ description: 'Only rows of this owner.' }),
  compare: z.enum(['previous']).optional().openapi({
    description: 'Holds each figure against that of the days before, of equal number.',
  }),
  after_days: z.coerce.number().int().min(1).max(3_650).optional().openapi({
    description: 'For the report `stale`: days without a sign of life. Default: 30.',
  }),
})

const range = z.object({ from: day, to: day })
export const ReportSchema = z
  .object({
    report: z.string(),
    connection_id: z.string(),
    period: range,
    owner_id: text,
    time_zone: z.string().openapi({ description: 'Of all days.' }),
    as_of: time.nullable().openapi({ description: 'The mirror holds what the org held then.' }),
    figures: z.record(z.string(), z.unknown()).openapi({
      description: 'Figures by name, alone and in lists; see the page of definitions.',
    }),
    compared: z
      .object({ period: range, figures: z.record(z.string(), z.unknown()) })
      .nullable()
      .openapi({
        description: 'By name: `previous`, `difference` and `relative`, each a Figure.',
      }),
  })
  .openapi('AnalyticsReport')

export const StoredQuerySchema = z.object({ connection_id })

const trend = z.object({
  verdict: word,
  slope: FigureSchema,
  p_value: number.openapi({ description: 'Corrected for the number of trends in the answer.' }),
  tau: number,
  serial_correlation: number,
  reason: z.enum(FIGURE_REASONS).nullable(),
})
export const TrendsSchema = z
  .object({
    connection_id: z.string(),
    time_zone: z.string(),
    as_of: time.nullable(),
    trends: z.object(trendKeys(trend)),
  })
  .openapi('AnalyticsTrends')

export const ForecastSchema = z
  .object({
    connection_id: z.string(),
    time_zone: z.string(),
    as_of: time.nullable(),
    reason: z.enum(FIGURE_REASONS).nullable(),
    forecast: z.record(z.string(), z.unknown()).nullable().openapi({
      description:
        'What is won in each of the next three months (`steps`), with the backtest that says what that is worth.',
    }),
    likelihood: z.record(z.string(), z.unknown()).nullable().openapi({
      description:
        'For each open deal, the share won of closed deals that were once where it is; and how well such shares foretold.',
    }),
  })
  .openapi('AnalyticsForecast')

export const INSIGHT_RULES = [
  'stale_deal',
  'close_date_past',
  'pushed_repeatedly',
  'amount_decreased',
  'unusual_week',
  'likelihood_to_close',
] as const

export const InsightListQuerySchema = z.object({
  connection_id,
  rule: z.enum(INSIGHT_RULES).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().optional(),
})
export const InsightListSchema = z
  .object({
    connection_id: z.string(),
    as_of: time.nullable(),
    insights: z.array(
      z.object({
        id: z.string(),
        rule: z.enum(INSIGHT_RULES),
        object: z.string(),
        object_id: z.string(),
        confidence: share,
        prediction: z.record(z.string(), z.unknown()).openapi({
          description: 'The evidence, and what to do.',
        }),
        generated_at: time,
        valid_until: time,
      }),
    ),
    next_cursor: text,
  })
  .openapi('AnalyticsInsights')

export const RollupSchema = z
  .object({
    connection_id: z.string(),
    time_zone: text.openapi({
      description: 'Of the days of all sums. Null before the first rollup.',
    }),
    as_of: time.nullable(),
    computed_at: time.nullable(),
    waiting_days: z.int().min(0).openapi({
      description:
        'Days, each of deals, leads or accounts, whose rows have changed since their sums.',
    }),
    backfill: z
      .object({ started_at: time, days: z.int().min(0) })
      .nullable()
      .openapi({
        description: 'While all days are computed anew: how many there were when that began.',
      }),
  })
  .openapi('AnalyticsRollup')
export type RollupBody = z.infer<typeof RollupSchema>
