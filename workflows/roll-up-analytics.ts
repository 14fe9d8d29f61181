import { defineQuery, setCurrentDetails, setHandler } from '@temporalio/workflow'
import type { RollUpInput, RollUpProgress } from '../contracts/analytics-rollup.ts'
import { rollUp } from './lib/roll-up.ts'

const progressQuery = defineQuery<RollUpProgress | null>('progress')

/**
 * Rolls up what is marked of one connection. Each pull of the mirror does the same at its end; this is for whoever does
 * not want to wait for the next one. It may run twice, and beside a pull.
 */
export async function rollUpAnalytics({
  workspaceId,
  connectionId,
}: RollUpInput): Promise<RollUpProgress> {
  let progress: RollUpProgress | null = null
  setHandler(progressQuery, () => progress)
  return rollUp({ workspaceId, connectionId }, (current) => {
    progress = current
    setCurrentDetails(
      `Rollup of connection \`${connectionId}\`: ${current.computed} days computed, ${current.left} left.`,
    )
  })
}
