import { Hono } from 'hono'
import { trendReport } from '../../analytics/rollup/enhanced.ts'
import { snakeNames } from '../../analytics/rollup/snake-names.ts'
import { InsightListQuerySchema, StoredQuerySchema } from '../../contracts/http/analytics.ts'
import { createAnalyticsResultQueries } from '../../db/analytics-results.ts'
import { createAnalyticsRollupQueries } from '../../db/analytics-rollups.ts'
import { readEnhancedInput } from '../../db/enhanced-analytics.ts'
import { createSalesforcePredictiveInsightQueries } from '../../db/salesforce-predictive-insights.ts'
import { requireConnectionOfId, requireConnectionOfUser } from '../connections/find-connection.ts'
import type { ApiContext, ApiEnv } from '../dependencies.ts'
import { decodeCursor, encodeCursor } from '../http/cursor.ts'
import { readQuery } from '../http/read-query.ts'

/** `/v1/analytics/…`: what the rollup computes, and nobody waits for. */
export function createStoredAnalyticsRoutes() {
  return new Hono<ApiEnv>()
    .get('/v1/analytics/trends', async (c) => {
      const connectionId = await connectionOf(c, readQuery(c.req.raw, StoredQuerySchema))
      const asked = { connectionId, type: 'comprehensive', range: '30d' } as const
      const { input } = await readEnhancedInput(c.var.database, asked)
      return c.json({
        connection_id: connectionId,
        time_zone: input.timeZone,
        as_of: input.asOf,
        trends: trendReport(input),
      })
    })
    .get('/v1/analytics/forecast', async (c) => {
      const connectionId = await connectionOf(c, readQuery(c.req.raw, StoredQuerySchema))
      const results = createAnalyticsResultQueries(c.var.database)
      const rollup = await createAnalyticsRollupQueries(c.var.database).get(connectionId)
      const found = await results.report(connectionId, 'forecast')
      const likelihood = await results.report(connectionId, 'likelihood')
      return c.json({
        connection_id: connectionId,
        time_zone: rollup?.timeZone ?? 'UTC',
        as_of: rollup?.resultsAsOf?.toISOString() ?? null,
        reason: found === null ? 'not_pulled_yet' : null,
        forecast: snakeNames(found),
        likelihood: snakeNames(likelihood),
      })
    })
    .get('/v1/analytics/insights', async (c) => {
      const query = readQuery(c.req.raw, InsightListQuerySchema)
      const connectionId = await connectionOf(c, query)
      const after = decodeCursor<[number]>(query.cursor, ([id]) => Number.isSafeInteger(id))
      const found = await createSalesforcePredictiveInsightQueries(c.var.database).list(
        connectionId,
        { rule: query.rule ?? null, after: after?.[0] ?? 0, limit: query.limit + 1 },
      )
      const page = found.slice(0, query.limit)
      const last = found.length > query.limit ? page.at(-1) : undefined
      const rollup = await createAnalyticsRollupQueries(c.var.database).get(connectionId)
      return c.json({
        connection_id: connectionId,
        as_of: rollup?.resultsAsOf?.toISOString() ?? null,
        insights: page.map((insight) => ({
          id: String(insight.id),
          rule: insight.insightType,
          object: insight.objectType,
          object_id: insight.objectId,
          confidence: insight.confidence,
          prediction: snakeNames(insight.prediction),
          generated_at: insight.generatedAt.toISOString(),
          valid_until: insight.validUntil.toISOString(),
        })),
        next_cursor: last === undefined ? null : encodeCursor([last.id]),
      })
    })
}

async function connectionOf(
  c: ApiContext,
  { connection_id: id }: { readonly connection_id?: string | undefined },
): Promise<string> {
  const found =
    id === undefined ? await requireConnectionOfUser(c, null) : await requireConnectionOfId(c, id)
  return found.connectionId
}
