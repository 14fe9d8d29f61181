import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { effectOf } from '../faults/fault.ts'
import type { LockTable } from '../locks/lock-table.ts'
import type { Schema } from '../schema/schema.ts'
import type { Settings } from '../settings.ts'
import type { BulkUseStore } from '../store/bulk-use.ts'
import { transaction } from '../store/database.ts'
import type { Job, JobChange, JobState, JobStore } from '../store/job-store.ts'
import type { RecordStore } from '../store/record-store.ts'
import type { RecordWriter } from '../store/record-writer.ts'
import { CsvError } from './csv.ts'
import type { IdLookup } from './id-lookup.ts'
import { isMissingFile } from './is-missing-file.ts'
import { JobFailure, jobErrorMessage } from './job-failure.ts'
import { processRows } from './process-rows.ts'

export interface RunJobDeps {
  readonly database: DatabaseSync
  readonly schema: Schema
  readonly jobs: JobStore
  readonly store: RecordStore
  readonly writer: RecordWriter
  readonly lookup: IdLookup
  readonly locks: LockTable
  readonly use: BulkUseStore
  readonly settings: () => Settings
  /** Where a job's upload lies. */
  readonly uploadPath: (jobId: string) => string
  /** Where a query job's rows lie. */
  readonly resultPath: (jobId: string) => string
  readonly stopping: () => boolean
}

/** How often a waiting job looks whether it was aborted, in milliseconds. */
const WATCH_MS = 25

/**
 * Processes one ingest job from the first row that is not yet committed: after a crash it goes on
 * where it was. Each internal batch is one transaction with its results and counters.
 */
export async function runIngestJob(deps: RunJobDeps, id: string): Promise<void> {
  const job = await startJob(deps, id)
  if (job === null) return
  try {
    const end = await processRows(deps, job)
    if (end !== null) finishJob(deps, id, end)
  } catch (error) {
    // A job that was aborted and deleted, or swept by a reset, has lost its file: nothing is left to do.
    if (isMissingFile(error) && deps.jobs.get(id)?.state !== 'InProgress') return
    if (!(error instanceof JobFailure) && !(error instanceof CsvError)) throw error
    finishJob(deps, id, { state: 'Failed', errorMessage: jobErrorMessage(error) })
  }
}

/** Moves a job to InProgress after the start delay; `null` when there is nothing to do for it. */
export async function startJob(deps: RunJobDeps, id: string): Promise<Job | null> {
  await waitWhile(deps, id, 'UploadComplete', deps.settings().bulkStartDelayMs)
  if (deps.stopping()) return null
  const job = transaction(deps.database, () => {
    const current = deps.jobs.get(id)
    if (current?.state !== 'UploadComplete' && current?.state !== 'InProgress') return null
    deps.jobs.update(id, { state: 'InProgress', started: current.started ?? deps.jobs.now() })
    return deps.jobs.get(id)
  })
  const stuck = job === null ? null : effectOf(job.effects, 'stuck')
  if (stuck !== null && stuck.afterRows === 0) await waitInProgress(deps, id, stuck.ms)
  return job
}

/** Ends a job that is still in progress: one that was aborted meanwhile stays so. */
export function finishJob(deps: RunJobDeps, id: string, end: JobChange): void {
  transaction(deps.database, () => {
    if (deps.jobs.get(id)?.state !== 'InProgress') return
    deps.jobs.update(id, { ...end, finished: deps.jobs.now() })
  })
}

/** Waits, but no longer than the job is in progress. */
export function waitInProgress(deps: RunJobDeps, id: string, ms: number): Promise<void> {
  return waitWhile(deps, id, 'InProgress', ms)
}

/** The same until a moment that may move while it waits; in milliseconds since 1970. */
export function waitInProgressUntil(
  deps: RunJobDeps,
  id: string,
  end: () => number,
): Promise<void> {
  return waitWhileUntil(deps, id, 'InProgress', end)
}

function waitWhile(deps: RunJobDeps, id: string, state: JobState, ms: number): Promise<void> {
  const end = Date.now() + ms
  return waitWhileUntil(deps, id, state, () => end)
}

async function waitWhileUntil(
  deps: RunJobDeps,
  id: string,
  state: JobState,
  end: () => number,
): Promise<void> {
  for (let left = end() - Date.now(); left > 0; left = end() - Date.now()) {
    if (deps.stopping() || deps.jobs.get(id)?.state !== state) return
    await sleep(Math.min(WATCH_MS, left))
  }
}
