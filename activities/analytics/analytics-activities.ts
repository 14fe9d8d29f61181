import type {
  RefreshResultsInput,
  RollUpInput,
  RollUpProgress,
} from '../../contracts/analytics-rollup.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import { heartbeatWhile } from '../bulk-job/heartbeat.ts'
import { createDrainBuckets, type RollupDependencies } from './drain-buckets.ts'
import { createRefreshResults } from './refresh-results.ts'

/**
 * What rolls up the mirror of a connection. All of it may be done twice, and by two at once. A connection that was removed
 * has nothing to roll up: what was made of its mirror goes with that.
 */
export function createAnalyticsActivities(deps: RollupDependencies) {
  const drain = createDrainBuckets(deps)
  const refresh = createRefreshResults(deps)

  async function isThere({ connectionId }: RollUpInput): Promise<boolean> {
    const connection = await createConnectionQueries(deps.database).get(connectionId)
    return connection !== null && !connection.isDeleted
  }

  return {
    /** Computes marked days for some seconds. */
    async drainBuckets(input: RollUpInput): Promise<RollUpProgress> {
      if (!(await isThere(input))) return { computed: 0, left: 0 }
      return heartbeatWhile(() => drain(input))
    },

    /** Computes what needs rows, and the answers that are kept. */
    async refreshResults(input: RefreshResultsInput): Promise<void> {
      if (await isThere(input)) await heartbeatWhile(() => refresh(input))
    },
  }
}
