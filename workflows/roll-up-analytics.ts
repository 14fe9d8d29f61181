import { defineQuery, setCurrentDetails, setHandler } from '@temporalio/workflow'
import type { RollUpAnalyticsInput, RollUpProgress } from '../contracts/analytics-rollup.ts'
import { rollUp } from './lib/roll-up.ts'
import { rollups } from './proxies.ts'

const progressQuery = defineQuery<RollUpProgress | null>('progress')

/**
 * Rolls up the mirror of one connection: what was marked since the last time, or everything. Each pull of the mirror does
 * the same at its end; this is for whoever does not want to wait for the next one. It may run twice, and beside a pull.
 */
export async function rollUpAnalytics({
  workspaceId,
  connectionId,
  everything,
}: RollUpAnalyticsInput): Promise<RollUpProgress> {
  const input = { workspaceId, connectionId }
  let progress: RollUpProgress | null = null
  setHandler(progressQuery, () => progress)
  if (everything) await rollups.markAllBuckets(input)
  return rollUp(input, (current) => {
    progress = current
    setCurrentDetails(
      `Rollup of connection \`${connectionId}\`: ${current.computed} days computed, ${current.left} left.`,
    )
  })
}
