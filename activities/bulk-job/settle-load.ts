import { setTimeout as sleep } from 'node:timers/promises'
import { Context } from '@temporalio/activity'
import { encodedRowBytes } from '../../bulk/ingest-csv.ts'
import { type ResultLine, readResultLines } from '../../bulk/result-lines.ts'
import { tieResults } from '../../bulk/tie-results.ts'
import type { OutcomeCounts, RowResult, StagedRow } from '../../contracts/bulk-job.ts'
import type { LoadReference, SettledLoad } from '../../contracts/bulk-job-steps.ts'
import { type BulkJob, createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createBulkLoadLeaseQueries } from '../../db/bulk-load-leases.ts'
import { type BulkLoad, createBulkLoadQueries } from '../../db/bulk-loads.ts'
import { type BulkUpstreamJob, createBulkUpstreamJobQueries } from '../../db/bulk-upstream-jobs.ts'
import { createDescribeCacheQueries } from '../../db/describe-cache.ts'
import type { SalesforceClient } from '../../salesforce/client.ts'
import { isSalesforceError } from '../../salesforce/errors.ts'
import { parseRowError } from '../../salesforce/row-error.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { internal, notYet, superseded } from '../failures.ts'
import { createBatchStore } from './batch-store.ts'
import { wireColumns } from './encode-load.ts'
import { heartbeatWhile } from './heartbeat.ts'
import { loadBatches } from './load-batches.ts'
import { renewLease } from './load-lease.ts'
import { writeSettlement } from './settlement.ts'

/** Job-level errors after which sending the same rows again fails the same way. */
const HOPELESS_JOB_ERROR =
  /\b(InvalidBatch|InvalidJob|InvalidLineEnding|ClientInputError|LineEnding)\b/i
const DOWNLOADS_AT_MOST = 4
const LONGEST_RETRY_DELAY_MS = 15 * 60_000

interface Lines {
  readonly columns: readonly string[]
  readonly line: ResultLine
}

/**
 * Reads the three result files of an ended upstream job, ties them to the load's rows and writes the
 * outcomes in one transaction that also ends the upstream job's row: it happens once or not at all.
 */
