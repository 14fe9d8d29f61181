import { buildRowRanges } from '../../bulk/row-ranges.ts'
import type { OutcomeCounts, RowRanges, RowResult } from '../../contracts/bulk-job.ts'
import { createBulkFailedRowQueries } from '../../db/bulk-failed-rows.ts'
import { type BatchFigures, createBulkJobBatchQueries } from '../../db/bulk-job-batches.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { type BulkLoad, createBulkLoadQueries } from '../../db/bulk-loads.ts'
import type { DatabaseTransactionConnection } from '../../db/pool.ts'
import type { Sealing } from '../../security/sealing.ts'
import { createBatchStore } from './batch-store.ts'

/** Rows of a failed-row insert at once: bounds the size of one statement. */
const FAILED_ROWS_AT_ONCE = 5_000

/** What became of every row of a load, by batch. */
export interface Settlement {
  readonly load: BulkLoad
  readonly results: ReadonlyMap<number, readonly RowResult[]>
  /** Rows that go again: their results stand until the next load replaces them, and are not counted. */
  readonly again: ReadonlySet<number>
  readonly againBytes: number
  /** Seconds before the rows go again. */
  readonly againDelaySeconds: number
}

export function countOutcomes(results: Iterable<RowResult>): OutcomeCounts {
  const counts = { success: 0, failed: 0, unprocessed: 0, unknown: 0 }
  for (const result of results) counts[result.outcome] += 1
  return counts
}

/**
 * Writes a load's outcomes, its batches' figures, the failed rows, the job's counters and the load that
 * carries what goes again: all in the caller's transaction, so that a second attempt finds all or nothing.
 */
export async function writeSettlement(
  transaction: DatabaseTransactionConnection,
  sealing: Sealing,
  settlement: Settlement,
): Promise<{ readonly counts: OutcomeCounts; readonly retriedRecords: number } | null> {
  const { load, results, again } = settlement
  const jobs = createBulkJobQueries(transaction)
  const loads = createBulkLoadQueries(transaction)
  // One settlement of a job at a time: load numbers and counters are read and written here.
  await jobs.lock(load.jobId)
  const own = [...results.values()].flat()
  const final = own.filter((result) => !again.has(result.rowNumber))
  const counts = countOutcomes(final)
  if (!(await loads.settle(load.jobId, load.loadNumber, counts, again.size))) return null

  const merged = await mergeWithEarlier(transaction, sealing, settlement)
  await createBatchStore(transaction, sealing).putOutcomes(load, merged)
  await createBulkJobBatchQueries(transaction).setFigures(
    load.jobId,
    [...merged].map(([batchNumber, all]) => figuresOf(batchNumber, all, again)),
  )
  const failedRows = createBulkFailedRowQueries(transaction)
  const failed = [...results].flatMap(([batchNumber, rows]) =>
    rows
      .filter((result) => result.outcome !== 'success' && !again.has(result.rowNumber))
      .map((result) => ({ batchNumber, result })),
  )
  for (let first = 0; first < failed.length; first += FAILED_ROWS_AT_ONCE) {
    await failedRows.put(load, failed.slice(first, first + FAILED_ROWS_AT_ONCE))
  }
  if (again.size > 0) {
    await loads.insert(load, [
      {
        loadNumber: await loads.nextNumber(load.jobId),
        round: load.round + 1,
        parentLoad: load.loadNumber,
        rowRanges: rangesOf(again),
        rowCount: again.size,
        encodedBytes: settlement.againBytes,
        delaySeconds: settlement.againDelaySeconds,
      },
    ])
  }
  await jobs.refreshCounters(load.jobId)
  return { counts, retriedRecords: again.size }
}

/** A load of a later round carries a part of its batches' rows: the others keep what they have. */
async function mergeWithEarlier(
  transaction: DatabaseTransactionConnection,
  sealing: Sealing,
  settlement: Settlement,
): Promise<ReadonlyMap<number, readonly RowResult[]>> {
  const { load, results } = settlement
  if (load.round === 0) return results
  const numbers = [...results.keys()]
  const earlier = await createBatchStore(transaction, sealing).outcomes(
    load.jobId,
    Math.min(...numbers),
    Math.max(...numbers),
  )
  const merged = new Map<number, readonly RowResult[]>()
  for (const [batchNumber, fresh] of results) {
    const byRow = new Map((earlier.get(batchNumber) ?? []).map((known) => [known.rowNumber, known]))
    for (const result of fresh) byRow.set(result.rowNumber, result)
    merged.set(
      batchNumber,
      [...byRow.values()].sort((a, b) => a.rowNumber - b.rowNumber),
    )
  }
  return merged
}

function figuresOf(
  batchNumber: number,
  all: readonly RowResult[],
  again: ReadonlySet<number>,
): BatchFigures {
  const settled = all.filter((result) => !again.has(result.rowNumber))
  const errors: Record<string, number> = {}
  for (const result of settled) {
    if (result.outcome === 'success') continue
    const code = result.errorCode ?? result.outcome
    errors[code] = (errors[code] ?? 0) + 1
  }
  return {
    batchNumber,
    counts: countOutcomes(settled),
    errorDetails: Object.keys(errors).length === 0 ? null : errors,
  }
}

function rangesOf(rowNumbers: ReadonlySet<number>): RowRanges {
  return buildRowRanges([...rowNumbers].sort((a, b) => a - b))
}
