import { parentPort, workerData } from 'node:worker_threads'
import { createLockTable } from '../locks/lock-table.ts'
import { createJobFiles } from '../org.ts'
import { createChangeObserver } from '../push/change-observer.ts'
import { createConfiguredRules } from '../rules/configured-rules.ts'
import { createSchema } from '../schema/schema.ts'
import type { Settings } from '../settings.ts'
import { createBulkUseStore } from '../store/bulk-use.ts'
import { type DatabaseLocation, openDatabase } from '../store/database.ts'
import { createDefinitionStore } from '../store/definition-store.ts'
import { createJobStore } from '../store/job-store.ts'
import { createRecordStore } from '../store/record-store.ts'
import { createRecordWriter } from '../store/record-writer.ts'
import { createIdLookup } from './id-lookup.ts'
import { type RunJobDeps, runIngestJob } from './run-ingest-job.ts'
import { runQueryJob } from './run-query-job.ts'

/** What the thread is started with. */
export interface BulkWorkerData {
  readonly database: DatabaseLocation
  readonly folder: string
  readonly settings: Settings
}

/** What the serving thread says to this one. */
export type BulkWorkerMessage =
  | { readonly type: 'run'; readonly jobId: string }
  | { readonly type: 'settings'; readonly settings: Settings }
  | { readonly type: 'schema' }
  | { readonly type: 'stop' }

/** How long a write waits for one of the serving thread, in milliseconds. */
const BUSY_MS = 30_000

/** Processes bulk jobs beside the thread that serves, so that a large job delays no caller. */
function main(data: BulkWorkerData): void {
  if (parentPort === null) throw new Error('this file runs as a worker thread')
  const port = parentPort
  let settings = data.settings
  let stopping = false
  const running = new Map<string, Promise<void>>()
  const schema = createSchema()
  const database = openDatabase(data.database, schema, BUSY_MS)
  const definitions = createDefinitionStore(database)
  definitions.load(schema)
  const store = createRecordStore(database)
  const rules = createConfiguredRules(database, schema)
  const files = createJobFiles(data.folder)
  const now = (): number => Date.now() + settings.jobClockOffsetMs
  const deps: RunJobDeps = {
    database,
    schema,
    store,
    jobs: createJobStore(database, now),
    writer: createRecordWriter({
      schema,
      store,
      rules: rules.book,
      observers: [createChangeObserver(database, store, () => settings)],
    }),
    lookup: createIdLookup(database, store),
    locks: createLockTable(database),
    use: createBulkUseStore(database, now),
    settings: () => settings,
    uploadPath: files.upload,
    resultPath: files.result,
    stopping: () => stopping,
  }

  function run(jobId: string): void {
    if (stopping || running.has(jobId)) return
    const kind = deps.jobs.get(jobId)?.kind
    const work = kind === 'query' ? runQueryJob(deps, jobId) : runIngestJob(deps, jobId)
    running.set(
      jobId,
      work.finally(() => running.delete(jobId)),
    )
  }

  async function stop(): Promise<void> {
    stopping = true
    await Promise.allSettled(running.values())
    database.close()
    port.close()
  }

  port.on('message', (message: BulkWorkerMessage) => {
    switch (message.type) {
      case 'run':
        return run(message.jobId)
      case 'settings':
        settings = message.settings
        return
      case 'schema':
        definitions.load(schema)
        rules.load()
        return
      case 'stop':
        // A failure here ends the thread with its error, which the serving thread reports.
        void stop()
        return
    }
  })
  // Nothing is in process yet: what is locked was locked by a process that was killed.
  deps.locks.clear()
  for (const job of deps.jobs.unfinished()) run(job.id)
}

// The serving thread passes exactly this.
main(workerData as BulkWorkerData)
