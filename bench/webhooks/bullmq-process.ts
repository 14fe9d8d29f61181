import { Queue, Worker } from 'bullmq'
import { sharedNow } from './clock.ts'
import { answerParent } from './helper-process.ts'
import { type LoopTask, loopJobSchema, loopTaskSchema } from './loop-task.ts'
import { createPoster, jobsOf } from './post-job.ts'

const JOBS_A_CALL = 1_000
const NAME = 'deliveries'

const post = createPoster()
let task: LoopTask | null = null
let worker: Worker | null = null

answerParent({
  async fill(input) {
    task = loopTaskSchema.parse(input)
    const queue = new Queue(NAME, { connection: connectionOf(task) })
    await queue.obliterate({ force: true })
    const jobs = jobsOf(task)
    for (let at = 0; at < jobs.length; at += JOBS_A_CALL) {
      await queue.addBulk(
        jobs.slice(at, at + JOBS_A_CALL).map((data) => ({
          ...{ name: 'post', data },
          // As in graphile-worker, what is done is gone.
          opts: { removeOnComplete: true },
        })),
      )
    }
    await queue.close()
  },
  start() {
    if (task === null) throw new Error('The queue is not filled.')
    const at = sharedNow()
    worker = new Worker(NAME, (job) => post(loopJobSchema.parse(job.data)), {
      connection: connectionOf(task),
      concurrency: task.concurrency,
    })
    return { at }
  },
  async stop() {
    await worker?.close()
  },
})

function connectionOf({ server }: LoopTask) {
  const { hostname, port } = new URL(server)
  return { host: hostname, port: Number(port), maxRetriesPerRequest: null }
}
