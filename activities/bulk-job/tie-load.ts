import type { ReadResultLine } from '../../bulk/result-lines.ts'
import { createTie } from '../../bulk/tie-results.ts'
import type { OutcomeCounts, RowResult } from '../../contracts/bulk-job.ts'
import type { BulkJob } from '../../db/bulk-jobs.ts'
import type { BulkLoad } from '../../db/bulk-loads.ts'
import type { BulkUpstreamJob } from '../../db/bulk-upstream-jobs.ts'
import { createDescribeCacheQueries } from '../../db/describe-cache.ts'
import { parseRowError } from '../../salesforce/row-error.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { internal } from '../failures.ts'
import { createBatchStore } from './batch-store.ts'
import { wireColumns } from './encode-load.ts'
import { loadBatches } from './load-batches.ts'

/** Job-level errors after which sending the same rows again fails the same way. */
const HOPELESS_JOB_ERROR = /\b(InvalidBatch|InvalidJob|ClientInputError|LineEnding)/i

export interface TiedLoad {
  /** One result for each row of the load, by batch. */
  readonly results: ReadonlyMap<number, RowResult[]>
  /** What the result files say, line by line. */
  readonly lineCounts: OutcomeCounts
}

/** Ties the lines of an ended upstream job to the rows of its load, holding neither's text. */
export async function tieLoad(
  deps: ActivityDependencies,
  job: BulkJob,
  load: BulkLoad,
  upstream: BulkUpstreamJob,
  lines: AsyncIterable<ReadResultLine> | null,
): Promise<TiedLoad> {
  const columns = wireColumns(job)
  const cached = await createDescribeCacheQueries(deps.pool).find(job.connectionId, job.objectType)
  const aborted = upstream.upstreamState === 'Aborted'
  const hopeless = HOPELESS_JOB_ERROR.test(upstream.errorMessage ?? '')
  const tying = createTie({
    operation: job.operation,
    describe: cached?.describe ?? null,
    externalIdField: job.externalIdField,
    correlationField: job.correlationField,
    columns,
    parseError: parseRowError,
    unprocessedRetryable: !aborted && !hopeless,
    upstreamJobId: upstream.salesforceJobId ?? '',
  })
  const lastRows: { readonly batchNumber: number; readonly lastRow: number }[] = []
  const store = createBatchStore(deps.pool, deps.sealing)
  for await (const batch of loadBatches(deps.pool, store, load)) {
    const places = columns.map((column) => batch.columns.indexOf(column))
    for (const row of batch.rows) {
      const cells = places.map((place) => (place < 0 ? null : (row.cells[place] ?? null)))
      tying.addRow({ rowNumber: row.rowNumber, cells })
    }
    const lastRow = batch.rows[batch.rows.length - 1]?.rowNumber
    if (lastRow !== undefined) lastRows.push({ batchNumber: batch.batchNumber, lastRow })
  }
  const lineCounts = { success: 0, failed: 0, unprocessed: 0, unknown: 0 }
  for await (const line of lines ?? []) {
    lineCounts[line.line.outcome] += 1
    tying.addLine(line)
  }
  const tied = tying.finish()
  if (tied.unmatchedLines > 0) {
    deps.logger.warn(
      { jobId: job.jobId, loadNumber: load.loadNumber, unmatchedLines: tied.unmatchedLines },
      'result lines without a row',
    )
  }
  const reason = { aborted, gone: lines === null, errorMessage: upstream.errorMessage }
  return {
    results: byBatch(
      tied.results.map((result) => explain(result, reason)),
      lastRows,
    ),
    lineCounts,
  }
}

/** Results ascend by row, batches by their last row. */
function byBatch(
  results: readonly RowResult[],
  lastRows: readonly { readonly batchNumber: number; readonly lastRow: number }[],
): Map<number, RowResult[]> {
  const found = new Map<number, RowResult[]>()
  let place = 0
  for (const result of results) {
    while (result.rowNumber > (lastRows[place]?.lastRow ?? Number.POSITIVE_INFINITY)) place += 1
    const batchNumber = lastRows[place]?.batchNumber
    if (batchNumber === undefined) throw internal(`Row ${result.rowNumber} belongs to no batch.`)
    const list = found.get(batchNumber)
    if (list) list.push(result)
    else found.set(batchNumber, [result])
  }
  return found
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
