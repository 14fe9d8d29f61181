import { effectOf } from '../faults/fault.ts'
import { createRandom, seedOf } from '../seeded-random.ts'
import { transaction } from '../store/database.ts'
import type { Job, JobChange } from '../store/job-store.ts'
import { createBatchLocks } from './batch-locks.ts'
import { createBatchSource } from './batch-source.ts'
import { createBatchWindow } from './batch-window.ts'
import { planColumns } from './column-plan.ts'
import { JobFailure } from './job-failure.ts'
import { readRows } from './read-rows.ts'
import { createRowFaults } from './row-faults.ts'
import { createRowLocks } from './row-locks.ts'
import { checkHeaderSize } from './row-size.ts'
import { type RunJobDeps, waitInProgress, waitInProgressUntil } from './run-ingest-job.ts'
import { createStops } from './stops.ts'

/**
 * Works through a job's rows, as many internal batches at once as the settings allow.
 * Gives how the job ends, or `null` when it was aborted, deleted, or the org is stopping.
 */
export async function processRows(deps: RunJobDeps, job: Job): Promise<JobChange | null> {
  if (job.uploadedBytes === null) throw new JobFailure('InvalidBatch', 'No data was uploaded')
  const rows = readRows(deps.uploadPath(job.id), job, deps.settings().bulkByteOrderMark)
  try {
    const header = rows.next().value
    // An upload of nothing has nothing to do: clients make such jobs of an empty list.
    if (header === undefined) return { state: 'JobComplete' }
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
  checkHeaderSize(header)
  const plan = planColumns(deps.schema, job, header)
  for (const { lookup } of plan.columns) {
    if (lookup !== null) deps.lookup.prepare(lookup.object, lookup.by)
  }
  countRetries(deps, job)
  const rowLocks = createRowLocks(deps.store, deps.lookup, job, plan)
  const locks = createBatchLocks({ locks: deps.locks, rowLocks, settings: deps.settings, job })
  const faults = createRowFaults({
    database: deps.database,
    header,
    effects: job.effects,
    rowLocks,
    draw: (index) => createRandom(deps.settings().seed ^ seedOf(`${job.id}/fault/${index}`))(),
  })
  const source = createBatchSource(
    rows,
    header.length,
    deps.jobs.batches(job),
    () => deps.settings().bulkFieldCharacters,
  )
  const stops = createStops(job, source.position())
  const window = createBatchWindow(deps, { job, plan, source, locks, faults })
  const began = Date.now()
  let done = 0

  /** Keeps the job below the rate that the settings allow, also where they change meanwhile. */
  function throttle(total: number): Promise<void> {
    return waitInProgressUntil(deps, job.id, () => {
      const rate = deps.settings().bulkRowsPerSecond
      return rate === null ? 0 : began + (total / rate) * 1_000
    })
  }

  try {
    for (;;) {
      // Other jobs and messages get their turn between batches.
      await nextTurn()
      if (deps.stopping()) return null
      window.fill(stops.next())
      const batch = window.take()
      if (batch === null) {
        window.rethrow()
        if (source.position() < stops.next()) return { state: 'JobComplete' }
        const end = await stops.arrive((ms) => waitInProgress(deps, job.id, ms))
        if (end !== null) return end
        continue
      }
      if (locks.kept()) {
        // A batch holds its locks for the time that it takes, and for one turn of the others at least.
        await nextTurn()
        await throttle(done + batch.rows.length)
        if (deps.stopping()) return null
      }
      if (!(await window.commit(batch))) return null
      done += batch.rows.length
      if (!locks.kept()) await throttle(done)
    }
  } finally {
    locks.releaseAll((work) => transaction(deps.database, work))
  }
}

/** The org tried some batches again before they went through: nobody sees more than the number. */
function countRetries(deps: RunJobDeps, job: Job): void {
  const retried = effectOf(job.effects, 'retries')
  if (retried === null || job.retries >= retried.retries) return
  transaction(deps.database, () => deps.jobs.update(job.id, { retries: retried.retries }))
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
