import { Context } from '@temporalio/activity'
import type { OutcomeCounts, RowResult } from '../../contracts/bulk-job.ts'
import type { LoadReference, SettledLoad } from '../../contracts/bulk-job-steps.ts'
import { type BulkJob, createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createBulkLoadLeaseQueries } from '../../db/bulk-load-leases.ts'
import { type BulkLoad, createBulkLoadQueries } from '../../db/bulk-loads.ts'
import { type BulkUpstreamJob, createBulkUpstreamJobQueries } from '../../db/bulk-upstream-jobs.ts'
import type { SalesforceClient } from '../../salesforce/client.ts'
import { isSalesforceError } from '../../salesforce/errors.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { internal, notYet, superseded, unavailable } from '../failures.ts'
import { clientOfJob } from './client-of-job.ts'
import { type DownloadedResults, downloadResults } from './download-results.ts'
import { heartbeatWhile } from './heartbeat.ts'
import { eachResult } from './load-results.ts'
import { writeSettlement } from './settlement.ts'
import { type TiedLoad, tieLoad } from './tie-load.ts'
import type { TransferTurns } from './transfer-turns.ts'

const LONGEST_RETRY_DELAY_MS = 15 * 60_000

/**
 * Reads the three result files of an ended upstream job, ties them to the load's rows and writes the
 * outcomes in one transaction that also ends the upstream job's row: it happens once or not at all.
 */
export function createSettleLoad(deps: ActivityDependencies, turns: TransferTurns) {
  const { database, failpoint } = deps

  return async function settleLoad({ jobId, loadNumber }: LoadReference): Promise<SettledLoad> {
    const job = await createBulkJobQueries(database).get(jobId)
    const load = await createBulkLoadQueries(database).get(jobId, loadNumber)
    if (!job || !load) throw internal(`Load ${loadNumber} of ${jobId} does not exist.`)
    const lease = { connectionId: job.connectionId, jobId, loadNumber }
    if (load.state === 'settled') {
      // A run that was reset took the lane again for a load that needs none.
      await createBulkLoadLeaseQueries(database).release(lease)
      return { counts: load.counts, retriedRecords: load.retriedRecords }
    }
    const settled = await heartbeatWhile(async () => {
      const upstream = await createBulkUpstreamJobQueries(database).findLive(jobId, loadNumber)
      if (upstream?.state !== 'closing') {
        throw internal(`The upstream job of load ${loadNumber} is ${upstream?.state ?? 'missing'}.`)
      }
      return settle(job, load, upstream)
    })
    // It was given back when Salesforce had ended the job; a run that was reset may have taken it again.
    await createBulkLoadLeaseQueries(database).release(lease)
    return settled
  }

  async function settle(
    job: BulkJob,
    load: BulkLoad,
    upstream: BulkUpstreamJob,
  ): Promise<SettledLoad> {
    const files = await readResults(job, upstream)
    try {
      return await turns.settle(() => tieAndWrite(job, load, upstream, files))
    } finally {
      await files?.dispose()
    }
  }

  async function tieAndWrite(
    job: BulkJob,
    load: BulkLoad,
    upstream: BulkUpstreamJob,
    files: DownloadedResults | null,
  ): Promise<SettledLoad> {
    const pause = () => turns.letEncodingsPass()
    const tied = await tieLoad(deps, { job, load, upstream, files, pause })
    if (upstream.upstreamState === 'Aborted' && files !== null) {
      await requireTwoEqualReadings(upstream, tied.lineCounts)
    }
    const again = rowsThatGoAgain(job, load, tied.results)
    await pause()
    await failpoint('settle.before-outcomes')
    const written = await database.transaction(async (transaction) => {
      if (!(await createBulkUpstreamJobQueries(transaction).move(upstream, 'done'))) return null
      return writeSettlement(transaction, deps.sealing, {
        load,
        results: tied.results,
        again,
        // An estimate that can only fall short of the load's own size; nothing is planned by it.
        againBytes: Math.ceil((load.encodedBytes * again.size) / load.rowCount),
        againDelaySeconds: retryDelayMs(load.round) / 1000,
      })
    })
    await failpoint('settle.after-outcomes')
    if (written) return written
    const settledByOther = await createBulkLoadQueries(database).get(load.jobId, load.loadNumber)
    if (settledByOther?.state !== 'settled') throw superseded(`Load ${load.loadNumber}`)
    return { counts: settledByOther.counts, retriedRecords: settledByOther.retriedRecords }
  }

  /** Null where Salesforce knows the upstream job no more. */
  async function readResults(
    job: BulkJob,
    upstream: BulkUpstreamJob,
  ): Promise<DownloadedResults | null> {
    const salesforceJobId = upstream.salesforceJobId
    if (salesforceJobId === null) {
      throw internal(`Upstream job ${upstream.upstreamId} has no id.`)
    }
    const client = await clientOfJob(deps, job)
    await failpoint('settle.before-results')
    const files = await downloadResults(
      client,
      salesforceJobId,
      deps.temporaryDirectory,
      Context.current().cancellationSignal,
    )
    if (files === null && (await knows(client, salesforceJobId))) {
      throw unavailable('A result file is missing though Salesforce knows the job.')
    }
    await failpoint('settle.after-results')
    return files
  }

  /** Batches may still commit after `Aborted` was answered: results count once they have come to rest. */
  async function requireTwoEqualReadings(
    upstream: BulkUpstreamJob,
    counts: OutcomeCounts,
  ): Promise<void> {
    const earlier = upstream.abortedReading
    const gap = deps.bulk.abortedReadingGapMs
    if (earlier !== null && sameCounts(earlier, counts)) {
      const age = Date.now() - Date.parse(earlier.readAt)
      if (age >= gap) return
      throw notYet('aborted: waiting for a second equal reading', gap - age)
    }
    await createBulkUpstreamJobQueries(database).setAbortedReading(upstream.upstreamId, {
      ...counts,
      readAt: new Date().toISOString(),
    })
    throw notYet('aborted: results are read again until two readings agree', gap)
  }

  /** Transient failures, and rows that Salesforce did not come to, as long as rounds are left. */
  function rowsThatGoAgain(
    job: BulkJob,
    load: BulkLoad,
    results: TiedLoad['results'],
  ): ReadonlySet<number> {
    const rows = new Set<number>()
    if (load.round >= deps.bulk.maxRetries || job.wish === 'cancel') return rows
    for (const result of eachResult(results)) if (mayGoAgain(result)) rows.add(result.rowNumber)
    return rows
  }

  function retryDelayMs(round: number): number {
    return Math.min(deps.bulk.retryDelayMs * 2 ** round, LONGEST_RETRY_DELAY_MS)
  }
}

/** One missing file says nothing of the job; the rows are given up only where the job itself is gone. */
async function knows(client: SalesforceClient, salesforceJobId: string): Promise<boolean> {
  try {
    await client.ingest.get(salesforceJobId)
    return true
  } catch (error) {
    if (isSalesforceError(error) && error.kind === 'not_found') return false
    throw error
  }
}

function mayGoAgain(result: RowResult): boolean {
  return result.retryable && (result.outcome === 'failed' || result.outcome === 'unprocessed')
}

function sameCounts(a: OutcomeCounts, b: OutcomeCounts): boolean {
  return a.success === b.success && a.failed === b.failed && a.unprocessed === b.unprocessed
}
