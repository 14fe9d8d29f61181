import { buildRowRanges } from '../../bulk/row-ranges.ts'
import type { OutcomeCounts, RowRanges, RowResult } from '../../contracts/bulk-job.ts'
import { createBulkFailedRowQueries } from '../../db/bulk-failed-rows.ts'
import { type BatchFigures, createBulkJobBatchQueries } from '../../db/bulk-job-batches.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { type BulkLoad, createBulkLoadQueries } from '../../db/bulk-loads.ts'
import type { DatabaseTransactionConnection } from '../../db/pool.ts'
import type { Sealing } from '../../security/sealing.ts'
import { createBatchStore } from './batch-store.ts'
import { type BatchResults, chunksOf, eachResult, type LoadResults } from './load-results.ts'

/**
 * What is written at once: bounds memory and the size of a statement, and still few round trips. Batches count too: a
 * load of a later round carries a row or two of each, and reads all that is known of the others.
 */
const CHUNK = { rows: 10_000, batches: 50 }
/** Rows of a failed-row insert at once. */
const FAILED_ROWS_AT_ONCE = 5_000

/** What became of every row of a load. */
export interface Settlement {
  readonly load: BulkLoad
  readonly results: LoadResults
  /** Rows that go again: their results stand until the next load replaces them, and are not counted. */
  readonly again: ReadonlySet<number>
  readonly againBytes: number
  /** Seconds before the rows go again. */
  readonly againDelaySeconds: number
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
  const counts = countOutcomes(eachResult(results), again)
  if (!(await loads.settle(load.jobId, load.loadNumber, counts, again.size))) return null

  for (const batches of chunksOf(results, CHUNK)) {
    await writeBatches(transaction, sealing, settlement, batches)
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

async function writeBatches(
  transaction: DatabaseTransactionConnection,
  sealing: Sealing,
  { load, again }: Settlement,
  batches: readonly BatchResults[],
): Promise<void> {
  const store = createBatchStore(transaction, sealing)
  const merged =
    load.round === 0
      ? batches
      : mergeWithEarlier(
          batches,
          await store.outcomesOf(
            load.jobId,
            batches.map((batch) => batch.batchNumber),
          ),
        )
  await store.putOutcomes(load, merged)
  await createBulkJobBatchQueries(transaction).setFigures(
    load.jobId,
    merged.map((batch) => figuresOf(batch, again)),
  )
  const failed = batches.flatMap(({ batchNumber, results }) =>
    results
      .filter((result) => result.outcome !== 'success' && !again.has(result.rowNumber))
      .map((result) => ({ batchNumber, result })),
  )
  for (let first = 0; first < failed.length; first += FAILED_ROWS_AT_ONCE) {
    const rows = failed.slice(first, first + FAILED_ROWS_AT_ONCE)
    await createBulkFailedRowQueries(transaction).put(load, rows)
  }
}

/** A load of a later round carries a part of its batches' rows: the others keep what they have. */
function mergeWithEarlier(
  batches: readonly BatchResults[],
  earlier: readonly BatchResults[],
): BatchResults[] {
  const known = new Map(earlier.map(({ batchNumber, results }) => [batchNumber, results]))
  return batches.map(({ batchNumber, results }) => {
    const byRow = new Map(
      (known.get(batchNumber) ?? []).map((result) => [result.rowNumber, result]),
    )
    for (const result of results) byRow.set(result.rowNumber, result)
    const all = [...byRow.values()].sort((a, b) => a.rowNumber - b.rowNumber)
    return { batchNumber, results: all }
  })
}

/** Of the rows that do not go again. */
function countOutcomes(results: Iterable<RowResult>, again: ReadonlySet<number>): OutcomeCounts {
  const counts = { success: 0, failed: 0, unprocessed: 0, unknown: 0 }
  for (const result of results) if (!again.has(result.rowNumber)) counts[result.outcome] += 1
  return counts
}

function figuresOf(
  { batchNumber, results }: BatchResults,
  again: ReadonlySet<number>,
): BatchFigures {
  const errors: Record<string, number> = {}
  for (const result of results) {
    if (result.outcome === 'success' || again.has(result.rowNumber)) continue
    const code = result.errorCode ?? result.outcome
    errors[code] = (errors[code] ?? 0) + 1
  }
  return {
    batchNumber,
    counts: countOutcomes(results, again),
    errorDetails: Object.keys(errors).length === 0 ? null : errors,
  }
}

function rangesOf(rowNumbers: ReadonlySet<number>): RowRanges {
  return buildRowRanges([...rowNumbers].sort((a, b) => a - b))
}
