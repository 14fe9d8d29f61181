import {
  continueAsNew,
  defineQuery,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import type { RollupInput, RollupProgress } from '../contracts/rollup.ts'
import { database, slices } from './proxies.ts'

const progressQuery = defineQuery<RollupProgress>('progress')

/**
 * Adds up the buckets of a metric that are dirty, of all workspaces, after it has marked those that it was told to. A
 * bucket that fails stays dirty for a later run; a reset or a second run only looks again.
 */
export async function rollup(input: RollupInput): Promise<RollupProgress> {
  const { metric, mark } = input
  let progress = input.from ?? { marked: 0, done: 0, failed: 0, left: 0 }
  setHandler(progressQuery, () => progress)
  if (input.from === undefined) {
    const marked = await database.markRollup({ metric, mark })
    progress = { ...progress, marked, left: marked }
  }
  for (;;) {
    show()
    const slice = await slices.rollUpSome({ metric })
    progress = {
      marked: progress.marked,
      done: progress.done + slice.done,
      failed: progress.failed + slice.failed,
      left: slice.left,
    }
    if (slice.left === 0) {
      show()
      return progress
    }
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof rollup>({ metric, mark, from: progress })
    }
  }

  function show(): void {
    const { marked, done, failed, left } = progress
    setCurrentDetails(
      [
        `Adding up \`${metric}\`.`,
        '',
        '| marked | added up | failed, for a later run | left |',
        '|---|---|---|---|',
        `| ${marked} | ${done} | ${failed} | ${left} |`,
      ].join('\n'),
    )
  }
}
