import { Logger, makeWorkerUtils, type Runner, run } from 'graphile-worker'
import { sharedNow } from './clock.ts'
import { answerParent } from './helper-process.ts'
import { type LoopTask, loopJobSchema, loopTaskSchema } from './loop-task.ts'
import { createPoster, jobsOf } from './post-job.ts'

const JOBS_A_CALL = 1_000
/** One that finds nothing to do is woken by a notice; this is for lost ones. */
const POLL_MS = 1_000

const logger = new Logger(() => (level, message) => {
  if (level === 'error') process.stderr.write(`graphile-worker: ${message}\n`)
})
const post = createPoster()
let task: LoopTask | null = null
let runner: Runner | null = null

answerParent({
  async fill(input) {
    task = loopTaskSchema.parse(input)
    const utils = await makeWorkerUtils({ connectionString: task.server, logger })
    await utils.migrate()
    const jobs = jobsOf(task)
    for (let at = 0; at < jobs.length; at += JOBS_A_CALL) {
      await utils.addJobs(
        jobs.slice(at, at + JOBS_A_CALL).map((job) => ({ identifier: 'post', payload: job })),
      )
    }
    await utils.withPgClient((client) => client.query('analyze graphile_worker._private_jobs'))
    await utils.release()
  },
  async start() {
    if (task === null) throw new Error('The queue is not filled.')
    const at = sharedNow()
    runner = await run({
      connectionString: task.server,
      logger,
      concurrency: task.concurrency,
      pollInterval: POLL_MS,
      noHandleSignals: true,
      taskList: { post: (payload) => post(loopJobSchema.parse(payload)) },
      ...(task.batched
        ? {
            preset: {
              worker: {
                localQueue: { size: task.concurrency * 2 },
                completeJobBatchDelay: 0,
                failJobBatchDelay: 0,
              },
            },
          }
        : {}),
    })
    return { at }
  },
  async stop() {
    await runner?.stop()
  },
})
