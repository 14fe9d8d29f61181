import type { BlockReason } from '../../contracts/bulk-job.ts'
import type { JobReference, LoadSummary, NextLoads } from '../../contracts/bulk-job-steps.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { type BulkLoad, createBulkLoadQueries } from '../../db/bulk-loads.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { internal } from '../failures.ts'
import { loadExtent } from './load-batches.ts'

/** Loads in the table that operators read. */
const LATEST_LOADS = 25
/** Loads looked at for what is ready; as many as are ever in flight, two a lane. */
const LOOKED_AT = 100

/** What the workflow reads between loads, and the job states that it sets. */
export function createSteerBulkJob(deps: ActivityDependencies) {
  const { database } = deps
  const jobs = createBulkJobQueries(database)
  const loads = createBulkLoadQueries(database)

  return {
    async nextLoads(
      input: JobReference & {
        readonly inFlight: readonly number[]
        /** Those in flight that may have a job in Salesforce which has not ended. */
        readonly usingLanes: readonly number[]
        readonly limit: number
      },
    ): Promise<NextLoads> {
      const { jobId, inFlight, usingLanes } = input
      const job = await jobs.get(jobId)
      if (!job) throw internal(`Job ${jobId} does not exist.`)
      const totals = await loads.totals(jobId)
      const unsettled = await loads.listUnsettled(jobId, inFlight, LOOKED_AT)
      const latest = await loads.listLatest(jobId, LATEST_LOADS)
      const now = Date.now()
      const due = unsettled.filter((load) => (load.notBefore?.getTime() ?? 0) <= now)
      const later = unsettled.filter((load) => (load.notBefore?.getTime() ?? 0) > now)
      const dueTimes = later.map((load) => (load.notBefore?.getTime() ?? now) - now)
      return {
        wish: job.wish,
        ready: (await oneRetryAtATime(jobId, due, usingLanes)).slice(0, input.limit).map(summaryOf),
        dueInMs: dueTimes.length === 0 ? null : Math.min(...dueTimes),
        remaining: totals.total - totals.settled - inFlight.length,
        total: totals.total,
        settled: totals.settled,
        counts: job.counts,
        latest: latest.map(summaryOf),
      }
    },

    async beginBulkJob({ jobId }: JobReference): Promise<void> {
      await jobs.setInProgress(jobId)
    },

    async pauseBulkJob({ jobId }: JobReference): Promise<void> {
      await jobs.setPaused(jobId)
    },

    /** An operator cancelled the run in Temporal: the same wish as over the API. */
    async wishCancel({ jobId }: JobReference): Promise<void> {
      const job = await jobs.get(jobId)
      if (job) await jobs.setWish(job.workspaceId, jobId, 'cancel')
    },

    /** Parks the job; what concerns the whole connection is kept there too, so that mending it wakes every job. */
    async blockBulkJob(
      input: JobReference & { readonly reason: BlockReason; readonly detail: string },
    ): Promise<void> {
      const job = await jobs.get(input.jobId)
      if (!job) throw internal(`Job ${input.jobId} does not exist.`)
      await jobs.setBlocked(input.jobId, input.reason, input.detail)
      if (input.reason === 'authentication_failed') {
        await createConnectionQueries(database).block(job.connectionId, input.reason, input.detail)
      }
      deps.logger.warn({ jobId: input.jobId, reason: input.reason }, 'bulk job is blocked')
    },
  }

  /**
   * Rows that met locks go again in one lane: fewer writers at a time meet fewer locks. One that only settles
   * writes nothing any more.
   */
  async function oneRetryAtATime(
    jobId: string,
    due: readonly BulkLoad[],
    usingLanes: readonly number[],
  ): Promise<BulkLoad[]> {
    const retries = due.filter((load) => load.round > 0)
    const first = retries[0]
    if (first === undefined) return [...due]
    const writing = await Promise.all(usingLanes.map((number) => loads.get(jobId, number)))
    const busy = writing.some((load) => (load?.round ?? 0) > 0)
    return due.filter((load) => load.round === 0 || (!busy && load.loadNumber === first.loadNumber))
  }
}

function summaryOf(load: BulkLoad): LoadSummary {
  const { first, last } = loadExtent(load.rowRanges)
  return {
    loadNumber: load.loadNumber,
    round: load.round,
    rowCount: load.rowCount,
    firstRow: first,
    lastRow: last,
    state: load.state,
    counts: load.counts,
    retriedRecords: load.retriedRecords,
  }
}
