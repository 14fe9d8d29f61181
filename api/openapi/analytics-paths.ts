import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import {
  EnhancedAnalyticsQuerySchema,
  EnhancedAnalyticsSchema,
  FigureSchema,
  ForecastSchema,
  InsightListQuerySchema,
  InsightListSchema,
  ReportQuerySchema,
  ReportSchema,
  RollupSchema,
  StoredQuerySchema,
  TrendsSchema,
} from '../../contracts/http/analytics.ts'
import { json, legacyErrors, problems } from './responses.ts'

const tags = ['Analytics']
const CODES = [
  'unknown_parameter',
  'invalid_request',
  'connection_not_found',
  'authentication_failed',
] as const

const REPORT_SUMMARIES = {
  pipeline: ['getPipelineReport', 'Open deals, and what is due in the period'],
  'win-rate': ['getWinRateReport', 'Deals won of deals closed in the period'],
  velocity: ['getVelocityReport', 'What the pipeline brings a day'],
  cycle: ['getCycleReport', 'Days from creation to close of the deals won in the period'],
  stages: ['getStageReport', 'Where deals went that entered each stage, and how long they stay'],
  movement: ['getMovementReport', 'How the pipeline came from one day to another'],
  slippage: ['getSlippageReport', 'Deals whose close date moves on'],
  leads: ['getLeadReport', 'What becomes of the leads created in the period'],
  owners: ['getOwnerReport', 'Figures of each owner'],
  accounts: ['getAccountReport', 'Accounts, and those created in the period'],
  stale: ['getStaleReport', 'Open deals without a sign of life'],
} as const

/** Describes what is made of the mirror. */
export function describeAnalyticsPaths(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.register('Figure', FigureSchema)
  registry.registerPath({
    method: 'get',
    path: '/api/salesforce/analytics/enhanced',
    operationId: 'getEnhancedAnalytics',
    tags,
    summary: 'Pipeline, leads, accounts, trends and predictions',
    description:
      'Made of the mirror of the connection of `user_id`, or of the default one. What is not known is null, and `figures` says why.',
    request: { query: EnhancedAnalyticsQuerySchema },
    responses: {
      200: json(EnhancedAnalyticsSchema, 'The analytics.'),
      ...legacyErrors(
        ...(['missing_user_id', 'invalid_type', 'invalid_date_range', 'invalid_request'] as const),
        'authentication_failed',
      ),
    },
  })
  for (const [name, [operationId, summary]] of Object.entries(REPORT_SUMMARIES)) {
    registry.registerPath({
      method: 'get',
      path: `/v1/analytics/${name}`,
      operationId,
      tags,
      summary,
      request: { query: ReportQuerySchema },
      responses: {
        200: json(ReportSchema, 'The report.'),
        ...problems(...CODES, 'too_many_rows'),
      },
    })
  }
  describeStored(registry)
}

function describeStored(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    method: 'get',
    path: '/v1/analytics/trends',
    operationId: 'getTrends',
    tags,
    summary: 'Trends over months, where a test supports one',
    request: { query: StoredQuerySchema },
    responses: { 200: json(TrendsSchema, 'The trends.'), ...problems(...CODES) },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/analytics/forecast',
    operationId: 'getForecast',
    tags,
    summary: 'What is won next, where a backtest supports it; and likelihoods of open deals',
    request: { query: StoredQuerySchema },
    responses: { 200: json(ForecastSchema, 'The forecast.'), ...problems(...CODES) },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/analytics/insights',
    operationId: 'listInsights',
    tags,
    summary: 'Deals and weeks that a person should look at',
    request: { query: InsightListQuerySchema },
    responses: {
      200: json(InsightListSchema, 'A page of insights.'),
      ...problems(...CODES, 'invalid_cursor'),
    },
  })
  const params = z.object({
    connectionId: z.string().openapi({ description: 'Id of the connection.' }),
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/connections/{connectionId}/analytics',
    operationId: 'getAnalyticsRollup',
    tags,
    summary: 'How far the sums of a connection are',
    request: { params },
    responses: { 200: json(RollupSchema, 'The rollup.'), ...problems('connection_not_found') },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/connections/{connectionId}/analytics/rebuild',
    operationId: 'rebuildAnalytics',
    tags,
    summary: 'Compute all sums anew',
    request: { params },
    responses: {
      202: json(RollupSchema, 'All days are marked.', z.object({ Location: z.string() })),
      ...problems('connection_not_found'),
    },
  })
}
