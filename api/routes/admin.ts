import { Hono } from 'hono'
import type { AdminCleanupFields } from '../../contracts/http/admin.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { cleanupExpiredCache } from '../../db/expired-cache.ts'
import { adminHealth } from '../admin/admin-health.ts'
import { adminMetrics } from '../admin/admin-metrics.ts'
import { readMetricsPeriod } from '../admin/metrics-period.ts'
import { auditEntry } from '../audit.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { isDatabaseUnavailable } from '../unavailable.ts'

/** The routes under /api/salesforce/admin: every answer has its fields both flat and under `data`. */
export function createAdminRoutes(deps: ApiDependencies) {
  return new Hono<ApiEnv>()
    .get('/api/salesforce/admin/health', async (c) => {
      const fields = await adminHealth(deps, c.var.database)
      return c.json({ ok: true, ...fields, data: fields })
    })
    .get('/api/salesforce/admin/metrics', async (c) => {
      const period = readMetricsPeriod(c.req.query('date_from'), c.req.query('date_to'), new Date())
      const fields = await adminMetrics(c.var.database, period)
      return c.json({ ok: true, ...fields, data: fields })
    })
    .post('/api/salesforce/admin/cleanup', async (c) => {
      const removed = await c.var.database
        .transaction(async (transaction) => {
          const cleaned = await cleanupExpiredCache(transaction)
          await createAuditLogQueries(transaction).append(
            auditEntry(c, {
              ...{ action: 'cache.cleaned', subject: null },
              details: { records_cleaned: cleaned },
            }),
          )
          return cleaned
        })
        .catch((error: unknown) => {
          if (isDatabaseUnavailable(error)) throw error
          const message = 'Nothing was removed. The log holds the cause under this request id.'
          throw new ApiError('cleanup_failed', message, { cause: error })
        })
      const fields: AdminCleanupFields = {
        message: `Removed ${removed} expired rows`,
        records_cleaned: removed,
        timestamp: new Date().toISOString(),
      }
      return c.json({ ok: true, ...fields, data: fields })
    })
}
