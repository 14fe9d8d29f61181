import { Context } from '@temporalio/activity'
import { createBulkBatchBlobQueries } from '../db/bulk-batch-blobs.ts'
import { createBulkFailedRowQueries } from '../db/bulk-failed-rows.ts'
import { createBulkJobQueries } from '../db/bulk-jobs.ts'
import { createIdempotencyKeyQueries } from '../db/idempotency-keys.ts'
import type { ActivityDependencies } from './dependencies.ts'

/** Content stays three days at least, whatever is configured. */
const LEAST_DAYS = 3
const AT_ONCE = 50
const KEYS_AT_ONCE = 10_000

/** Removes what is past its time: the content of terminal jobs and idempotency keys. Job rows and counts stay. */
export function createRetentionActivities(deps: ActivityDependencies) {
  const { pool } = deps

  return {
    async purgeExpired(): Promise<{ readonly purgedJobs: number; readonly expiredKeys: number }> {
      const days = Math.max(LEAST_DAYS, deps.retentionDays)
      let purgedJobs = 0
      for (;;) {
        const jobIds = await createBulkJobQueries(pool).listPurgeable(days, AT_ONCE)
        if (jobIds.length === 0) break
        for (const jobId of jobIds) {
          await pool.transaction(async (transaction) => {
            await createBulkBatchBlobQueries(transaction).deleteOf(jobId)
            await createBulkFailedRowQueries(transaction).deleteOf(jobId)
            await createBulkJobQueries(transaction).setPurged(jobId)
          })
          purgedJobs += 1
          Context.current().heartbeat(purgedJobs)
        }
      }
      let expiredKeys = 0
      for (;;) {
        const deleted = await createIdempotencyKeyQueries(pool).deleteExpired(KEYS_AT_ONCE)
        expiredKeys += deleted
        Context.current().heartbeat(purgedJobs)
        if (deleted < KEYS_AT_ONCE) break
      }
      deps.logger.info({ purgedJobs, expiredKeys }, 'retention ran')
      return { purgedJobs, expiredKeys }
    },
  }
}
