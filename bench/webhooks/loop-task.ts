import { z } from 'zod'
import { cpuOfDescendants } from '../process-watch.ts'
import { type Helper, startHelper } from './helper-process.ts'
import type { Receivers } from './receivers.ts'

/** Work for a bare loop: one job a delivery. */
export const loopTaskSchema = z.object({
  /** Of Postgres or Redis. */
  server: z.url(),
  endpoints: z.array(z.url()),
  events: z.int().positive(),
  /** Jobs at once. */
  concurrency: z.int().positive(),
  /** Whether jobs are fetched and completed many at once, where the library can. */
  batched: z.boolean(),
})
export type LoopTask = z.infer<typeof loopTaskSchema>

/** What becomes a job. */
export const loopJobSchema = z.object({ id: z.string(), url: z.string(), body: z.string() })
export type LoopJob = z.infer<typeof loopJobSchema>

/** How long a backlog took, and whether it arrived. */
export interface Drain {
  readonly ms: number
  readonly arrived: number
  readonly duplicates: number
  /** CPU time of all that took part but the receivers, from the first attempt on; null without /proc. */
  readonly cpuMs: number | null
}

const QUIET_MS = 20_000
const startedSchema = z.object({ at: z.number() })

/** Fills a queue, then lets the loop run until all has arrived. */
export async function drainByLoop(
  script: URL,
  task: LoopTask,
  receivers: Receivers,
  /** Of the server, whose time counts too. */
  serverPid: number,
): Promise<Drain> {
  const helper: Helper = startHelper(script)
  try {
    await receivers.reset()
    await helper.ask('fill', task)
    const cpu = watchCpu([helper.pid, serverPid])
    const { at } = startedSchema.parse(await helper.ask('start'))
    const { arrived, duplicates, last } = await receivers.waitFor(
      task.events * task.endpoints.length,
      QUIET_MS,
    )
    const cpuMs = cpu()
    await helper.ask('stop')
    return { ms: last - at, arrived, duplicates, cpuMs }
  } finally {
    await helper.stop()
  }
}

/** CPU time of processes from now on; null without /proc. */
export function watchCpu(pids: readonly number[]): () => number | null {
  const all = () =>
    pids
      .map(cpuOfDescendants)
      .reduce((sum, ms) => (sum === null || ms === null ? null : sum + ms), 0)
  const before = all()
  return () => {
    const after = all()
    return before === null || after === null ? null : after - before
  }
}
