import { Context } from '@temporalio/activity'
import type { LoadReference } from '../../contracts/bulk-job-steps.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createBulkLoadLeaseQueries } from '../../db/bulk-load-leases.ts'
import { createBulkLoadQueries } from '../../db/bulk-loads.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import type { CommonQueryMethods } from '../../db/pool.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { internal, notYet } from '../failures.ts'

/** Longer than the longest pause between two polls of a load, which renew it. */
const LEASE_SECONDS = 180
const FIRST_LANE_DELAY_MS = 500
const LONGEST_LANE_DELAY_MS = 15_000
const QUOTA_DELAY_MS = 60_000

export async function renewLease(
  connection: CommonQueryMethods,
  lease: { connectionId: string; jobId: string; loadNumber: number },
): Promise<void> {
  await createBulkLoadLeaseQueries(connection).renew(lease, LEASE_SECONDS)
}

/** Grows with each attempt, and is spread: hundreds of waiting loads must not be most of what the server does. */
function laneDelayMs(): number {
  const { attempt } = Context.current().info
  const delay = Math.min(FIRST_LANE_DELAY_MS * 1.5 ** (attempt - 1), LONGEST_LANE_DELAY_MS)
  return delay * (0.75 + Math.random() / 2)
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
      const load = await createBulkLoadQueries(pool).get(jobId, loadNumber)
      if (load?.state === 'settled') return
      // What has begun is brought to its end whatever the quota: its results do not wait for ever.
      if (load?.state === 'planned') await requireQuota(job.connectionId)
      await leases.ensureSlots(job.connectionId, job.workspaceId, bulk.lanes)
      const holder = { connectionId: job.connectionId, jobId, loadNumber }
      const slot = await leases.acquire(holder, bulk.lanes, LEASE_SECONDS)
      if (slot === null)
        throw notYet(`all ${bulk.lanes} lanes of the connection are taken`, laneDelayMs())
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
