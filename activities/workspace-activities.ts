import { createAnalyticsActivities } from './analytics/analytics-activities.ts'
import { createAbortLoad } from './bulk-job/abort-load.ts'
import { createFinishBulkJob } from './bulk-job/finish-bulk-job.ts'
import { createLoadLease } from './bulk-job/load-lease.ts'
import { createPollLoad } from './bulk-job/poll-load.ts'
import { createPrepareBulkJob } from './bulk-job/prepare-bulk-job.ts'
import { createSendLoad } from './bulk-job/send-load.ts'
import { createSettleLoad } from './bulk-job/settle-load.ts'
import { createSteerBulkJob } from './bulk-job/steer-bulk-job.ts'
import type { TransferTurns } from './bulk-job/transfer-turns.ts'
import { createCreateQueryJob } from './bulk-query/create-query-job.ts'
import { createPollQueryJob } from './bulk-query/poll-query-job.ts'
import { createReadQueryResults } from './bulk-query/read-query-results.ts'
import { createSteerQuery } from './bulk-query/steer-query.ts'
import { createConnectionExchange } from './connection-exchange.ts'
import { createConnectionRevoke } from './connection-revoke.ts'
import { createConnectionTest } from './connection-test.ts'
import type { ActivityDependencies } from './dependencies.ts'
import { createEndpointActivities } from './endpoint/endpoint-activities.ts'
import { createListObjects } from './metadata/list-objects.ts'
import { createObjectListReader } from './metadata/read-object-list.ts'
import { createRefreshActivities } from './metadata/refresh-some-metadata.ts'
import { createDescriber, createMetadataActivities } from './metadata.ts'
import { createMirrorActivities } from './mirror/mirror-run.ts'
import { createNextNotification } from './notification/next-notification.ts'
import { createSendNotification } from './notification/send-notification.ts'
import { createReEncryptSome } from './re-encryption.ts'
import { createReplayActivities } from './replay/replay-some.ts'
import { createRunSoqlQuery } from './soql-query/run-soql-query.ts'

export type WorkspaceActivities = ReturnType<typeof createWorkspaceActivities>

/** What is done for one workspace at a time; its database shows nothing else. */
export function createWorkspaceActivities(deps: ActivityDependencies, turns: TransferTurns) {
  const describer = createDescriber(deps)
  const finisher = createFinishBulkJob(deps)
  const analytics = createAnalyticsActivities(deps)
  const readObjectList = createObjectListReader(deps)
  const steering = createSteerQuery(deps)
  return {
    prepareBulkJob: createPrepareBulkJob(deps, describer, finisher),
    finishBulkJob: finisher.finishBulkJob,
    sendLoad: createSendLoad(deps, turns),
    pollLoad: createPollLoad(deps),
    settleLoad: createSettleLoad(deps, turns),
    abortLoad: createAbortLoad(deps),
    ...createLoadLease(deps),
    ...createSteerBulkJob(deps),
    ...createMetadataActivities(describer),
    listObjects: createListObjects(deps, readObjectList),
    ...createRefreshActivities(deps, describer, readObjectList),
    ...createRunSoqlQuery(deps),
    createQueryJob: createCreateQueryJob(deps),
    pollQueryJob: createPollQueryJob(deps),
    readQueryResults: createReadQueryResults(deps),
    beginBulkQuery: steering.beginBulkQuery,
    lookAtBulkQuery: steering.lookAtBulkQuery,
    blockBulkQuery: steering.blockBulkQuery,
    cancelBulkQuery: steering.cancelBulkQuery,
    ...createConnectionExchange(deps),
    ...createConnectionTest(deps),
    ...createConnectionRevoke(deps),
    ...createEndpointActivities({ ...deps, ...deps.webhooks }),
    ...createMirrorActivities({ ...deps, describer }),
    reEncryptSome: createReEncryptSome(deps),
    nextNotification: createNextNotification(deps),
    sendNotification: createSendNotification(deps),
    ...createReplayActivities(deps),
    drainBuckets: analytics.drainBuckets,
    refreshResults: analytics.refreshResults,
  }
}
