import { decodeRowResults } from '../../bulk/row-results-blob.ts'
import { decodeStagedBatch } from '../../bulk/staged-batch-blob.ts'
import type { RowOutcome, RowResult, StagedRow } from '../../contracts/bulk-job.ts'
import { blobContext, createBulkBatchBlobQueries } from '../../db/bulk-batch-blobs.ts'
import { type BulkJobBatch, createBulkJobBatchQueries } from '../../db/bulk-job-batches.ts'
import type { WorkspaceDatabase } from '../../db/workspace-database.ts'
import type { ApiDependencies } from '../dependencies.ts'

/** Batches read at once: bounds memory, and still few round trips. */
const BATCHES_AT_ONCE = 20

/** One row with what became of it. Its cells are by `columns`. */
export interface ResultedRow {
  readonly columns: readonly string[]
  readonly row: StagedRow
  readonly result: RowResult
}

/**
 * The rows of a job that have an outcome, in order, a few batches in memory at a time. Pages go by batch number,
 * each a query of its own: a slow reader holds no snapshot of the database.
 */
export async function* readResultRows(
  deps: ApiDependencies,
  job: { readonly jobId: string; readonly workspaceId: string },
  outcome: RowOutcome | null,
): AsyncGenerator<readonly ResultedRow[]> {
  const { jobId } = job
  const database = deps.database.workspace(job.workspaceId)
  const batches = createBulkJobBatchQueries(database)
  for (let after = 0; ; ) {
    const page = await batches.list(jobId, after, BATCHES_AT_ONCE)
    const last = page[page.length - 1]
    if (last === undefined) return
    after = last.batchNumber
    const wanted = page.filter((batch) => mayHold(batch, outcome))
    if (wanted.length > 0) yield* readBatches(deps, database, jobId, wanted, outcome)
  }
}

function mayHold(batch: BulkJobBatch, outcome: RowOutcome | null): boolean {
  return outcome === null ? batch.settledRecords > 0 : batch.counts[outcome] > 0
}

async function* readBatches(
  deps: ApiDependencies,
  database: WorkspaceDatabase,
  jobId: string,
  wanted: readonly BulkJobBatch[],
  outcome: RowOutcome | null,
): AsyncGenerator<readonly ResultedRow[]> {
  const blobs = createBulkBatchBlobQueries(database)
  const from = wanted[0]?.batchNumber ?? 0
  const to = wanted[wanted.length - 1]?.batchNumber ?? 0
  const staged = await blobs.list(jobId, 'rows', from, to)
  const outcomes = await blobs.list(jobId, 'outcomes', from, to)
  const outcomeOf = new Map(outcomes.map((blob) => [blob.batchNumber, blob.body]))
  const numbers = new Set(wanted.map((batch) => batch.batchNumber))
  for (const { batchNumber, body } of staged) {
    const settled = outcomeOf.get(batchNumber)
    if (!numbers.has(batchNumber) || settled === undefined) continue
    const batch = decodeStagedBatch(
      deps.sealing.open(blobContext(jobId, 'rows', batchNumber), body),
    )
    const results = decodeRowResults(
      deps.sealing.open(blobContext(jobId, 'outcomes', batchNumber), settled),
    )
    const resultOf = new Map(results.map((result) => [result.rowNumber, result]))
    const rows: ResultedRow[] = []
    for (const row of batch.rows) {
      const result = resultOf.get(row.rowNumber)
      if (result === undefined || (outcome !== null && result.outcome !== outcome)) continue
      rows.push({ columns: batch.columns, row, result })
    }
    yield rows
  }
}
