import type {
  RefreshResultsInput,
  RollUpInput,
  RollUpProgress,
} from '../../contracts/analytics-rollup.ts'
import { createAnalyticsBucketQueries } from '../../db/analytics-buckets.ts'
import { createAnalyticsDirtyBucketQueries } from '../../db/analytics-dirty-buckets.ts'
import { createAnalyticsResultQueries } from '../../db/analytics-results.ts'
import { createAnalyticsRollupQueries } from '../../db/analytics-rollups.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import { createSalesforceAnalyticsCacheQueries } from '../../db/salesforce-analytics-cache.ts'
import { createSalesforcePredictiveInsightQueries } from '../../db/salesforce-predictive-insights.ts'
import { heartbeatWhile } from '../bulk-job/heartbeat.ts'
import { createDrainBuckets, type RollupDependencies } from './drain-buckets.ts'
import { createRefreshResults } from './refresh-results.ts'

const ERASE_AT_ONCE = 10_000

/** What rolls up the mirror of a connection. All of it may be done twice, and by two at once. */
export function createAnalyticsActivities(deps: RollupDependencies) {
  const { database } = deps
  const drain = createDrainBuckets(deps)
  const refresh = createRefreshResults(deps)

  /** Of a connection that was removed nothing is kept. */
  async function erase(connectionId: string): Promise<void> {
    await createSalesforceAnalyticsCacheQueries(database).erase(connectionId)
    await createSalesforcePredictiveInsightQueries(database).erase(connectionId)
    await createAnalyticsResultQueries(database).erase(connectionId)
    const buckets = createAnalyticsBucketQueries(database)
    while ((await buckets.erase(connectionId, ERASE_AT_ONCE)) === ERASE_AT_ONCE);
    await createAnalyticsDirtyBucketQueries(database).erase(connectionId)
    await createAnalyticsRollupQueries(database).remove(connectionId)
  }

  return {
    /** Computes marked days for some seconds. */
    async drainBuckets(input: RollUpInput): Promise<RollUpProgress> {
      const connection = await createConnectionQueries(database).get(input.connectionId)
      if (connection === null || connection.isDeleted) {
        await heartbeatWhile(() => erase(input.connectionId))
        return { computed: 0, left: 0 }
      }
      return heartbeatWhile(() => drain(input))
    },

    /** Computes what needs rows, and the answers that callers have asked for. */
    async refreshResults(input: RefreshResultsInput): Promise<void> {
      const connection = await createConnectionQueries(database).get(input.connectionId)
      if (connection === null || connection.isDeleted) return
      await heartbeatWhile(() => refresh(input))
    },
  }
}
