import { Context } from '@temporalio/activity'
import { createTransferTurns } from './bulk-job/transfer-turns.ts'
import type { ActivityFoundation } from './dependencies.ts'
import { toFailure } from './failures.ts'
import { createPumpTurn } from './pump/pump-turn.ts'
import { createRetentionActivities } from './retention.ts'
import { createRollupActivities } from './rollup/roll-up-some.ts'
import { createWorkspaceActivities, type WorkspaceActivities } from './workspace-activities.ts'
import { createWorkspaceFinder, type WorkspaceSubject } from './workspace-finder.ts'
import { createWorkspaceListActivities } from './workspace-list.ts'

/** Everything that workflows may call. */
export type Activities = ReturnType<typeof createActivities>

/** Workspaces whose activities are kept ready; making them anew is cheap. */
const MOST_READY = 1_000

export function createActivities(foundation: ActivityFoundation) {
  const turns = createTransferTurns()
  const workspaceOf = createWorkspaceFinder(foundation.database.system)
  const ready = new Map<string, WorkspaceActivities>()

  function activitiesOf(workspaceId: string): WorkspaceActivities {
    const known = ready.get(workspaceId)
    if (known !== undefined) return known
    const database = foundation.database.workspace(workspaceId)
    const made = createWorkspaceActivities({ ...foundation, database }, turns)
    if (ready.size >= MOST_READY) ready.clear()
    ready.set(workspaceId, made)
    return made
  }

  /** Each call acts for the workspace that its input belongs to. */
  function forWorkspace<Name extends keyof WorkspaceActivities>(
    name: Name,
  ): WorkspaceActivities[Name] {
    const call = async (input: WorkspaceSubject) => {
      const activities = activitiesOf(await workspaceOf(input))
      // All of them take one object that says what it is about; which one it is, `name` decides on both sides.
      const activity = activities[name] as (input: WorkspaceSubject) => Promise<unknown>
      return activity(input)
    }
    return named(call) as unknown as WorkspaceActivities[Name]
  }

  return {
    prepareBulkJob: forWorkspace('prepareBulkJob'),
    finishBulkJob: forWorkspace('finishBulkJob'),
    sendLoad: forWorkspace('sendLoad'),
    pollLoad: forWorkspace('pollLoad'),
    settleLoad: forWorkspace('settleLoad'),
    abortLoad: forWorkspace('abortLoad'),
    leaseLoad: forWorkspace('leaseLoad'),
    releaseLoad: forWorkspace('releaseLoad'),
    nextLoads: forWorkspace('nextLoads'),
    beginBulkJob: forWorkspace('beginBulkJob'),
    pauseBulkJob: forWorkspace('pauseBulkJob'),
    wishCancel: forWorkspace('wishCancel'),
    blockBulkJob: forWorkspace('blockBulkJob'),
    describeObject: forWorkspace('describeObject'),
    listObjects: forWorkspace('listObjects'),
    refreshSomeMetadata: forWorkspace('refreshSomeMetadata'),
    endMetadataRefresh: forWorkspace('endMetadataRefresh'),
    runSoqlQuery: forWorkspace('runSoqlQuery'),
    giveUpSoqlQuery: forWorkspace('giveUpSoqlQuery'),
    createQueryJob: forWorkspace('createQueryJob'),
    pollQueryJob: forWorkspace('pollQueryJob'),
    readQueryResults: forWorkspace('readQueryResults'),
    beginBulkQuery: forWorkspace('beginBulkQuery'),
    lookAtBulkQuery: forWorkspace('lookAtBulkQuery'),
    blockBulkQuery: forWorkspace('blockBulkQuery'),
    cancelBulkQuery: forWorkspace('cancelBulkQuery'),
    exchangeCode: forWorkspace('exchangeCode'),
    giveUpExchange: forWorkspace('giveUpExchange'),
    checkConnection: forWorkspace('checkConnection'),
    giveUpCheck: forWorkspace('giveUpCheck'),
    revokeTokens: forWorkspace('revokeTokens'),
    giveUpRevocation: forWorkspace('giveUpRevocation'),
    reEncryptSome: forWorkspace('reEncryptSome'),
    beginMirror: forWorkspace('beginMirror'),
    mirrorSome: forWorkspace('mirrorSome'),
    endMirror: forWorkspace('endMirror'),
    nextNotification: forWorkspace('nextNotification'),
    sendNotification: forWorkspace('sendNotification'),
    lookAtEndpoint: forWorkspace('lookAtEndpoint'),
    probeEndpoint: forWorkspace('probeEndpoint'),
    steerEndpoint: forWorkspace('steerEndpoint'),
    ...mapValues(createPumpTurn({ ...foundation, ...foundation.webhooks })),
    replaySome: forWorkspace('replaySome'),
    endReplay: forWorkspace('endReplay'),
    drainBuckets: forWorkspace('drainBuckets'),
    refreshResults: forWorkspace('refreshResults'),
    ...mapValues(createRetentionActivities(foundation)),
    ...mapValues(createRollupActivities(foundation)),
    ...mapValues(createWorkspaceListActivities(foundation)),
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
