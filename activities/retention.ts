import { Context } from '@temporalio/activity'
import { RESULTS_KEPT_DAYS } from '../contracts/bulk-job.ts'
import { createBulkBatchBlobQueries } from '../db/bulk-batch-blobs.ts'
import { createBulkFailedRowQueries } from '../db/bulk-failed-rows.ts'
import { createBulkJobQueries } from '../db/bulk-jobs.ts'
import { createConnectionCredentialQueries } from '../db/connection-credentials.ts'
import { createConnectionQueries } from '../db/connections.ts'
import { createSalesforceOauthTokenQueries } from '../db/salesforce-oauth-tokens.ts'
import { removeResults } from './bulk-query/end-query.ts'
import type { ActivityFoundation } from './dependencies.ts'
import { createWebhookRetention } from './webhook-retention.ts'
import { createWorkspaceFinder } from './workspace-finder.ts'

/** Content stays three days at least, whatever is configured. */
const LEAST_DAYS = 3
const AT_ONCE = 50
const KEYS_AT_ONCE = 10_000
const SESSIONS_AT_ONCE = 100_000
const ROWS_AT_ONCE = 20_000
const ENDED_STARTS_AT_ONCE = 100_000
/** A revocation has ended by then: its workflow gives up after an hour. */
const REVOKED_FOR_SECONDS = 2 * 3_600

/** Removes what is past its time: the content of terminal jobs and idempotency keys. Job rows and counts stay. */
export function createRetentionActivities(deps: ActivityFoundation) {
  const { retention } = deps.database.system
  const workspaceOf = createWorkspaceFinder(deps.database.system)
  const removeOldWebhooks = createWebhookRetention(deps)

  return {
    async purgeExpired(): Promise<{ readonly purgedJobs: number; readonly expiredKeys: number }> {
      const days = Math.max(LEAST_DAYS, deps.retentionDays)
      // Before all that may fail: without days to write to, no webhook is taken in.
      await retention.webhooks.makePartitions()
      let purgedJobs = 0
      for (;;) {
        const jobIds = await retention.listPurgeable(days, AT_ONCE)
        if (jobIds.length === 0) break
        for (const jobId of jobIds) {
          await purge(jobId)
          purgedJobs += 1
        }
      }
      let expiredKeys = 0
      for (;;) {
        const deleted = await retention.deleteExpiredKeys(KEYS_AT_ONCE)
        expiredKeys += deleted
        Context.current().heartbeat(purgedJobs)
        if (deleted < KEYS_AT_ONCE) break
      }
      await retention.deleteExpiredSessions(SESSIONS_AT_ONCE)
      await retention.deleteEndedStarts(days, ENDED_STARTS_AT_ONCE)
      await removeOldAuthorisations()
      await removeOldNotices(days)
      await removeOldWebhooks(days)
      await removeOldMetadata(days)
      await removeOldQueries(days)
      await alarmUnread()
      deps.logger.info({ purgedJobs, expiredKeys }, 'retention ran')
      return { purgedJobs, expiredKeys }
    },
  }

  /** In pieces, so that no statement of a huge job runs into its time-out; marked last, so that it is done again. */
  async function purge(jobId: string): Promise<void> {
    const database = deps.database.workspace(await workspaceOf({ jobId }))
    const blobs = createBulkBatchBlobQueries(database)
    const failedRows = createBulkFailedRowQueries(database)
    for (const deleteSome of [blobs.deleteSomeOf, failedRows.deleteSomeOf]) {
      while ((await deleteSome(jobId, ROWS_AT_ONCE)) === ROWS_AT_ONCE) {
        Context.current().heartbeat(jobId)
      }
    }
    await createBulkJobQueries(database).setPurged(jobId)
    Context.current().heartbeat(jobId)
  }

  /** Results of durable queries; their rows and counts stay. */
  async function removeOldQueries(days: number): Promise<void> {
    for (;;) {
      const found = await retention.listPurgeableQueries(days, AT_ONCE)
      for (const { queryId, workspaceId } of found) {
        const database = deps.database.workspace(workspaceId)
        await removeResults(database, queryId, () => Context.current().heartbeat(queryId))
        Context.current().heartbeat(queryId)
      }
      if (found.length < AT_ONCE) break
    }
    await retention.deleteStartsOfEndedQueries(days, ENDED_STARTS_AT_ONCE)
  }

  /** Items before the messages that say what became of them. */
  async function removeOldNotices(days: number): Promise<void> {
    for (const deleteSome of [
      retention.deleteOldNotificationItems,
      retention.deleteOldNotificationMessages,
    ]) {
      while ((await deleteSome(days, ROWS_AT_ONCE)) === ROWS_AT_ONCE) Context.current().heartbeat()
    }
  }

  async function removeOldMetadata(days: number): Promise<void> {
    while ((await retention.deleteOldMetadataChanges(days, ROWS_AT_ONCE)) === ROWS_AT_ONCE) {
      Context.current().heartbeat()
    }
    while ((await retention.deleteExpiredCustomObjects(ROWS_AT_ONCE)) === ROWS_AT_ONCE) {
      Context.current().heartbeat()
    }
  }

  /** Authorisations nobody came back from, outcomes nobody waits for, and tokens that a lost revocation left. */
  async function removeOldAuthorisations(): Promise<void> {
    for (const deleteSome of [retention.deleteExpiredFlows, retention.deleteExpiredOperations]) {
      while ((await deleteSome(KEYS_AT_ONCE)) === KEYS_AT_ONCE) Context.current().heartbeat()
    }
    for (const { connectionId, workspaceId } of await retention.listNotErased(
      REVOKED_FOR_SECONDS,
      KEYS_AT_ONCE,
    )) {
      await deps.database.workspace(workspaceId).transaction(async (transaction) => {
        await createSalesforceOauthTokenQueries(transaction).erase(connectionId)
        await createConnectionCredentialQueries(transaction).remove(connectionId)
        await createConnectionQueries(transaction).setErased(connectionId)
      })
      deps.logger.warn({ connectionId }, 'erased tokens whose revocation did not come to an end')
    }
  }

  /** Results that nobody has read and that Salesforce will soon remove: a person must look today. */
  async function alarmUnread(): Promise<void> {
    const days = RESULTS_KEPT_DAYS - 1
    for (const upstream of await retention.listClosedSince(days, AT_ONCE)) {
      deps.logger.error(
        {
          jobId: upstream.jobId,
          loadNumber: upstream.loadNumber,
          salesforceJobId: upstream.salesforceJobId,
        },
        `results not read within ${days} of the ${RESULTS_KEPT_DAYS} days that Salesforce keeps them`,
      )
    }
  }
}
