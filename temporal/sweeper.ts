import { isGrpcServiceError } from '@temporalio/client'
import {
  type BlockReason,
  type BulkJobState,
  type BulkJobWish,
  isTerminalBulkJobState,
} from '../contracts/bulk-job.ts'
import type { TemporalConnection } from './connect.ts'
import { ForeignNamespaceError } from './foreign-namespace-error.ts'
import type { ServerPreparation } from './prepare-server.ts'
import type { StartableBulkJob, Starters } from './starters.ts'
import { type BulkQueryStore, createBulkQuerySweep } from './sweep-bulk-queries.ts'
import { createReplaySweep, type ReplayStore } from './sweep-replays.ts'
import { endOfWorkflow } from './workflow-end.ts'

/** What the sweeper reads and writes; the modules of `db/` fit. */
export interface SweeperStore {
  readonly starts: {
    claimPending(limit: number, seconds: number): Promise<readonly SweptStart[]>
    claimUnfinished(limit: number, seconds: number): Promise<readonly SweptStart[]>
    claimUnfinishedReplays(limit: number, seconds: number): Promise<readonly SweptStart[]>
    claimUnfinishedQueries(limit: number, seconds: number): Promise<readonly SweptStart[]>
    markStarted(workflowId: string): Promise<void>
    markAttempted(workflowId: string, error: string): Promise<void>
  }
  readonly jobs: {
    get(jobId: string): Promise<SweptJob | null>
    setBlocked(jobId: string, reason: BlockReason, detail: string): Promise<boolean>
    sweepStaging(olderThanSeconds: number): Promise<readonly string[]>
    isHeldForNothing(jobId: string): Promise<boolean>
  }
  readonly flows: {
    clearExpired(limit: number): Promise<number>
  }
  readonly replays: ReplayStore
  readonly bulkQueries: BulkQueryStore
  readonly soqlQueries: {
    clearExpired(limit: number): Promise<number>
  }
}

export interface SweptStart {
  readonly workflowId: string
  readonly kind: 'bulk-job' | 'replay' | 'bulk-query'
  readonly subjectId: string
}

export interface SweptJob extends StartableBulkJob {
  readonly state: BulkJobState
  readonly wish: BulkJobWish
  readonly blockedReason: BlockReason | null
}

export interface SweeperOptions {
  readonly temporal: TemporalConnection
  readonly starters: Starters
  readonly store: SweeperStore
  /** Prepared at the first round, and again when it has lost its store; its mark is looked at now and then. */
  readonly server: Pick<ServerPreparation, 'prepare' | 'claim'>
  /** Called at every look that finds the mark of another installation. */
  readonly onForeign?: (error: ForeignNamespaceError) => void
  readonly logger: {
    info(fields: object, message: string): void
    warn(fields: object, message: string): void
  }
  /** Pause between two rounds, in milliseconds. */
  readonly intervalMs?: number
  /** How often the workflow of an unfinished job is looked for, in seconds. */
  readonly lookAgainSeconds?: number
  /** An installation whose namespace was taken over notices within this, in milliseconds. */
  readonly claimAgainMs?: number
}

const AT_ONCE = 100
/** An upload of which nothing has arrived for this long has broken off. */
const STAGING_IDLE_SECONDS = 300
const CLAIM_SECONDS = 10
const ANSWER_MS = 2_000
/** PERMISSION_DENIED of gRPC. */
const DENIED = 7

export interface Sweeper {
  start(): void
  /** Ends after the round that is under way. */
  stop(): Promise<void>
  /** One round; for tests, and at start. */
  sweep(): Promise<void>
}

/**
 * Keeps the promise that accepted means started: starts what Temporal has not acknowledged, and starts
 * again what Temporal lost. On the way it removes uploads that broke off and secrets whose time is over. Several may
 * run; claims keep them apart.
 */
