import { columnIndex } from '../../bulk/column-fields.ts'
import type { RowResults } from '../../bulk/keyed-results.ts'
import { scanWireBatch } from '../../bulk/staged-batch-blob.ts'
import { createKeyTie } from '../../bulk/tie-by-key.ts'
import { createTie, type Tied, type TieInput } from '../../bulk/tie-results.ts'
import type { OutcomeCounts, RowResult } from '../../contracts/bulk-job.ts'
import type { BulkJob } from '../../db/bulk-jobs.ts'
import type { BulkLoad } from '../../db/bulk-loads.ts'
import type { BulkUpstreamJob } from '../../db/bulk-upstream-jobs.ts'
import { createDescribeCacheQueries } from '../../db/describe-cache.ts'
import { parseRowError } from '../../salesforce/row-error.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { createBatchStore } from './batch-store.ts'
import type { DownloadedResults } from './download-results.ts'
import { wireColumns } from './encode-load.ts'
import { type LoadBatch, loadBatches, rowsOf } from './load-batches.ts'
import { type BatchSize, type LoadResults, resultsByBatch } from './load-results.ts'

/** Job-level errors after which sending the same rows again fails the same way. */
const HOPELESS_JOB_ERROR = /\b(InvalidBatch|InvalidJob|ClientInputError|LineEnding)/i

export interface TiedLoad {
  /** One result for each row of the load. */
  readonly results: LoadResults
  /** What the result files say, line by line. */
  readonly lineCounts: OutcomeCounts
}

export interface EndedLoad {
  readonly job: BulkJob
  readonly load: BulkLoad
  readonly upstream: BulkUpstreamJob
  /** Null where Salesforce knows the job no more. */
  readonly files: DownloadedResults | null
  /** Awaited between two pieces of the work. */
  readonly pause: () => Promise<void>
}

/** Ties the lines of an ended upstream job to the rows of its load, holding neither's text. */
export async function tieLoad(deps: ActivityDependencies, ended: EndedLoad): Promise<TiedLoad> {
  const { job, load, upstream, files, pause } = ended
  const aborted = upstream.upstreamState === 'Aborted'
  const input = await tieInputOf(deps, job, upstream, aborted)
  const parts: TieParts = {
    batches: () => loadBatches(deps.database, createBatchStore(deps.database, deps.sealing), load),
    files,
    pause,
  }
  const { tied, batches, lineCounts } =
    (await tieByKey(input, parts)) ?? (await tieByAllColumns(input, parts))
  if (tied.unmatchedLines > 0) {
    deps.logger.warn(
      { jobId: job.jobId, loadNumber: load.loadNumber, unmatchedLines: tied.unmatchedLines },
      'result lines without a row',
    )
  }
  const reason = { aborted, gone: files === null, errorMessage: upstream.errorMessage }
  const explained: RowResults = {
    length: tied.results.length,
    at(place) {
      const result = tied.results.at(place)
      return result && explain(result, reason)
    },
  }
  return { results: resultsByBatch(explained, batches), lineCounts }
}

/** Rows and lines can be gone through more than once. */
interface TieParts {
  readonly batches: () => AsyncIterable<LoadBatch>
  readonly files: DownloadedResults | null
  readonly pause: () => Promise<void>
}

interface TiedParts {
  readonly tied: Tied
  readonly batches: readonly BatchSize[]
  readonly lineCounts: OutcomeCounts
}

/** Null where keys alone do not decide every row. */
async function tieByKey(input: TieInput, parts: TieParts): Promise<TiedParts | null> {
  const { files, pause } = parts
  const tie = files === null ? null : createKeyTie(input)
  if (files === null || tie === null) return null
  const batches: BatchSize[] = []
  for await (const { batchNumber, wire, carries } of parts.batches()) {
    await pause()
    const place = columnIndex(wire.columns, tie.keyColumn)
    let rowCount = 0
    scanWireBatch(wire, (rowNumber, record) => {
      if (carries !== null && !carries(rowNumber)) return
      tie.addRow(rowNumber, record, place)
      rowCount += 1
    })
    batches.push({ batchNumber, rowCount })
  }
  const lineCounts = { success: 0, failed: 0, unprocessed: 0, unknown: 0 }
  await files.read((record) => {
    lineCounts[record.outcome] += 1
    tie.addRecord(record)
  }, pause)
  const tied = tie.finish()
  return tied === null ? null : { tied, batches, lineCounts }
}

async function tieByAllColumns(input: TieInput, parts: TieParts): Promise<TiedParts> {
  const { files, pause } = parts
  const tie = createTie(input)
  const batches: BatchSize[] = []
  for await (const batch of parts.batches()) {
    await pause()
    const places = input.columns.map((column) => batch.wire.columns.indexOf(column))
    const rows = rowsOf(batch)
    for (const row of rows) {
      const cells = places.map((place) => (place < 0 ? null : (row.cells[place] ?? null)))
      tie.addRow({ rowNumber: row.rowNumber, cells })
    }
    batches.push({ batchNumber: batch.batchNumber, rowCount: rows.length })
  }
  const lineCounts = { success: 0, failed: 0, unprocessed: 0, unknown: 0 }
  await files?.read((record) => {
    lineCounts[record.outcome] += 1
    tie.addLine(record.toLine())
  }, pause)
  return { tied: tie.finish(), batches, lineCounts }
}

async function tieInputOf(
  deps: ActivityDependencies,
  job: BulkJob,
  upstream: BulkUpstreamJob,
  aborted: boolean,
): Promise<TieInput> {
  const cached = await createDescribeCacheQueries(deps.database).find(
    job.connectionId,
    job.objectType,
  )
  const hopeless = HOPELESS_JOB_ERROR.test(upstream.errorMessage ?? '')
  return {
    operation: job.operation,
    describe: cached?.describe ?? null,
    externalIdField: job.externalIdField,
    correlationField: job.correlationField,
    columns: wireColumns(job),
    parseError: parseRowError,
    unprocessedRetryable: !aborted && !hopeless,
    upstreamJobId: upstream.salesforceJobId ?? '',
  }
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
