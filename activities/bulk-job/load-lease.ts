import type { LoadReference } from '../../contracts/bulk-job-steps.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createBulkLoadLeaseQueries } from '../../db/bulk-load-leases.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import type { CommonQueryMethods } from '../../db/pool.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { internal, notYet } from '../failures.ts'

/** Longer than the longest pause between two polls of a load, which renew it. */
const LEASE_SECONDS = 180
const LANE_DELAY_MS = 1_000
const QUOTA_DELAY_MS = 60_000

export async function renewLease(
  connection: CommonQueryMethods,
  lease: { connectionId: string; jobId: string; loadNumber: number },
): Promise<void> {
  await createBulkLoadLeaseQueries(connection).renew(lease, LEASE_SECONDS)
}

/** Waits for a lane of the connection and for room in its daily API calls. */
export function createLoadLease(deps: ActivityDependencies) {
  const { pool, bulk } = deps
  const leases = createBulkLoadLeaseQueries(pool)
  const connections = createConnectionQueries(pool)

  return {
    /** Fails `NotYet`, which Temporal repeats, until the load may begin. A load that has begun gets through. */
    async leaseLoad({ jobId, loadNumber }: LoadReference): Promise<void> {
      const job = await createBulkJobQueries(pool).get(jobId)
      if (!job) throw internal(`Job ${jobId} does not exist.`)
      await requireQuota(job.connectionId)
      await leases.ensureSlots(job.connectionId, job.workspaceId, bulk.lanes)
      const holder = { connectionId: job.connectionId, jobId, loadNumber }
      const slot = await leases.acquire(holder, bulk.lanes, LEASE_SECONDS)
      if (slot === null)
        throw notYet(`all ${bulk.lanes} lanes of the connection are taken`, LANE_DELAY_MS)
    },

    async releaseLoad({ jobId, loadNumber }: LoadReference): Promise<void> {
      const job = await createBulkJobQueries(pool).get(jobId)
      if (job) await leases.release({ connectionId: job.connectionId, jobId, loadNumber })
    },
  }

  async function requireQuota(connectionId: string): Promise<void> {
    const usage = (await connections.get(connectionId))?.apiUsage
    if (!usage || !isBelowReserve(usage)) return
    // What was seen may be old: the window has moved on. One look a minute settles it.
    if (Date.now() - usage.seenAt.getTime() >= QUOTA_DELAY_MS / 2) {
      const client = await deps.connections.clientFor(connectionId)
      await client.limits()
      const fresh = (await connections.get(connectionId))?.apiUsage
      if (!fresh || !isBelowReserve(fresh)) return
    }
    throw notYet(
      `API calls ${usage.used} of ${usage.limit} used; ${Math.round(bulk.reserveFraction * 100)} % stay in reserve`,
      QUOTA_DELAY_MS,
    )
  }

  function isBelowReserve(usage: { used: number; limit: number }): boolean {
    return usage.limit - usage.used < usage.limit * bulk.reserveFraction
  }
}
