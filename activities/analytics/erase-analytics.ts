import { createAnalyticsBucketQueries } from '../../db/analytics-buckets.ts'
import { createAnalyticsDirtyBucketQueries } from '../../db/analytics-dirty-buckets.ts'
import { createAnalyticsResultQueries } from '../../db/analytics-results.ts'
import { createAnalyticsRollupQueries } from '../../db/analytics-rollups.ts'
import type { DatabaseTransactionConnection } from '../../db/pool.ts'
import { createSalesforceAnalyticsCacheQueries } from '../../db/salesforce-analytics-cache.ts'
import { createSalesforcePredictiveInsightQueries } from '../../db/salesforce-predictive-insights.ts'

/**
 * Removes what was made of a mirror: all that is small, and up to `limit` buckets. Gives how many of these there were. The
 * row of the rollup goes first: without it no rollup that is under way writes anything more.
 */
export async function eraseAnalytics(
  transaction: DatabaseTransactionConnection,
  connectionId: string,
  limit: number,
): Promise<number> {
  await createAnalyticsRollupQueries(transaction).remove(connectionId)
  await createSalesforceAnalyticsCacheQueries(transaction).erase(connectionId)
  await createSalesforcePredictiveInsightQueries(transaction).erase(connectionId)
  await createAnalyticsResultQueries(transaction).erase(connectionId)
  await createAnalyticsDirtyBucketQueries(transaction).erase(connectionId)
  return createAnalyticsBucketQueries(transaction).erase(connectionId, limit)
}
