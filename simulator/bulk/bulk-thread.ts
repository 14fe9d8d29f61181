import { Worker } from 'node:worker_threads'
import type { Settings } from '../settings.ts'
import type { BulkWorkerData, BulkWorkerMessage } from './worker.ts'

/** The serving thread's hold on the thread that processes jobs. */
export interface BulkThread {
  /** A job is ready to be processed. */
  run(jobId: string): void
  settings(settings: Settings): void
  /** Definitions of objects were stored: the thread reads them before the jobs that come after. */
  schemaChanged(): void
  /** Lets the batches in hand be committed, then ends the thread. */
  stop(): Promise<void>
}

/** `onFailure` is called when the thread dies of an error: jobs would wait for ever. */
export function startBulkThread(
  data: BulkWorkerData,
  onFailure: (error: unknown) => void,
): BulkThread {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: data,
    execArgv: [],
  })
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve())
  })
  worker.on('error', onFailure)
  const send = (message: BulkWorkerMessage): void => worker.postMessage(message)
  return {
    run: (jobId) => send({ type: 'run', jobId }),
    settings: (settings) => send({ type: 'settings', settings }),
    schemaChanged: () => send({ type: 'schema' }),
    async stop() {
      send({ type: 'stop' })
      await exited
    },
  }
}
