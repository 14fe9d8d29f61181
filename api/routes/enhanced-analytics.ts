import { Hono } from 'hono'
import { enhancedAnswer } from '../../analytics/rollup/enhanced.ts'
import {
  ANALYTICS_TYPES,
  type AnalyticsType,
  DATE_RANGES,
  type DateRange,
} from '../../contracts/analytics-rollup.ts'
import type { EnhancedAnswer } from '../../contracts/enhanced-analytics.ts'
import { readEnhancedInput } from '../../db/enhanced-analytics.ts'
import { createSalesforceAnalyticsCacheQueries } from '../../db/salesforce-analytics-cache.ts'
import { requireConnectionOfUser } from '../connections/find-connection.ts'
import type { ApiContext, ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { requirePlainText } from '../http/plain-text.ts'

/** `GET /api/salesforce/analytics/enhanced`, made of our own tables: it never waits for Salesforce. */
export function createEnhancedAnalyticsRoute({ settings }: ApiDependencies) {
  return new Hono<ApiEnv>().get('/api/salesforce/analytics/enhanced', async (c) => {
    const asked = readParameters(c)
    const cache = createSalesforceAnalyticsCacheQueries(c.var.database)
    const kept = asked.useCache ? await cache.find<EnhancedAnswer>(asked) : null
    if (kept !== null) {
      const fields = { ...kept.data, cached: true, expires_at: kept.expiresAt.toISOString() }
      return c.json({ ok: true, ...fields, data: fields })
    }
    const { connectionId } = await requireConnectionOfUser(c, asked.userId)
    const key = { connectionId, userId: asked.userId, type: asked.type, range: asked.range }
    const { input, resultsRevision } = await readEnhancedInput(c.var.database, key)
    const answer = enhancedAnswer(input)
    // Before there is anything to tell, the next caller is not to wait for the end of an hour.
    if (resultsRevision !== null) {
      const owned = { ...key, workspaceId: c.var.workspaceId }
      await cache.put(owned, answer, settings.analyticsTtlSeconds, resultsRevision)
    }
    const fields = { ...answer, cached: false }
    return c.json({ ok: true, ...fields, data: fields })
  })
}

function readParameters(c: ApiContext) {
  const userId = c.req.query('user_id')?.trim() ?? ''
  if (userId === '') throw new ApiError('missing_user_id', 'user_id is required')
  const type = c.req.query('type') ?? 'comprehensive'
  if (!isOneOf<AnalyticsType>(ANALYTICS_TYPES, type)) {
    throw new ApiError('invalid_type', `type must be one of ${ANALYTICS_TYPES.join(', ')}`)
  }
  const ranges = Object.keys(DATE_RANGES) as DateRange[]
  const range = c.req.query('date_range') ?? '30d'
  if (!isOneOf(ranges, range)) {
    throw new ApiError('invalid_date_range', `date_range must be one of ${ranges.join(', ')}`)
  }
  const cache = c.req.query('cache')?.toLowerCase() ?? 'true'
  if (cache !== 'true' && cache !== 'false') {
    throw new ApiError('invalid_request', 'cache must be true or false')
  }
  return {
    ...{ userId: requirePlainText('user_id', userId, 255), type, range },
    useCache: cache === 'true',
  }
}

function isOneOf<T extends string>(names: readonly T[], text: string): text is T {
  return (names as readonly string[]).includes(text)
}
