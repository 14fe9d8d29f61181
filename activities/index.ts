import { Context } from '@temporalio/activity'
import { createAbortLoad } from './bulk-job/abort-load.ts'
import { createFinishBulkJob } from './bulk-job/finish-bulk-job.ts'
import { createLoadLease } from './bulk-job/load-lease.ts'
import { createPollLoad } from './bulk-job/poll-load.ts'
import { createPrepareBulkJob } from './bulk-job/prepare-bulk-job.ts'
import { createSendLoad } from './bulk-job/send-load.ts'
import { createSettleLoad } from './bulk-job/settle-load.ts'
import { createSteerBulkJob } from './bulk-job/steer-bulk-job.ts'
import { createTransferTurns } from './bulk-job/transfer-turns.ts'
import type { ActivityDependencies } from './dependencies.ts'
import { toFailure } from './failures.ts'
import { createDescriber, createMetadataActivities } from './metadata.ts'
import { createRetentionActivities } from './retention.ts'

/** Everything that workflows may call. */
export type Activities = ReturnType<typeof createActivities>

export function createActivities(deps: ActivityDependencies) {
  const describer = createDescriber(deps)
  const finisher = createFinishBulkJob(deps)
  const turns = createTransferTurns()
  return {
    prepareBulkJob: named(createPrepareBulkJob(deps, describer, finisher)),
    finishBulkJob: named(finisher.finishBulkJob),
    sendLoad: named(createSendLoad(deps, turns)),
    pollLoad: named(createPollLoad(deps)),
    settleLoad: named(createSettleLoad(deps, turns)),
    abortLoad: named(createAbortLoad(deps)),
    ...mapValues(createLoadLease(deps)),
    ...mapValues(createSteerBulkJob(deps)),
    ...mapValues(createMetadataActivities(describer)),
    ...mapValues(createRetentionActivities(deps)),
  }
}

type Activity = (...args: never[]) => Promise<unknown>

/** Lets no error leave without its place in the table of failures. */
function named<F extends Activity>(activity: F): F {
  const wrapped = async (...args: Parameters<F>) => {
    try {
      return await activity(...args)
    } catch (error) {
      throw toFailure(error, Context.current().info.attempt)
    }
  }
  // The wrapper takes and returns what the activity does; TypeScript cannot see that through the rest parameter.
  return wrapped as unknown as F
}

function mapValues<T extends Record<string, Activity>>(activities: T): T {
  const entries = Object.entries(activities).map(([name, activity]) => [name, named(activity)])
  // Same keys, same types.
  return Object.fromEntries(entries) as T
}
