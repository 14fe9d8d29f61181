import { setTimeout as sleep } from 'node:timers/promises'
import { effectOf } from '../faults/fault.ts'
import { transaction } from '../store/database.ts'
import type { Job, JobChange } from '../store/job-store.ts'
import { columnOrder, rowOrder } from './column-order.ts'
import { InvalidBatchError, planColumns } from './column-plan.ts'
import { prepareRow } from './prepare-row.ts'
import { readRows } from './read-rows.ts'
import { createRowFaults } from './row-faults.ts'
import { type RunJobDeps, waitInProgress } from './run-ingest-job.ts'
import { type PreparedBatch, writeBatch } from './write-batch.ts'

/**
 * Works through a job's rows, one internal batch after the other.
 * Gives how the job ends, or `null` when it was aborted, deleted, or the org is stopping.
 */
export async function processRows(deps: RunJobDeps, job: Job): Promise<JobChange | null> {
  if (job.uploadedBytes === null) throw new InvalidBatchError('No data was uploaded')
  const rows = readRows(deps.uploadPath(job.id), job.columnDelimiter, job.lineEnding)
  try {
    const header = rows.next().value
    if (header === undefined) throw new InvalidBatchError('The file has no header')
    return await processBody(deps, job, header, rows)
  } finally {
    rows.return()
  }
}

async function processBody(
  deps: RunJobDeps,
  job: Job,
  header: readonly string[],
  rows: Generator<readonly string[], void, undefined>,
): Promise<JobChange | null> {
  const plan = planColumns(deps.schema, job, header)
  const faults = createRowFaults(deps.database, header, job.effects)
  const stuck = effectOf(job.effects, 'stuck')
  const failure = effectOf(job.effects, 'fail_job')
  const late = effectOf(job.effects, 'late_commits')
  const order = columnOrder(deps.settings(), job.id, header.length)
  const began = performance.now()
  let lateLeft = late?.batches ?? 0
  let seq = deps.jobs.batchNumbers(job).length
  let done = 0
  while (done < job.processed && rows.next().done !== true) done += 1

  /** One transaction: the batch, its results and the counters, or nothing. */
  function commit(batch: PreparedBatch, batchBegan: number): boolean {
    return transaction(deps.database, () => {
      const current = deps.jobs.get(job.id)
      if (current?.state === 'Aborted' && lateLeft > 0) lateLeft -= 1
      else if (current?.state !== 'InProgress') return false
      deps.store.beginTransaction()
      const result = writeBatch({ store: deps.store, writer: deps.writer, faults }, batch, seq)
      deps.store.endTransaction()
      deps.jobs.addBatch(job, result)
      deps.jobs.update(job.id, {
        processed: current.processed + result.rows,
        failed: current.failed + result.failed,
        activeMs: current.activeMs + Math.ceil(performance.now() - batchBegan),
      })
      return true
    })
  }

  for (;;) {
    if (failure !== null && done >= failure.afterRows) {
      return { state: 'Failed', errorMessage: failure.message, retries: failure.retries }
    }
    const batchBegan = performance.now()
    let size = deps.settings().internalBatchRows
    if (failure !== null) size = Math.min(size, failure.afterRows - done)
    if (stuck !== null && stuck.afterRows > done) size = Math.min(size, stuck.afterRows - done)
    const cells = takeRows(rows, size, header.length, done)
    if (cells.length === 0) return { state: 'JobComplete' }
    const batch: PreparedBatch = {
      job,
      plan,
      cells,
      offset: done,
      rows: cells.map((row) => prepareRow(plan, row)),
      columnOrder: order,
      rowOrder: rowOrder(deps.settings(), job.id, seq, cells.length),
    }
    // Other jobs and messages get their turn between batches.
    await new Promise((resolve) => setImmediate(resolve))
    if (deps.stopping()) return null
    if (lateLeft > 0 && deps.jobs.get(job.id)?.state === 'Aborted') await sleep(late?.delayMs)
    if (!commit(batch, batchBegan)) return null
    done += cells.length
    seq += 1
    if (stuck !== null && stuck.afterRows === done) await waitInProgress(deps, job.id, stuck.ms)
    await throttle(deps, job, done - job.processed, performance.now() - began)
  }
}

function takeRows(
  rows: Generator<readonly string[], void, undefined>,
  size: number,
  columns: number,
  offset: number,
): (readonly string[])[] {
  const taken: (readonly string[])[] = []
  while (taken.length < size) {
    const row = rows.next().value
    if (row === undefined) break
    if (row.length !== columns) {
      const place = offset + taken.length + 1
      throw new InvalidBatchError(
        `Row ${place} has ${row.length} values, the header has ${columns} names`,
      )
    }
    taken.push(row)
  }
  return taken
}

/** Keeps the job below the rate that the settings allow. */
async function throttle(deps: RunJobDeps, job: Job, rows: number, spentMs: number): Promise<void> {
  const rate = deps.settings().bulkRowsPerSecond
  if (rate === null) return
  const wait = (rows / rate) * 1_000 - spentMs
  if (wait > 0) await waitInProgress(deps, job.id, wait)
}
