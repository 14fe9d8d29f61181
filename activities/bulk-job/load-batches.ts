import { containsRow } from '../../bulk/row-ranges.ts'
import type { RowRanges, StagedRow } from '../../contracts/bulk-job.ts'
import { createBulkJobBatchQueries } from '../../db/bulk-job-batches.ts'
import type { BulkLoad } from '../../db/bulk-loads.ts'
import type { CommonQueryMethods } from '../../db/pool.ts'
import type { BatchStore } from './batch-store.ts'

/** The part of one batch that a load carries. */
export interface LoadBatch {
  readonly batchNumber: number
  readonly columns: readonly string[]
  /** Rows of the load only, in order. */
  readonly rows: readonly StagedRow[]
  /** All rows of the batch, in the load or not. */
  readonly rowCount: number
}

/** First and last row number of a load. */
export function loadExtent(ranges: RowRanges): { readonly first: number; readonly last: number } {
  const first = ranges[0]
  const last = ranges[ranges.length - 1]
  if (first === undefined || last === undefined) throw new Error('A load has no rows.')
  return { first, last }
}

/** The numbers of the batches that a load touches; consecutive, though some between may hold none of its rows. */
export async function loadBatchNumbers(
  connection: CommonQueryMethods,
  load: BulkLoad,
): Promise<{ readonly from: number; readonly to: number }> {
  const { first, last } = loadExtent(load.rowRanges)
  const batches = await createBulkJobBatchQueries(connection).listOverlapping(
    load.jobId,
    first,
    last,
  )
  const from = batches[0]?.batchNumber
  const to = batches[batches.length - 1]?.batchNumber
  if (from === undefined || to === undefined) {
    throw new Error(`Load ${load.loadNumber} of ${load.jobId} has no batches.`)
  }
  return { from, to }
}

/** Streams the load's rows, batch by batch. */
export async function* loadBatches(
  connection: CommonQueryMethods,
  store: BatchStore,
  load: BulkLoad,
): AsyncGenerator<LoadBatch> {
  const { from, to } = await loadBatchNumbers(connection, load)
  for await (const { batchNumber, batch } of store.staged(load.jobId, from, to)) {
    const rows = batch.rows.filter((row) => containsRow(load.rowRanges, row.rowNumber))
    if (rows.length > 0) {
      yield { batchNumber, columns: batch.columns, rows, rowCount: batch.rows.length }
    }
  }
}
