import { type CommonQueryMethods, sql } from 'slonik'
import { PUMP_SHARDS } from '../contracts/pump.ts'
import { createApiKeyQueries } from './api-keys.ts'
import { createAuditLogQueries } from './audit-log.ts'
import { createBulkJobStateChangeQueries } from './bulk-job-state-changes.ts'
import { createBulkJobQueries } from './bulk-jobs.ts'
import { createBulkQueryQueries } from './bulk-queries.ts'
import { createBulkUpstreamJobQueries } from './bulk-upstream-jobs.ts'
import { createConnectionOperationQueries } from './connection-operations.ts'
import { createConnectionQueries } from './connections.ts'
import { createIdempotencyKeyQueries } from './idempotency-keys.ts'
import { installationId } from './installation.ts'
import { stateOfInstallation } from './installation-state.ts'
import { createMetadataChangeQueries } from './metadata-changes.ts'
import { createMetadataRefreshQueries } from './metadata-refreshes.ts'
import { createMirrorKeepingQueries } from './mirror-keeping.ts'
import { createNoticeQueries } from './notices.ts'
import { createNotificationChannelQueries } from './notification-channels.ts'
import { createNotificationItemQueries } from './notification-items.ts'
import { createNotificationMessageQueries } from './notification-messages.ts'
import { createOauthFlowQueries } from './oauth-flows.ts'
import { createRateLimitQueries } from './rate-limits.ts'
import { appliedMigrations } from './readiness.ts'
import { createRollupDirtyBucketQueries } from './rollup-dirty-buckets.ts'
import { row } from './row-type.ts'
import { createCustomObjectsCacheQueries } from './salesforce-custom-objects-cache.ts'
import { createSessionQueries } from './sessions.ts'
import { createSoqlQueryQueries } from './soql-queries.ts'
import { createWebhookDeliveryQueueQueries } from './webhook-delivery-queue.ts'
import { createWebhookEndpointQueries } from './webhook-endpoints.ts'
import { createWebhookEventQueueQueries } from './webhook-event-queue.ts'
import { createWebhookIntakeQueries } from './webhook-intakes.ts'
import { createWebhookReplayQueries } from './webhook-replays.ts'
import { createWebhookRetentionQueries } from './webhook-retention.ts'
import { createWebhookTargetQueries } from './webhook-targets.ts'
import { createWorkflowStartQueries } from './workflow-starts.ts'
import { createWorkspaceQueries } from './workspaces.ts'

export type SystemDatabase = ReturnType<typeof createSystemDatabase>

/**
 * All that is done before a workspace is known, or across all of them, and nothing else: the role that it
 * runs as sees every workspace. What it may touch is granted in the migrations table by table.
 */
