import { INTEGRATION_DAYS, type RollupMetric } from '../../contracts/rollup.ts'
import type { DatabaseTransactionConnection } from '../../db/pool.ts'
import { createIntegrationMetricQueries } from '../../db/salesforce-integration-metrics.ts'

/** How the buckets of a rollup are made. */
export interface RollupDefinition {
  /** Puts what the bucket is made of in the place of what was there, all in the transaction that it is given. */
  replace(
    transaction: DatabaseTransactionConnection,
    workspaceId: string,
    bucket: string,
  ): Promise<void>
  /** Whether what the bucket is made of is still kept; one of which it is not keeps its figures. */
  isKept(bucket: string, now: Date): boolean
}

const DAY_MS = 86_400_000

export const ROLLUP_DEFINITIONS: Readonly<Record<RollupMetric, RollupDefinition>> = {
  integration: {
    replace: (transaction, workspaceId, day) =>
      createIntegrationMetricQueries(transaction).replaceDay(workspaceId, day),
    isKept: (day, now) => Date.parse(day) > now.getTime() - INTEGRATION_DAYS * DAY_MS,
  },
}
