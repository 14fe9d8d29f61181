import type {
  DayRange,
  RollupMark,
  RollupMarkInput,
  RollupSlice,
  RollupSliceInput,
} from '../../contracts/rollup.ts'
import { createRollupDirtyBucketQueries, type DirtyBucket } from '../../db/rollup-dirty-buckets.ts'
import { heartbeatWhile } from '../bulk-job/heartbeat.ts'
import type { ActivityFoundation } from '../dependencies.ts'
import { ROLLUP_DEFINITIONS } from './rollup-definitions.ts'

/** Long enough that few steps are in a history, short enough that an operator sees progress. */
const SLICE_MS = 15_000
const BUCKETS_AT_ONCE = 50
const LONGEST_ERROR = 500

/** The steps of the workflow `rollup`. Each may run twice: what is done is out of the queue. */
export function createRollupActivities(deps: Pick<ActivityFoundation, 'database' | 'logger'>) {
  const { rollups } = deps.database.system

  async function rangeOf(mark: RollupMark): Promise<DayRange | null> {
    switch (mark.kind) {
      case 'none':
        return null
      case 'range':
        return mark.range
      case 'recent':
        return rollups.recentDays(mark.daysBefore)
      default:
        return unreachable(mark)
    }
  }

  /** One transaction, so that nobody sees a bucket half done. False where it failed. */
  async function rollUp(
    { metric }: RollupSliceInput,
    { workspaceId, bucket }: DirtyBucket,
  ): Promise<boolean> {
    const definition = ROLLUP_DEFINITIONS[metric]
    const database = deps.database.workspace(workspaceId)
    try {
      await database.transaction(async (transaction) => {
        const dirty = createRollupDirtyBucketQueries(transaction)
        const revision = await dirty.begin(workspaceId, metric, bucket)
        if (revision === null) return
        if (definition.isKept(bucket, new Date())) {
          await definition.replace(transaction, workspaceId, bucket)
        }
        await dirty.settle(workspaceId, metric, bucket, revision)
      })
      return true
    } catch (error) {
      // One bucket must not keep all others from being added up.
      const message = error instanceof Error ? error.message : String(error)
      deps.logger.error({ err: error, workspaceId, metric, bucket }, 'a bucket was not added up')
      // Where the database is away this fails too, and so does the activity: Temporal tries again.
      await createRollupDirtyBucketQueries(database).postpone(
        ...([workspaceId, metric, bucket] as const),
        message.slice(0, LONGEST_ERROR).replaceAll('\0', ''),
      )
      return false
    }
  }

  async function rollUpFor(input: RollupSliceInput, ms: number): Promise<RollupSlice> {
    const until = performance.now() + ms
    let done = 0
    let failed = 0
    for (;;) {
      const due = await rollups.listDue(input.metric, BUCKETS_AT_ONCE)
      for (const bucket of due) {
        if (await rollUp(input, bucket)) done += 1
        else failed += 1
        if (performance.now() > until) break
      }
      if (due.length === 0 || performance.now() > until) break
    }
    return { done, failed, left: await rollups.countDue(input.metric) }
  }

  return {
    /** Marks what the run is to add up anew, in every workspace; returns how many buckets. */
    async markRollup({ metric, mark }: RollupMarkInput): Promise<number> {
      const range = await rangeOf(mark)
      return range === null ? 0 : rollups.markDays(metric, range)
    },

    /** Adds up what is due, for some seconds. A large bucket may take longer than that. */
    rollUpSome: (input: RollupSliceInput): Promise<RollupSlice> =>
      heartbeatWhile(() => rollUpFor(input, SLICE_MS)),
  }
}

function unreachable(mark: never): never {
  throw new Error(`Unknown mark ${JSON.stringify(mark)}`)
}
