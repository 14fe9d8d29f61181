import type {
  BulkJobResult,
  OutcomeCounts,
  RowResult,
  TerminalBulkJobState,
} from '../../contracts/bulk-job.ts'
import { isTerminalBulkJobState } from '../../contracts/bulk-job.ts'
import type { JobReference } from '../../contracts/bulk-job-steps.ts'
import { createBulkFailedRowQueries } from '../../db/bulk-failed-rows.ts'
import { type BulkJob, createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { type BulkLoad, createBulkLoadQueries } from '../../db/bulk-loads.ts'
import { createBulkUpstreamJobQueries } from '../../db/bulk-upstream-jobs.ts'
import type { DatabaseTransactionConnection } from '../../db/pool.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { internal } from '../failures.ts'
import { createBatchStore } from './batch-store.ts'
import { heartbeatWhile } from './heartbeat.ts'
import { loadBatches } from './load-batches.ts'
import type { LoadResults } from './load-results.ts'
import { writeSettlement } from './settlement.ts'

const MOST_ERROR_CODES = 20
const MOST_LOADS_AT_ONCE = 20

/** Why rows were never sent. */
interface NotSent {
  readonly errorCode: 'job_cancelled' | 'job_rejected'
  readonly errorMessage: string
}

const CANCELLED: NotSent = {
  errorCode: 'job_cancelled',
  errorMessage: 'The job was cancelled before the row was sent.',
}

/** Settles what was never sent, adds up, and gives the job its terminal state. */
export function createFinishBulkJob(deps: ActivityDependencies) {
  const { database, failpoint } = deps

  return {
    async finishBulkJob({ jobId }: JobReference): Promise<BulkJobResult> {
      return heartbeatWhile(() => finish(jobId, CANCELLED, null))
    },

    /** Ends a planned job of which nothing may be sent. `rejection` becomes its error details. */
    async finishRejected(
      jobId: string,
      message: string,
      rejection: Readonly<Record<string, unknown>>,
    ): Promise<BulkJobResult> {
      return finish(jobId, { errorCode: 'job_rejected', errorMessage: message }, rejection)
    },
  }

  async function finish(
    jobId: string,
    notSent: NotSent,
    rejection: Readonly<Record<string, unknown>> | null,
  ): Promise<BulkJobResult> {
    const jobs = createBulkJobQueries(database)
    const loads = createBulkLoadQueries(database)
    const begun = await jobs.get(jobId)
    for (;;) {
      const open = await loads.listUnsettled(jobId, [], MOST_LOADS_AT_ONCE)
      if (open.length === 0) break
      if (!rejection && begun?.wish !== 'cancel') {
        throw internal(`${open.length} loads of ${jobId} are not settled, and nobody cancelled it.`)
      }
      for (const load of open) await settleUnsent(load, notSent)
    }
    await failpoint('finish.before-state')
    const counts = await jobs.refreshCounters(jobId)
    const job = await jobs.get(jobId)
    if (!job) throw internal(`Job ${jobId} does not exist.`)
    if (!isTerminalBulkJobState(job.state)) {
      requireSum(job, counts)
      const state = rejection ? 'Failed' : await terminalState(job, counts)
      await jobs.finish(jobId, state, await errorDetails(jobId, rejection))
    }
    await failpoint('finish.after-state')
    return resultOf(jobId)
  }

  /** Rows of a first round were never sent; rows of a later one keep the outcome that they had. */
  async function settleUnsent(load: BulkLoad, notSent: NotSent): Promise<void> {
    const store = createBatchStore(database, deps.sealing)
    const batches: { readonly batchNumber: number; readonly rowNumbers: readonly number[] }[] = []
    // Of a first round nothing is known; a later one carries few rows.
    const known = new Map<number, RowResult>()
    for await (const { batchNumber, wire, carries } of loadBatches(database, store, load)) {
      const rowNumbers = wire.rowNumbers.filter((rowNumber) => carries?.(rowNumber) ?? true)
      batches.push({ batchNumber, rowNumbers })
      if (load.round === 0) continue
      for (const { results } of await store.outcomesOf(load.jobId, [batchNumber])) {
        for (const result of results) {
          if (carries?.(result.rowNumber) ?? true) known.set(result.rowNumber, result)
        }
      }
    }
    const results: LoadResults = {
      *[Symbol.iterator]() {
        for (const { batchNumber, rowNumbers } of batches) {
          const own = rowNumbers.map((row) => known.get(row) ?? unsentRow(row, notSent))
          yield { batchNumber, results: own }
        }
      },
    }
    await database.transaction(async (transaction) => {
      await createBulkJobQueries(transaction).lock(load.jobId)
      await createBulkLoadQueries(transaction).lock(load.jobId, load.loadNumber)
      await fenceOff(transaction, load)
      await writeSettlement(transaction, deps.sealing, {
        load,
        results,
        again: new Set(),
        againBytes: 0,
        againDelaySeconds: 0,
      })
    })
  }

  /** Along with the word that the rows were never sent: no attempt still alive may close a job after it. */
  async function fenceOff(
    transaction: DatabaseTransactionConnection,
    load: BulkLoad,
  ): Promise<void> {
    const upstreams = createBulkUpstreamJobQueries(transaction)
    const upstream = await upstreams.takeOver(load.jobId, load.loadNumber)
    if (upstream === null) return
    if (!(await upstreams.move(upstream, 'abandoned'))) {
      throw internal(
        `Load ${load.loadNumber} of ${load.jobId} was closed upstream and not settled.`,
      )
    }
  }

  /** The promise that every row has one outcome, checked before anybody is told. */
  function requireSum(job: BulkJob, counts: OutcomeCounts): void {
    const sum = counts.success + counts.failed + counts.unprocessed + counts.unknown
    if (sum !== job.totalRecords) {
      throw internal(`Outcomes of ${job.jobId} add up to ${sum} of ${job.totalRecords} rows.`)
    }
  }

  async function terminalState(job: BulkJob, counts: OutcomeCounts): Promise<TerminalBulkJobState> {
    if (counts.success === job.totalRecords) return 'Completed'
    const upstreams = await createBulkUpstreamJobQueries(database).list(job.jobId, 10_000)
    const ended = upstreams.filter((upstream) => upstream.state === 'done')
    if (job.wish === 'cancel' || ended.some((upstream) => upstream.upstreamState === 'Aborted'))
      return 'Aborted'
    const nothingProcessed = counts.success === 0 && counts.failed === 0
    return nothingProcessed ? 'Failed' : 'CompletedWithErrors'
  }

  async function errorDetails(
    jobId: string,
    rejection: Readonly<Record<string, unknown>> | null,
  ): Promise<Readonly<Record<string, unknown>> | null> {
    if (rejection) return rejection
    const errors = await createBulkFailedRowQueries(database).countByCode(jobId, MOST_ERROR_CODES)
    return errors.length === 0 ? null : { errors }
  }

  async function resultOf(jobId: string): Promise<BulkJobResult> {
    const job = await createBulkJobQueries(database).get(jobId)
    if (!job || !isTerminalBulkJobState(job.state)) throw internal(`Job ${jobId} did not end.`)
    return { jobId, state: job.state, totalRecords: job.totalRecords, counts: job.counts }
  }
}

function unsentRow(rowNumber: number, notSent: NotSent): RowResult {
  return {
    rowNumber,
    outcome: 'unprocessed',
    salesforceId: null,
    created: null,
    errorCode: notSent.errorCode,
    errorMessage: notSent.errorMessage,
    errorFields: [],
    retryable: notSent.errorCode === 'job_cancelled',
    upstreamJobId: null,
  }
}
