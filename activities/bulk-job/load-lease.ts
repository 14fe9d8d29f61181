import { Context } from '@temporalio/activity'
import type { EndedUpstreamState, LoadReference } from '../../contracts/bulk-job-steps.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createBulkLaneWishQueries } from '../../db/bulk-lane-wishes.ts'
import { createBulkLoadLeaseQueries, type LaneHolder } from '../../db/bulk-load-leases.ts'
import { createBulkLoadQueries } from '../../db/bulk-loads.ts'
import { createBulkUpstreamJobQueries } from '../../db/bulk-upstream-jobs.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import type { CommonQueryMethods } from '../../db/pool.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { internal, notYet } from '../failures.ts'
import { heartbeatWhile } from './heartbeat.ts'
import { createLaneQueue, type LaneRefusal, LEASE_SECONDS, type WaitingLoad } from './lane-queue.ts'

/** A load whose lane comes next is looked after within one attempt: each attempt of its own costs half a second. */
const LOOKING_MS = 3_000
const LOOK_DELAY_MS = 200
const ENDED = ['JobComplete', 'Failed', 'Aborted'] satisfies EndedUpstreamState[]

export async function renewLease(connection: CommonQueryMethods, lease: LaneHolder): Promise<void> {
  await createBulkLoadLeaseQueries(connection).renew(lease, LEASE_SECONDS)
}

/**
 * Whether the load has a lane: its own, or a free one where that ran out while the load waited for a place to be
 * sent. It had its turn already, so it does not wait in line again.
 */
export async function keepLane(
  connection: CommonQueryMethods,
  lease: LaneHolder,
  lanes: number,
): Promise<boolean> {
  const leases = createBulkLoadLeaseQueries(connection)
  if (await leases.renew(lease, LEASE_SECONDS)) return true
  return (await leases.acquire(lease, lanes, LEASE_SECONDS)) !== null
}

/**
 * Waits for a lane of the connection and for room in its daily API calls. A lane is the right to have a job in
 * Salesforce, from before it is created until it has ended there.
 */
export function createLoadLease(deps: ActivityDependencies) {
  const { database, bulk } = deps
  const lanes = createLaneQueue(database, bulk.lanes)
  const connections = createConnectionQueries(database)

  return {
    /** Fails `NotYet`, which Temporal repeats, until the load may begin. A load that has begun gets through. */
    async leaseLoad(reference: LoadReference): Promise<void> {
      await heartbeatWhile(() => lease(reference))
    },

    async releaseLoad({ jobId, loadNumber }: LoadReference): Promise<void> {
      const job = await createBulkJobQueries(database).get(jobId)
      if (!job) return
      const holder = { connectionId: job.connectionId, jobId, loadNumber }
      await createBulkLaneWishQueries(database).withdraw(holder)
      await createBulkLoadLeaseQueries(database).release(holder)
    },
  }

  async function lease({ jobId, loadNumber }: LoadReference): Promise<void> {
    const job = await createBulkJobQueries(database).get(jobId)
    if (!job) throw internal(`Job ${jobId} does not exist.`)
    const load = await createBulkLoadQueries(database).get(jobId, loadNumber)
    if (load?.state === 'settled') return
    // What has begun is brought to its end whatever the quota: its results do not wait for ever.
    if (load?.state === 'planned') await requireQuota(job)
    else if (await upstreamHasEnded(jobId, loadNumber)) return
    await deps.failpoint('lease.before-lane')
    await takeLane({
      connectionId: job.connectionId,
      workspaceId: job.workspaceId,
      jobId,
      loadNumber,
      begun: load !== null && load.state !== 'planned',
    })
    await deps.failpoint('lease.after-lane')
  }

  async function takeLane(load: WaitingLoad): Promise<void> {
    const started = Date.now()
    for (;;) {
      const refusal = await lanes.take(load)
      if (refusal === null) return
      if (refusal.place > 0 || Date.now() - started > LOOKING_MS) {
        throw notYet(saidOf(refusal), refusal.lookAgainMs)
      }
      await Context.current().sleep(LOOK_DELAY_MS)
      // The run has left the load, or is about to: a lane that it took now nobody would give back.
      if (!load.begun && (await createBulkJobQueries(database).get(load.jobId))?.wish !== 'run') {
        throw notYet('the job is paused or cancelled', refusal.lookAgainMs)
      }
    }
  }

  function saidOf({ freeLanes, place }: LaneRefusal): string {
    const taken =
      freeLanes === 0
        ? `all ${bulk.lanes} lanes of the connection are taken`
        : 'the free lanes of the connection go to other jobs'
    return place === 0 ? `${taken}; next in line` : `${taken}; ${place} loads go first`
  }

  /** Only its results are left to read, which takes no lane. */
  async function upstreamHasEnded(jobId: string, loadNumber: number): Promise<boolean> {
    const upstream = await createBulkUpstreamJobQueries(database).findLive(jobId, loadNumber)
    return ENDED.some((state) => state === upstream?.upstreamState)
  }

  async function requireQuota(job: { jobId: string; connectionId: string }): Promise<void> {
    const shortage = await findShortage(job.connectionId)
    await createBulkJobQueries(database).setWaitingFor(job.jobId, shortage)
    if (shortage !== null) throw notYet(shortage, bulk.quotaLookAgainMs)
  }

  /** What is said of daily calls that do not suffice; null where there is room. */
  async function findShortage(connectionId: string): Promise<string | null> {
    let usage = (await connections.get(connectionId))?.apiUsage
    if (!usage || !isBelowReserve(usage)) return null
    // What was seen may be old: the window has moved on. One call a pause settles it, for all that wait.
    if (Date.now() - usage.seenAt.getTime() >= bulk.quotaLookAgainMs / 2) {
      const client = await deps.connections.clientFor(connectionId)
      await client.limits()
      usage = (await connections.get(connectionId))?.apiUsage
      if (!usage || !isBelowReserve(usage)) return null
    }
    return `API calls ${usage.used} of ${usage.limit} used; ${Math.round(bulk.reserveFraction * 100)} % stay in reserve`
  }

  function isBelowReserve(usage: { used: number; limit: number }): boolean {
    return usage.limit - usage.used < usage.limit * bulk.reserveFraction
  }
}