export function createSystemDatabase(connection: CommonQueryMethods) {
  const apiKeys = createApiKeyQueries(connection)
  const jobs = createBulkJobQueries(connection)
  const sessions = createSessionQueries(connection)
  const starts = createWorkflowStartQueries(connection)
  const workspaces = createWorkspaceQueries(connection)
  const flows = createOauthFlowQueries(connection)
  const deliveries = createWebhookDeliveryQueueQueries(connection)
  const eventQueue = createWebhookEventQueueQueries(connection)
  const endpoints = createWebhookEndpointQueries(connection)
  const intakes = createWebhookIntakeQueries(connection)
  const replays = createWebhookReplayQueries(connection)
  const dirtyBuckets = createRollupDirtyBucketQueries(connection)
  const bulkQueries = createBulkQueryQueries(connection)
  const soqlQueries = createSoqlQueryQueries(connection)

  return {
    installationId: () => installationId(connection),
    stateOfInstallation: () => stateOfInstallation(connection),

    findWorkspace: workspaces.find,
    /** False where there is one of this id. Otherwise the new one's audit log begins with it: both or neither. */
    async addWorkspace(workspaceId: string, name: string): Promise<boolean> {
      return connection.transaction(async (transaction) => {
        if (!(await createWorkspaceQueries(transaction).add(workspaceId, name))) return false
        await createAuditLogQueries(transaction).append({
          ...{ workspaceId, actorKind: 'operator', actorId: null, action: 'workspace.created' },
          ...{ subject: workspaceId, outcome: 'success', address: null, requestId: null },
          details: { name },
        })
        return true
      })
    },
    listWorkspaces: workspaces.list,
    listWorkspaceIdsAfter: workspaces.listIdsAfter,

    /** A key says which workspace it belongs to. */
    findApiKey: apiKeys.findByHash,
    /** Whether anybody has a key that works. */
    hasUsableApiKey: apiKeys.hasUsable,
    touchApiKey: apiKeys.touch,

    /** So does a session, by its key. */
    findSession: sessions.findByHash,
    touchSession: sessions.touch,
    rateLimits: createRateLimitQueries(connection),
    /** Of what no workspace's own transaction could say. */
    appendAudit: createAuditLogQueries(connection).append,
    appliedMigrations: () => appliedMigrations(connection),
    /** Each process that writes to them makes sure that there are days to write to. */
    makeWebhookPartitions: createWebhookRetentionQueries(connection).makePartitions,

    /** Whose job it is; null for one that does not exist. */
    async workspaceOfBulkJob(jobId: string): Promise<string | null> {
      return connection.maybeOneFirst(sql.type(row<{ workspace_id: string }>())`
        select workspace_id from salesforce_bulk_jobs where job_id = ${jobId}`)
    },

    async workspaceOfConnection(connectionId: string): Promise<string | null> {
      return connection.maybeOneFirst(sql.type(row<{ workspace_id: string }>())`
        select workspace_id from connections where connection_id = ${connectionId}`)
    },

    /** A webhook says which connection it is of, or has a path that says it, and no key. */
    intakeOfConnection: intakes.ofConnection,
    connectionOfWebhookPath: intakes.ofPath,

    /** A browser that comes back from Salesforce has its state and no key. */
    workspaceOfOauthState: flows.workspaceOfState,
    workspaceOfOauthConfirmation: flows.workspaceOfConfirmation,

    /** Whose jobs have changed and nobody was told. */
    listWorkspacesToAnnounce: createBulkJobStateChangeQueries(connection).listWorkspacesToAnnounce,
    /** Channels whose workflow is not there although something waits. */
    listNeglectedChannels: createNotificationChannelQueries(connection).listNeglected,

    /** A pump works for all workspaces: it finds out whose turn it is, and acts as that one. */
    pump: {
      listWorkspaces: eventQueue.listWorkspaces,
      nextDueAt: deliveries.nextDueAt,
      listEndedWithWaiting: createWebhookTargetQueries(connection).listEndedWithWaiting,
      async listOverdueShards(seconds: number): Promise<readonly number[]> {
        const shards = await Promise.all([
          eventQueue.listOverdueShards(PUMP_SHARDS, seconds),
          deliveries.listOverdueShards(PUMP_SHARDS, seconds),
        ])
        return [...new Set(shards.flat())]
      },
      listOverdueEndpoints: endpoints.listOverdue,
      analyzeNew: createWebhookRetentionQueries(connection).analyzeNew,
    },
    deliveries: { claim: deliveries.claim, release: deliveries.release },
    notify: createNoticeQueries(connection).notify,

    /** Schedules of connections, which are looked after together. */
    metadataSchedules: metadataSchedulesOf(connection),
    /** Which connections' rows are pulled, and when. */
    mirror: createMirrorKeepingQueries(connection),

    /** What the sweeper looks after. */
    sweeper: {
      jobs: {
        get: jobs.get,
        setBlocked: jobs.setBlocked,
        sweepStaging: jobs.sweepStaging,
        isHeldForNothing: jobs.isHeldForNothing,
      },
      starts,
      flows: { clearExpired: flows.clearExpired },
      replays: { get: replays.get, end: replays.end },
      bulkQueries: {
        get: bulkQueries.get,
        end: bulkQueries.end,
        isHeldForNothing: bulkQueries.isHeldForNothing,
      },
      soqlQueries: { clearExpired: soqlQueries.clearExpired },
    },

    /** What rollups have to add up again; each bucket is added up as its workspace. */
    rollups: {
      markDays: dirtyBuckets.markDays,
      recentDays: dirtyBuckets.recentDays,
      listDue: dirtyBuckets.listDue,
      countDue: dirtyBuckets.countDue,
    },

    /** What retention finds; it removes the content of each job as that job's workspace. */
    retention: {
      listPurgeable: jobs.listPurgeable,
      deleteExpiredKeys: createIdempotencyKeyQueries(connection).deleteExpired,
      deleteExpiredSessions: sessions.deleteExpired,
      deleteEndedStarts: starts.deleteEnded,
      deleteExpiredFlows: flows.deleteExpired,
      deleteExpiredOperations: createConnectionOperationQueries(connection).deleteExpired,
      deleteOldNotificationItems: createNotificationItemQueries(connection).deleteOld,
      deleteOldNotificationMessages: createNotificationMessageQueries(connection).deleteOld,
      listNotErased: createConnectionQueries(connection).listNotErased,
      listClosedSince: createBulkUpstreamJobQueries(connection).listClosedSince,
      webhooks: createWebhookRetentionQueries(connection),
      deleteEndedReplays: replays.deleteEnded,
      deleteStartsOfGoneReplays: starts.deleteOfGoneReplays,
      deleteOldMetadataChanges: createMetadataChangeQueries(connection).deleteOld,
      deleteExpiredCustomObjects: createCustomObjectsCacheQueries(connection).deleteExpired,
      listPurgeableQueries: bulkQueries.listPurgeable,
      deleteStartsOfEndedQueries: starts.deleteOfEndedQueries,
    },
  }
}

function metadataSchedulesOf(connection: CommonQueryMethods) {
  const { listToSchedule, setScheduled, forgetSchedules } = createMetadataRefreshQueries(connection)
  return { listToSchedule, setScheduled, forgetSchedules }
}