export function createSweeper(options: SweeperOptions): Sweeper {
  const { store, starters, logger, temporal } = options
  const replays = createReplaySweep({ temporal, starters, store: store.replays, logger })
  const queries = createBulkQuerySweep({ temporal, starters, store: store.bulkQueries, logger })
  const intervalMs = options.intervalMs ?? 2_000
  const lookAgainSeconds = options.lookAgainSeconds ?? 15
  const claimAgainMs = options.claimAgainMs ?? 60_000
  let timer: NodeJS.Timeout | undefined
  let round: Promise<void> | undefined
  let stopped = false
  /** What rounds fail with; one line when it changes, not one a round. */
  let trouble: string | null = null
  let preparedNamespace: string | null = null
  let claimedAt = 0

  /**
   * The server makes a namespace with a new id where it lost its store, and all that was set up there with
   * it: starts that use search attributes would be refused for ever.
   */
  async function prepareNewNamespace(): Promise<void> {
    const id = await namespaceId()
    if (id === null) return
    if (id !== preparedNamespace) {
      preparedNamespace = null
      await options.server.prepare()
      preparedNamespace = id
    } else if (Date.now() - claimedAt >= claimAgainMs) {
      await options.server.claim()
    } else return
    claimedAt = Date.now()
  }

  /** Null where the server is away: the calls of the round itself tell. */
  async function namespaceId(): Promise<string | null> {
    const { connection } = temporal.client
    try {
      const described = await connection.withDeadline(Date.now() + ANSWER_MS, () =>
        connection.workflowService.describeNamespace({ namespace: temporal.namespace }),
      )
      return described.namespaceInfo?.id ?? null
    } catch (error) {
      // Where it may not be looked at, it is taken for the same one always.
      return isGrpcServiceError(error) && error.code === DENIED ? 'hidden' : null
    }
  }

  async function sweep(): Promise<void> {
    // What cannot be tidied up must not keep jobs from starting; the round fails of it afterwards.
    const tidied = await Promise.allSettled([tidy()])
    await lookAfterAll()
    for (const each of tidied) if (each.status === 'rejected') throw each.reason
  }

  async function tidy(): Promise<void> {
    const broken = await store.jobs.sweepStaging(STAGING_IDLE_SECONDS)
    if (broken.length > 0) logger.info({ jobIds: broken }, 'removed uploads that had broken off')
    // Secrets of authorisations that nobody came back from.
    await store.flows.clearExpired(AT_ONCE)
    // Answers that nobody came for.
    await store.soqlQueries.clearExpired(AT_ONCE)
  }

  async function lookAfterAll(): Promise<void> {
    await prepareNewNamespace()
    const pending = await store.starts.claimPending(AT_ONCE, CLAIM_SECONDS)
    for (const wish of pending) await orGoOn(wish, () => begin(wish))
    const unfinished = await store.starts.claimUnfinished(AT_ONCE, lookAgainSeconds)
    for (const begun of unfinished) await orGoOn(begun, () => lookAfter(begun))
    const walking = await store.starts.claimUnfinishedReplays(AT_ONCE, lookAgainSeconds)
    for (const begun of walking) await orGoOn(begun, () => replays.lookAfter(begun))
    const reading = await store.starts.claimUnfinishedQueries(AT_ONCE, lookAgainSeconds)
    for (const begun of reading) await orGoOn(begun, () => queries.lookAfter(begun))
  }

  /** One workflow's trouble must not keep the others waiting; a server that is away ends the round. */
  async function orGoOn(start: SweptStart, step: () => Promise<void>): Promise<void> {
    try {
      await step()
    } catch (error) {
      await temporal.client.connection.withDeadline(Date.now() + ANSWER_MS, () =>
        temporal.client.connection.workflowService.getSystemInfo({}),
      )
      logger.warn(
        { err: error, kind: start.kind, id: start.subjectId },
        'a workflow could not be looked after',
      )
    }
  }

  async function begin(start: SweptStart): Promise<void> {
    try {
      if (start.kind === 'replay') await replays.begin(start)
      else if (start.kind === 'bulk-query') await queries.begin(start)
      else await beginJob(start)
    } catch (error) {
      await store.starts.markAttempted(start.workflowId, String(error))
      throw error
    }
    await store.starts.markStarted(start.workflowId)
  }

  async function beginJob(start: SweptStart): Promise<void> {
    const job = await store.jobs.get(start.subjectId)
    if (job && !isTerminalBulkJobState(job.state)) await starters.startBulkJob(job)
  }

  async function lookAfter(start: SweptStart): Promise<void> {
    const job = await store.jobs.get(start.subjectId)
    if (!job || isTerminalBulkJobState(job.state) || job.blockedReason === 'workflow_ended') return
    const ended = await endOfWorkflow(temporal, start.workflowId)
    // It may have finished between our two looks.
    const now = await store.jobs.get(start.subjectId)
    if (!now || isTerminalBulkJobState(now.state)) return
    switch (ended.kind) {
      case 'running':
        // A wish whose signal was lost because Temporal was away, or a connection that works again.
        if (isUnheard(now) || (await store.jobs.isHeldForNothing(job.jobId)))
          await starters.wakeBulkJob(job.jobId)
        return
      case 'lost':
        logger.warn(
          { jobId: job.jobId, why: ended.why },
          'starting the workflow again from its rows',
        )
        await starters.startBulkJob(job)
        return
      case 'ended':
        logger.warn(
          { jobId: job.jobId, why: ended.why },
          'the workflow was ended; the job waits for a person',
        )
        await store.jobs.setBlocked(job.jobId, 'workflow_ended', ended.why)
        return
      default:
        return unknownEnd(ended)
    }
  }

  async function roundOnce(): Promise<void> {
    try {
      await sweep()
      if (trouble !== null) logger.info({}, 'sweeping goes on')
      trouble = null
    } catch (error) {
      // Temporal or Postgres is away, or not ours. Nothing is lost by waiting.
      const isForeign = error instanceof ForeignNamespaceError
      if (isForeign) options.onForeign?.(error)
      const now = isForeign ? error.message : 'sweeping waits for Temporal and Postgres'
      if (now !== trouble) logger.warn({ err: error }, now)
      trouble = now
    }
  }

  function startRound(): void {
    round = roundOnce().finally(() => {
      if (!stopped) timer = setTimeout(startRound, intervalMs)
    })
  }

  return {
    sweep,
    start: startRound,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await round
    },
  }
}

/** A job that is blocked tries by itself at its own pace; waking it would only fill its history. */
function isUnheard(job: SweptJob): boolean {
  if (job.state === 'Blocked') return false
  return job.wish === 'cancel' || (job.state === 'Paused' && job.wish === 'run')
}

function unknownEnd(end: never): never {
  throw new Error(`Unknown end ${JSON.stringify(end)}`)
}
