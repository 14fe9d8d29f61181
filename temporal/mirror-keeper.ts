import type { MirrorInput } from '../contracts/mirror.ts'
import { ForeignNamespaceError } from './foreign-namespace-error.ts'
import type { MirrorSchedules } from './mirror-schedules.ts'

/** What the keeper reads and writes; `db/mirror-keeping.ts` fits. */
export interface MirrorKeeperStore {
  /** Authorised connections without a Schedule. */
  listUnscheduled(limit: number, withEnvironment: boolean): Promise<readonly MirrorInput[]>
  /** Connections with one, by id, after the given one. */
  listScheduled(afterConnectionId: string, limit: number): Promise<readonly MirrorInput[]>
  /** Connections with one that were revoked or removed. */
  listToUnschedule(limit: number): Promise<readonly MirrorInput[]>
  /** Claims what is to run now, for so many seconds. */
  claimWanted(limit: number, seconds: number): Promise<readonly MirrorInput[]>
  markScheduled(input: MirrorInput): Promise<void>
  markUnscheduled(connectionId: string): Promise<void>
}

export interface MirrorKeeper {
  /** Ends after the round that is under way. */
  stop(): Promise<void>
}

const INTERVAL_MS = 5_000
const ALL_AGAIN_MS = 3_600_000
const AT_ONCE = 100
const CLAIM_SECONDS = 60

/**
 * Keeps the Schedules of the mirrors: one for each authorised connection, none for others, and a run where somebody
 * wants one that Temporal was not told of. Several processes may; what they do can be repeated.
 */
export function startMirrorKeeper(options: {
  readonly store: MirrorKeeperStore
  readonly schedules: MirrorSchedules
  /** Null where there are to be no Schedules. */
  readonly everyMs: number | null
  /** Whether the environment's connection has something to sign in with. */
  readonly withEnvironment: boolean
  readonly logger: {
    warn(fields: object, message: string): void
    info(fields: object, message: string): void
  }
  readonly intervalMs?: number
}): MirrorKeeper {
  const { store, schedules, everyMs, logger } = options
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let trouble: string | null = null
  let allAt = Number.NEGATIVE_INFINITY

  /** As the settings are now; and again where Temporal has lost its store. */
  async function ensureAll(every: number | null): Promise<void> {
    for (let after = ''; !stopped; ) {
      const page = await store.listScheduled(after, AT_ONCE)
      for (const input of page) {
        if (every !== null) await schedules.ensure(input, every)
        else await unschedule(input)
        after = input.connectionId
      }
      if (page.length < AT_ONCE) return
    }
  }

  async function unschedule({ connectionId }: MirrorInput): Promise<void> {
    await schedules.remove(connectionId)
    await store.markUnscheduled(connectionId)
  }

  async function round(): Promise<void> {
    if (performance.now() - allAt > ALL_AGAIN_MS) {
      await ensureAll(everyMs)
      allAt = performance.now()
    }
    if (everyMs !== null) {
      for (const input of await store.listUnscheduled(AT_ONCE, options.withEnvironment)) {
        await schedules.ensure(input, everyMs)
        await store.markScheduled(input)
      }
    }
    for (const input of await store.listToUnschedule(AT_ONCE)) await unschedule(input)
    for (const input of await store.claimWanted(AT_ONCE, CLAIM_SECONDS)) await schedules.pull(input)
  }

  async function roundOnce(): Promise<void> {
    try {
      await round()
      if (trouble !== null) logger.info({}, 'mirrors are looked after again')
      trouble = null
    } catch (error) {
      // Temporal or Postgres is away, or not ours, which the sweeper says. One line when it changes, not one a round.
      const now = error instanceof Error ? error.name : String(error)
      if (now !== trouble && !(error instanceof ForeignNamespaceError)) {
        logger.warn({ err: error }, 'mirrors could not be looked after')
      }
      trouble = now
    }
  }

  function go(): Promise<void> {
    return roundOnce().finally(() => {
      if (stopped) return
      timer = setTimeout(() => {
        under = go()
      }, options.intervalMs ?? INTERVAL_MS)
    })
  }

  let under = go()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await under
    },
  }
}
