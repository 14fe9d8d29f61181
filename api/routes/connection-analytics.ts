import { Hono } from 'hono'
import type { RollupBody } from '../../contracts/http/analytics.ts'
import { createAnalyticsDirtyBucketQueries } from '../../db/analytics-dirty-buckets.ts'
import { createAnalyticsRollupQueries } from '../../db/analytics-rollups.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { auditEntry } from '../audit.ts'
import { requireConnectionOfId } from '../connections/find-connection.ts'
import type { ApiContext, ApiDependencies, ApiEnv } from '../dependencies.ts'

/** How far the rollup of a connection is, and to compute all of it anew. */
export function createConnectionAnalyticsRoutes(deps: ApiDependencies) {
  return new Hono<ApiEnv>()
    .get('/v1/connections/:connectionId/analytics', async (c) => {
      const { connectionId } = await requireConnectionOfId(c, c.req.param('connectionId'))
      return c.json(await bodyOf(c, connectionId))
    })
    .post('/v1/connections/:connectionId/analytics/rebuild', async (c) => {
      const { connectionId } = await requireConnectionOfId(c, c.req.param('connectionId'))
      const owner = { connectionId, workspaceId: c.var.workspaceId }
      await c.var.database.transaction(async (transaction) => {
        const days = await createAnalyticsDirtyBucketQueries(transaction).markAll(owner)
        await createAnalyticsRollupQueries(transaction).beginBackfill(connectionId, days)
        await createAuditLogQueries(transaction).append(
          auditEntry(c, { action: 'analytics.rebuilt', subject: connectionId }),
        )
      })
      await deps.starters.startRollUp(owner).catch((error: unknown) => {
        // The days are marked: the next pull of the mirror computes them.
        deps.logger.warn({ err: error, connectionId }, 'a rollup could not be started yet')
      })
      c.header('Location', `/v1/connections/${connectionId}/analytics`)
      return c.json(await bodyOf(c, connectionId), 202)
    })
}

async function bodyOf(c: ApiContext, connectionId: string): Promise<RollupBody> {
  const rollup = await createAnalyticsRollupQueries(c.var.database).get(connectionId)
  const waiting = await createAnalyticsDirtyBucketQueries(c.var.database).count(connectionId)
  const started = rollup?.backfillStartedAt ?? null
  return {
    connection_id: connectionId,
    time_zone: rollup?.timeZone ?? null,
    as_of: rollup?.resultsAsOf?.toISOString() ?? null,
    computed_at: rollup?.resultsAt?.toISOString() ?? null,
    waiting_days: waiting,
    backfill:
      started === null
        ? null
        : { started_at: started.toISOString(), days: rollup?.backfillDays ?? waiting },
  }
}
