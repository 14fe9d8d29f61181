import type { RollUpInput, RollUpProgress } from '../../contracts/analytics-rollup.ts'
import { createAnalyticsBucketQueries } from '../../db/analytics-buckets.ts'
import { createAnalyticsDirtyBucketQueries } from '../../db/analytics-dirty-buckets.ts'
import { createAnalyticsRollupQueries } from '../../db/analytics-rollups.ts'
import { createMirrorRunQueries } from '../../db/mirror-runs.ts'
import type { ActivityDependencies } from '../dependencies.ts'

/** Long enough that few steps are in a history, short enough that an operator sees progress. */
const SLICE_MS = 5_000
/** Days of one transaction: whoever writes rows of these days waits for its end. */
const DAYS_AT_ONCE = 60

export type RollupDependencies = Pick<
  ActivityDependencies,
  'database' | 'mirror' | 'logger' | 'failpoint'
>

/** Computes marked days anew, for some seconds. What is done stays done: a second attempt only goes on. */
export function createDrainBuckets({ database, mirror, failpoint }: RollupDependencies) {
  /** A rollup that is new, or of days in another zone, has to be computed from the beginning. */
  async function prepare(input: RollUpInput): Promise<void> {
    const run = await createMirrorRunQueries(database).get(input.connectionId)
    const timeZone = mirror.timeZone ?? run?.timeZone ?? 'UTC'
    await database.transaction(async (transaction) => {
      const rollups = createAnalyticsRollupQueries(transaction)
      if (!(await rollups.setTimeZone(input, timeZone))) return
      const days = await createAnalyticsDirtyBucketQueries(transaction).markAll(input)
      await rollups.beginBackfill(input.connectionId, days)
    })
  }

  /** Days that were computed; 0 where none is marked, or all that are marked are being written to. */
  async function step(input: RollUpInput): Promise<number> {
    return database.transaction(async (transaction) => {
      const rollup = await createAnalyticsRollupQueries(transaction).hold(input.connectionId)
      if (rollup === null) return 0
      const dirty = createAnalyticsDirtyBucketQueries(transaction)
      const taken = await dirty.take(input.connectionId, DAYS_AT_ONCE)
      if (taken === null) return 0
      const buckets = createAnalyticsBucketQueries(transaction)
      await buckets.replace(taken.subject, input, taken.days, rollup.timeZone)
      await failpoint('rollup.before-commit')
      return taken.days.length
    })
  }

  return async (input: RollUpInput): Promise<RollUpProgress> => {
    const until = performance.now() + SLICE_MS
    await prepare(input)
    let computed = 0
    for (;;) {
      const days = await step(input)
      computed += days
      if (days === 0 || performance.now() > until) break
    }
    const left = await createAnalyticsDirtyBucketQueries(database).count(input.connectionId)
    return { computed, left }
  }
}