export function createSettleLoad(deps: ActivityDependencies) {
  const { pool, failpoint } = deps

  return async function settleLoad({ jobId, loadNumber }: LoadReference): Promise<SettledLoad> {
    const job = await createBulkJobQueries(pool).get(jobId)
    const load = await createBulkLoadQueries(pool).get(jobId, loadNumber)
    if (!job || !load) throw internal(`Load ${loadNumber} of ${jobId} does not exist.`)
    if (load.state === 'settled')
      return { counts: load.counts, retriedRecords: load.retriedRecords }
    const lease = { connectionId: job.connectionId, jobId, loadNumber }

    const settled = await heartbeatWhile(
      async () => {
        const upstream = await createBulkUpstreamJobQueries(pool).findLive(jobId, loadNumber)
        if (upstream?.state !== 'closing') {
          throw internal(
            `The upstream job of load ${loadNumber} is ${upstream?.state ?? 'missing'}.`,
          )
        }
        return settle(job, load, upstream, Context.current().cancellationSignal)
      },
      () => renewLease(pool, lease),
    )
    await createBulkLoadLeaseQueries(pool).release(lease)
    return settled
  }

  async function settle(
    job: BulkJob,
    load: BulkLoad,
    upstream: BulkUpstreamJob,
    signal: AbortSignal,
  ): Promise<SettledLoad> {
    const client = await deps.connections.clientFor(job.connectionId)
    await failpoint('settle.before-results')
    const lines = await readLines(client, upstream, signal)
    await failpoint('settle.after-results')
    if (upstream.upstreamState === 'Aborted' && lines !== null)
      await requireTwoEqualReadings(upstream, lines)
    const byBatch = await tie(job, load, upstream, lines ?? [])
    const again = rowsThatGoAgain(job, load, byBatch)
    await failpoint('settle.before-outcomes')
    const written = await pool.transaction(async (transaction) => {
      if (!(await createBulkUpstreamJobQueries(transaction).move(upstream, 'done'))) return null
      return writeSettlement(transaction, deps.sealing, {
        load,
        results: byBatch.results,
        again: again.rows,
        againBytes: again.bytes,
        againDelaySeconds: retryDelayMs(load.round) / 1000,
      })
    })
    await failpoint('settle.after-outcomes')
    if (written) return written
    const settledByOther = await createBulkLoadQueries(pool).get(load.jobId, load.loadNumber)
    if (settledByOther?.state !== 'settled') throw superseded(`Load ${load.loadNumber}`)
    return { counts: settledByOther.counts, retriedRecords: settledByOther.retriedRecords }
  }

  /** Null where Salesforce knows the job no more: nothing can be said of its rows. */
  async function readLines(
    client: SalesforceClient,
    upstream: BulkUpstreamJob,
    signal: AbortSignal,
  ): Promise<Lines[] | null> {
    const id = upstream.salesforceJobId
    if (id === null) throw internal(`Upstream job ${upstream.upstreamId} has no id.`)
    try {
      const successful = await readFile(client, id, 'successful', signal)
      const failed = await readFile(client, id, 'failed', signal)
      const unprocessed = await readFile(client, id, 'unprocessed', signal)
      return [...successful, ...failed, ...unprocessed]
    } catch (error) {
      if (isSalesforceError(error) && error.kind === 'not_found') return null
      throw error
    }
  }

  /** One result file, whole. A download that breaks off is begun again here: the other files need not be. */
  async function readFile(
    client: SalesforceClient,
    id: string,
    kind: 'successful' | 'failed' | 'unprocessed',
    signal: AbortSignal,
  ): Promise<Lines[]> {
    for (let attempt = 1; ; attempt += 1) {
      const lines: Lines[] = []
      try {
        const file = await client.ingest.results(id, kind, signal)
        const outcome = kind === 'successful' ? 'success' : kind
        for await (const line of readResultLines(file, outcome)) lines.push(line)
        return lines
      } catch (error) {
        const passing =
          isSalesforceError(error) && ['unavailable', 'no_answer', 'not_sent'].includes(error.kind)
        if (!passing || attempt >= DOWNLOADS_AT_MOST) throw error
        await sleep(500 * attempt, undefined, { signal })
      }
    }
  }

  /** Batches may still commit after `Aborted` was answered: results count once they have come to rest. */
  async function requireTwoEqualReadings(upstream: BulkUpstreamJob, lines: Lines[]): Promise<void> {
    const counts = { success: 0, failed: 0, unprocessed: 0, unknown: 0 }
    for (const { line } of lines) counts[line.outcome] += 1
    const earlier = upstream.abortedReading
    const gap = deps.bulk.abortedReadingGapMs
    const age = earlier === null ? -1 : Date.now() - Date.parse(earlier.readAt)
    if (earlier !== null && sameCounts(earlier, counts)) {
      if (age >= gap) return
      throw notYet('aborted: waiting for a second equal reading', gap - age)
    }
    await createBulkUpstreamJobQueries(pool).setAbortedReading(upstream.upstreamId, {
      ...counts,
      readAt: new Date().toISOString(),
    })
    throw notYet('aborted: results are read again until two readings agree', gap)
  }

  async function tie(
    job: BulkJob,
    load: BulkLoad,
    upstream: BulkUpstreamJob,
    lines: Lines[],
  ): Promise<{
    results: Map<number, RowResult[]>
    rows: Map<number, { columns: readonly string[]; row: StagedRow }>
  }> {
    const columns = wireColumns(job)
    const rows: StagedRow[] = []
    const batchOf = new Map<number, number>()
    const sources = new Map<number, { columns: readonly string[]; row: StagedRow }>()
    const store = createBatchStore(pool, deps.sealing)
    for await (const batch of loadBatches(pool, store, load)) {
      const positions = columns.map((column) => batch.columns.indexOf(column))
      for (const row of batch.rows) {
        rows.push({
          rowNumber: row.rowNumber,
          cells: positions.map((position) => (position < 0 ? null : (row.cells[position] ?? null))),
        })
        batchOf.set(row.rowNumber, batch.batchNumber)
        sources.set(row.rowNumber, { columns: batch.columns, row })
      }
    }
    const cached = await createDescribeCacheQueries(pool).find(job.connectionId, job.objectType)
    const aborted = upstream.upstreamState === 'Aborted'
    const hopeless = HOPELESS_JOB_ERROR.test(upstream.errorMessage ?? '')
    const tied = tieResults({
      operation: job.operation,
      describe: cached?.describe ?? null,
      externalIdField: job.externalIdField,
      correlationField: job.correlationField,
      columns,
      rows,
      lines,
      parseError: parseRowError,
      unprocessedRetryable: !aborted && !hopeless,
      upstreamJobId: upstream.salesforceJobId ?? '',
    })
    if (tied.unmatchedLines > 0) {
      deps.logger.warn(
        { jobId: job.jobId, loadNumber: load.loadNumber, unmatchedLines: tied.unmatchedLines },
        'result lines without a row',
      )
    }
    const results = new Map<number, RowResult[]>()
    for (const result of tied.results) {
      const batchNumber = batchOf.get(result.rowNumber)
      if (batchNumber === undefined) throw internal(`Row ${result.rowNumber} belongs to no batch.`)
      const told = explain(result, {
        aborted,
        errorMessage: upstream.errorMessage,
        gone: lines.length === 0 && upstream.upstreamState === 'Gone',
      })
      const list = results.get(batchNumber)
      if (list) list.push(told)
      else results.set(batchNumber, [told])
    }
    return { results, rows: sources }
  }

  /** Transient failures, and rows that Salesforce did not come to, as long as rounds are left. */
  function rowsThatGoAgain(
    job: BulkJob,
    load: BulkLoad,
    tied: Awaited<ReturnType<typeof tie>>,
  ): { rows: ReadonlySet<number>; bytes: number } {
    const rows = new Set<number>()
    let bytes = 0
    if (load.round >= deps.bulk.maxRetries || job.wish === 'cancel') return { rows, bytes }
    const columns = wireColumns(job)
    for (const list of tied.results.values()) {
      for (const result of list) {
        if (!result.retryable || (result.outcome !== 'failed' && result.outcome !== 'unprocessed'))
          continue
        const source = tied.rows.get(result.rowNumber)
        if (!source) continue
        rows.add(result.rowNumber)
        bytes += encodedRowBytes(columns, source.columns, source.row.cells)
      }
    }
    return { rows, bytes }
  }

  function retryDelayMs(round: number): number {
    return Math.min(deps.bulk.retryDelayMs * 2 ** round, LONGEST_RETRY_DELAY_MS)
  }
}

function sameCounts(a: OutcomeCounts, b: OutcomeCounts): boolean {
  return a.success === b.success && a.failed === b.failed && a.unprocessed === b.unprocessed
}

/** Gives rows without an error of their own the reason that their upstream job has. */
function explain(
  result: RowResult,
  upstream: {
    readonly aborted: boolean
    readonly gone: boolean
    readonly errorMessage: string | null
  },
): RowResult {
  if (upstream.gone) {
    return {
      ...result,
      errorCode: 'upstream_job_missing',
      errorMessage:
        'Salesforce no longer knows the upstream job; whether the row was written is not known.',
    }
  }
  if (result.outcome !== 'unprocessed' || result.errorCode !== null) return result
  return upstream.aborted
    ? {
        ...result,
        errorCode: 'upstream_aborted',
        errorMessage: 'The upstream job was aborted before it came to the row.',
      }
    : {
        ...result,
        errorCode: 'upstream_failed',
        errorMessage: upstream.errorMessage ?? 'The upstream job ended before it came to the row.',
      }
}
