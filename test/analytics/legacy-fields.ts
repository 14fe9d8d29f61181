/**
 * The fields that callers of the replaced service read, by route: a name, or a list of names below it; `[]` is a list of
 * such objects.
 */
export type LegacyFields = readonly string[]

const month = ['year', 'month', 'count']
const deals = ['count', 'total_amount', 'avg_amount', 'avg_probability']
const of = (path: string, names: readonly string[]) => names.map((name) => `${path}.${name}`)
const pipeline = 'analytics.pipeline_analytics'
const leads = 'analytics.lead_analytics'
const accounts = 'analytics.account_analytics'
const trends = ['pipeline_trend', 'lead_quality_trend', 'account_growth_trend', 'conversion_trend']
const totals = ['metric_type', 'total_value', 'event_count']

export const ENHANCED_FIELDS: LegacyFields = [
  ...['ok', 'analytics', 'type', 'date_range', 'generated_at', 'cached'],
  ...of(pipeline, ['total_pipeline_value', 'weighted_pipeline_value']),
  ...of(`${pipeline}.stage_breakdown[]`, ['StageName', ...deals]),
  ...of(`${pipeline}.monthly_trends[]`, [...month, 'total_amount']),
  ...of(`${pipeline}.performance_by_rep[]`, ['owner_name', ...deals]),
  ...of(`${pipeline}.conversion_rates`, [
    'prospecting_to_qualification',
    'qualification_to_proposal',
    'proposal_to_negotiation',
    'negotiation_to_closed_won',
  ]),
  ...of(leads, ['total_leads', 'total_converted', 'conversion_rate']),
  ...of(`${leads}.by_status[]`, ['Status', 'count', 'avg_conversion_time']),
  ...of(`${leads}.by_source[]`, ['LeadSource', 'count', 'converted_count']),
  ...of(`${leads}.conversion_funnel[]`, ['Status', 'count', 'previous_count']),
  ...of(`${leads}.lead_quality_score`, [
    'average_score',
    'high_quality_percentage',
    'medium_quality_percentage',
    'low_quality_percentage',
  ]),
  ...of(`${leads}.lead_quality_score.factors`, [
    'source',
    'engagement',
    'demographics',
    'behavior',
    'timing',
  ]),
  ...of(accounts, ['total_accounts', 'total_revenue', 'avg_revenue_per_account']),
  ...of(`${accounts}.by_industry[]`, [
    'Industry',
    'count',
    'total_revenue',
    'avg_revenue',
    'avg_employees',
  ]),
  ...of(`${accounts}.by_type[]`, ['Type', 'count', 'total_revenue']),
  ...of(`${accounts}.new_accounts_trend[]`, [...month, 'total_revenue']),
  ...of(`${accounts}.account_health_score`, [
    'average_score',
    'healthy_percentage',
    'at_risk_percentage',
    'critical_percentage',
  ]),
  ...of(`${accounts}.account_health_score.factors`, [
    'revenue',
    'engagement',
    'support_tickets',
    'product_usage',
    'payment_history',
  ]),
  ...of('analytics.real_time_metrics', ['last_24_hours', 'generated_at']),
  ...of('analytics.real_time_metrics.last_24_hours[]', totals),
  ...of('analytics.trend_analysis', trends),
  ...of('analytics.trend_analysis.confidence_levels', trends),
  ...of('analytics.predictive_insights.likelihood_to_close', ['high', 'medium', 'low']),
  ...of('analytics.predictive_insights.lead_scoring', [
    'high_potential',
    'medium_potential',
    'low_potential',
  ]),
  ...of('analytics.predictive_insights.revenue_forecast', [
    'next_month',
    'next_quarter',
    'confidence',
  ]),
  'analytics.predictive_insights.risk_factors',
]

const realtime = 'realtime_metrics'
export const REALTIME_FIELDS: LegacyFields = [
  ...['ok', 'generated_at'],
  ...of(`${realtime}.last_24_hours[]`, totals),
  ...of(`${realtime}.webhook_events[]`, ['event_type', 'object_type', 'change_type', 'created_at']),
  ...of(`${realtime}.bulk_jobs[]`, [
    ...['job_id', 'operation', 'object_type', 'status', 'total_records', 'successful_records'],
    'created_at',
  ]),
  `${realtime}.daily_integration_metrics`,
]

/** Fields that are not in an answer. An empty list is a fault too: what it holds could not be seen. */
export function missingFields(answer: unknown, fields: LegacyFields): string[] {
  return fields.filter((field) => !has(answer, field.split('.')))
}

function has(node: unknown, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return true
  const isList = name.endsWith('[]')
  const key = isList ? name.slice(0, -2) : name
  if (typeof node !== 'object' || node === null || !(key in node)) return false
  const value: unknown = node[key as keyof typeof node]
  if (!isList) return has(value, rest)
  return Array.isArray(value) && value.length > 0 && value.every((item) => has(item, rest))
}
