import { setTimeout as sleep } from 'node:timers/promises'
import { effectOf } from '../faults/fault.ts'
import { createRandom, seedOf } from '../seeded-random.ts'
import { transaction } from '../store/database.ts'
import type { Job } from '../store/job-store.ts'
import type { BatchLocks } from './batch-locks.ts'
import type { BatchSource } from './batch-source.ts'
import { columnOrder, rowOrder } from './column-order.ts'
import type { ColumnPlan } from './column-plan.ts'
import { CsvError } from './csv.ts'
import { JobFailure } from './job-failure.ts'
import { prepareRow } from './prepare-row.ts'
import type { RowFaults } from './row-faults.ts'
import type { RunJobDeps } from './run-ingest-job.ts'
import { type PreparedBatch, writeBatch } from './write-batch.ts'

/** The internal batches of one job that are in process. */
export interface BatchWindow {
  /** Takes batches up while there is room, none of them with rows at or after `stop`. */
  fill(stop: number): void
  /** One of the batches in process, in a seeded order; `null` where there is none. */
  take(): PreparedBatch | null
  /** Commits a batch, or gives `false` where the job is over. */
  commit(batch: PreparedBatch): Promise<boolean>
  /** Throws what kept the last fill from reading on. */
  rethrow(): void
}

export interface BatchWindowOf {
  readonly job: Job
  readonly plan: ColumnPlan
  readonly source: BatchSource
  readonly locks: BatchLocks
  readonly faults: RowFaults
}

export function createBatchWindow(deps: RunJobDeps, of: BatchWindowOf): BatchWindow {
  const { job, plan, source, locks, faults } = of
  const late = effectOf(job.effects, 'late_commits')
  const order = columnOrder(job, plan.columns.length)
  const random = createRandom(deps.settings().seed ^ seedOf(`${job.id}/order`))
  const inProcess: PreparedBatch[] = []
  let failure: JobFailure | CsvError | null = null
  let lateLeft = late?.batches ?? 0

  function read(stop: number): PreparedBatch | null {
    const began = performance.now()
    const taken = source.next(Math.min(deps.settings().internalBatchRows, allowance()), stop)
    if (taken === null) return null
    const { firstRow, cells } = taken
    const rows = cells.map((row) => prepareRow(plan, row))
    const lockErrors = locks.kept()
      ? transaction(deps.database, () => locks.claim(firstRow, rows))
      : locks.claim(firstRow, rows)
    return {
      job,
      plan,
      firstRow,
      cells,
      rows,
      lockErrors,
      columnOrder: order,
      rowOrder: rowOrder(deps.settings(), job.id, firstRow, cells.length),
      preparedMs: performance.now() - began,
    }
  }

  /** Rows that the day still allows. Throws JobFailure where there are none. */
  function allowance(): number {
    const { bulkBatchesMax, bulkRecordsMax } = deps.settings()
    const used = deps.use.lastDay()
    if (used.batches + inProcess.length >= bulkBatchesMax) {
      throw new JobFailure('ExceededQuota', 'ApiBatchItems Limit exceeded.')
    }
    const taken = inProcess.reduce((rows, batch) => rows + batch.rows.length, used.records)
    if (taken >= bulkRecordsMax) {
      throw new JobFailure('ExceededQuota', `Daily limit of ${bulkRecordsMax} records exceeded.`)
    }
    return bulkRecordsMax - taken
  }

  /** One transaction: the batch, its results, the counters and its locks, or nothing. */
  function commit(batch: PreparedBatch): boolean {
    const began = performance.now()
    return transaction(deps.database, () => {
      const current = deps.jobs.get(job.id)
      if (current?.state === 'Aborted' && lateLeft > 0) lateLeft -= 1
      else if (current?.state !== 'InProgress') return false
      deps.store.beginTransaction()
      const result = writeBatch({ ...deps, faults }, batch)
      deps.store.endTransaction()
      deps.jobs.addBatch(job, result)
      // The parent batch, which holds no rows, is counted with the first one that does.
      deps.use.add(current.processed === 0 ? 2 : 1, result.rows)
      locks.release(batch.firstRow)
      deps.jobs.update(job.id, {
        processed: current.processed + result.rows,
        failed: current.failed + result.failed,
        activeMs: current.activeMs + Math.ceil(batch.preparedMs + performance.now() - began),
      })
      return true
    })
  }

  return {
    fill(stop) {
      while (failure === null && inProcess.length < deps.settings().bulkParallelBatches) {
        try {
          if (source.position() >= stop || !source.hasMore()) return
          const batch = read(stop)
          if (batch === null) return
          inProcess.push(batch)
        } catch (error) {
          // What is in process already is committed before the job fails.
          if (!(error instanceof JobFailure) && !(error instanceof CsvError)) throw error
          failure = error
        }
      }
    },
    take() {
      const [batch] = inProcess.splice(Math.floor(random() * inProcess.length), 1)
      return batch ?? null
    },
    async commit(batch) {
      if (lateLeft > 0 && deps.jobs.get(job.id)?.state === 'Aborted') await sleep(late?.delayMs)
      return commit(batch)
    },
    rethrow() {
      if (failure !== null) throw failure
    },
  }
}
