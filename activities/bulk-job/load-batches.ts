import { containsRow } from '../../bulk/row-ranges.ts'
import { decodeWireBatch, type WireBatch } from '../../bulk/staged-batch-blob.ts'
import type { RowRanges, StagedRow } from '../../contracts/bulk-job.ts'
import { createBulkJobBatchQueries } from '../../db/bulk-job-batches.ts'
import type { BulkLoad } from '../../db/bulk-loads.ts'
import type { CommonQueryMethods } from '../../db/pool.ts'
import type { BatchStore } from './batch-store.ts'

/** The part of one batch that a load carries. */
export interface LoadBatch {
  readonly batchNumber: number
  readonly wire: WireBatch
  /** Which of its rows are the load's; null where all are. */
  readonly carries: ((rowNumber: number) => boolean) | null
}

/** The load's rows of a batch with their cells, in order. */
export function rowsOf({ wire, carries }: LoadBatch): readonly StagedRow[] {
  const { rows } = decodeWireBatch(wire)
  return carries === null ? rows : rows.filter((row) => carries(row.rowNumber))
}

/** First and last row number of a load. */
export function loadExtent(ranges: RowRanges): { readonly first: number; readonly last: number } {
  const first = ranges[0]
  const last = ranges[ranges.length - 1]
  if (first === undefined || last === undefined) throw new Error('A load has no rows.')
  return { first, last }
}

/** The numbers of the batches that a load touches; consecutive, though some between may hold none of its rows. */
async function batchNumbersOf(
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

/** The batches that hold rows of the load, in order. */
export async function* loadBatches(
  connection: CommonQueryMethods,
  store: BatchStore,
  load: BulkLoad,
): AsyncGenerator<LoadBatch> {
  const { from, to } = await batchNumbersOf(connection, load)
  const carries = (rowNumber: number) => containsRow(load.rowRanges, rowNumber)
  for await (const { batchNumber, wire } of store.wire(load.jobId, from, to)) {
    if (wire.rowNumbers.every(carries)) yield { batchNumber, wire, carries: null }
    else if (wire.rowNumbers.some(carries)) yield { batchNumber, wire, carries }
  }
}
