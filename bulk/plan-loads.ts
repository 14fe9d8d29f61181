import { LOAD_MAX_BYTES, LOAD_MAX_ROWS, type RowRanges } from '../contracts/bulk-job.ts'

/** What planning needs to know of a batch. */
export interface BatchExtent {
  readonly batchNumber: number
  readonly firstRow: number
  readonly rowCount: number
  /** Last row number; needed only where the batch's row numbers have gaps. */
  readonly lastRow?: number
  /** UTF-8 bytes of the batch's lines on the wire. */
  readonly encodedBytes: number
}

export interface PlannedLoad {
  readonly ranges: RowRanges
  readonly rowCount: number
  /** UTF-8 bytes of the lines, with the header. */
  readonly encodedBytes: number
}

export interface LoadLimits {
  readonly maxBytes: number
  readonly maxRows: number
  /** UTF-8 bytes of the header line that each load starts with; 0 if not given. */
  readonly headerBytes?: number
}

/**
 * Cuts batches, in the order of their rows, into loads within the limits. A batch is never cut: one that is over a
 * limit by itself is a load of its own. Throws RangeError where batches are out of order, since a row would then be
 * in two loads.
 */
export function planLoads(
  batches: Iterable<BatchExtent>,
  limits: LoadLimits = { maxBytes: LOAD_MAX_BYTES, maxRows: LOAD_MAX_ROWS },
): PlannedLoad[] {
  const headerBytes = limits.headerBytes ?? 0
  const loads: PlannedLoad[] = []
  let ranges: number[] = []
  let rowCount = 0
  let encodedBytes = headerBytes
  let previousLast = 0

  const finishLoad = (): void => {
    if (rowCount > 0) loads.push({ ranges, rowCount, encodedBytes })
    ranges = []
    rowCount = 0
    encodedBytes = headerBytes
  }

  for (const batch of batches) {
    if (batch.rowCount === 0) continue
    const last = batch.lastRow ?? batch.firstRow + batch.rowCount - 1
    if (batch.firstRow <= previousLast || last < batch.firstRow + batch.rowCount - 1) {
      throw new RangeError(`Batch ${batch.batchNumber} overlaps the rows before it`)
    }
    const isFull =
      rowCount + batch.rowCount > limits.maxRows ||
      encodedBytes + batch.encodedBytes > limits.maxBytes
    if (isFull) finishLoad()
    if (ranges.length > 0 && batch.firstRow === previousLast + 1) ranges[ranges.length - 1] = last
    else ranges.push(batch.firstRow, last)
    rowCount += batch.rowCount
    encodedBytes += batch.encodedBytes
    previousLast = last
  }
  finishLoad()
  return loads
}
