import { setTimeout as sleep } from 'node:timers/promises'
import { bulkJobWorkflowId } from '../../contracts/workflow-ids.ts'
import { type BulkJob, createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createIdempotencyKeyQueries } from '../../db/idempotency-keys.ts'
import { createWorkflowStartQueries } from '../../db/workflow-starts.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { checkedIdempotencyKey, KEY_KEPT_HOURS } from '../http/idempotency-key.ts'
import type { StageRequest, Stager } from './stage-bulk-job.ts'

/** How long an answer waits for its job's workflow to be started. */
const START_WAIT_MS = 300

export interface AcceptRequest extends StageRequest {
  /** What `Idempotency-Key` said; null without one. */
  readonly idempotencyKey: string | null
  /** Names the route: the same key on another route is another key. */
  readonly route: string
  /** Hash of all that was asked; reads what is left of the body. */
  readonly requestHash: () => Promise<string>
}

export interface Accepted {
  readonly job: BulkJob
  /** True where the first request with this key made the job. */
  readonly replayed: boolean
}

/** Accepts a job once per key and starts it. */
export interface Intake {
  accept(request: AcceptRequest): Promise<Accepted>
  /** Tries to start the job's workflow; does not wait long, and a failure is only logged: the sweeper tries again. */
  start(job: BulkJob): Promise<void>
}

export function createIntake(deps: ApiDependencies, stager: Stager): Intake {
  const { logger } = deps

  async function start(job: BulkJob): Promise<void> {
    // The job is accepted already: a caller waits for Temporal only as long as it answers at once.
    await Promise.race([startNow(job), sleep(START_WAIT_MS, undefined, { ref: false })])
  }

  async function startNow(job: BulkJob): Promise<void> {
    try {
      await deps.starters.startBulkJob(job)
      await createWorkflowStartQueries(deps.database.workspace(job.workspaceId)).markStarted(
        bulkJobWorkflowId(deps.installationId, job.jobId),
      )
    } catch (error) {
      logger.warn({ err: error, jobId: job.jobId }, 'job accepted; the sweeper will start it')
    }
  }

  async function acceptOnce(request: AcceptRequest, key: string): Promise<Accepted> {
    const { jobId, workspaceId } = request.job
    const name = { workspaceId, route: request.route, key }
    const replay = await reserve(request, name)
    if (replay !== null) return { job: replay, replayed: true }
    try {
      const job = await stager.stage({
        ...request,
        rows: request.rows,
        onAccept: async (transaction) => {
          await request.onAccept?.(transaction)
          const hash = await request.requestHash()
          if (!(await createIdempotencyKeyQueries(transaction).complete(name, jobId, hash))) {
            const message = 'Another request with this Idempotency-Key has taken over.'
            throw new ApiError('upload_superseded', message)
          }
        },
      })
      return { job, replayed: false }
    } catch (error) {
      await release(name, jobId)
      throw error
    }
  }

  type KeyName = { workspaceId: string; route: string; key: string }

  /** Null when the key is ours; the job where the same request made it before. */
  async function reserve(request: AcceptRequest, name: KeyName): Promise<BulkJob | null> {
    const { jobId } = request.job
    const database = deps.database.workspace(name.workspaceId)
    const keys = createIdempotencyKeyQueries(database)
    for (;;) {
      const held = await keys.reserve(name, jobId, KEY_KEPT_HOURS)
      if (held === null) return null
      if (held.requestHash !== null) return replayOf(request, held.jobId, held.requestHash)
      if (held.idleSeconds <= deps.settings.keyTakeOverSeconds) {
        const message =
          'The first request with this Idempotency-Key is still being read. Try again in a moment.'
        throw new ApiError('idempotency_in_progress', message, { headers: { 'retry-after': '1' } })
      }
      await createBulkJobQueries(database).deleteStaging(held.jobId)
      await keys.release(name, held.jobId)
    }
  }

  async function replayOf(
    request: AcceptRequest,
    jobId: string,
    requestHash: string,
  ): Promise<BulkJob> {
    if ((await request.requestHash()) !== requestHash) {
      const message =
        'This Idempotency-Key was used for another request. Use a new key for a new job.'
      throw new ApiError('idempotency_key_reused', message, { jobId })
    }
    const { workspaceId } = request.job
    const jobs = createBulkJobQueries(deps.database.workspace(workspaceId))
    const job = await jobs.find(workspaceId, jobId)
    if (job === null) throw new Error(`Job ${jobId} of an idempotency key does not exist.`)
    return job
  }

  async function release(name: KeyName, jobId: string): Promise<void> {
    try {
      const database = deps.database.workspace(name.workspaceId)
      await createIdempotencyKeyQueries(database).release(name, jobId)
    } catch (error) {
      // The first error is the caller's answer; the key is taken over after a minute.
      logger.warn({ err: error, jobId }, 'idempotency key could not be released')
    }
  }

  return {
    start,
    async accept(request) {
      const key = checkedIdempotencyKey(request.idempotencyKey)
      const accepted =
        key === null
          ? { job: await stager.stage(request), replayed: false }
          : await acceptOnce(request, key)
      if (!accepted.replayed) await start(accepted.job)
      return accepted
    },
  }
}
