import type { Logger } from '../activities/dependencies.ts'
import type { Config } from '../config/environment.ts'
import type { Database } from '../db/database.ts'
import type { TemporalConnection } from '../temporal/connect.ts'
import { ensureMetadataSchedule, removeMetadataSchedule } from '../temporal/metadata-schedules.ts'

export interface MetadataSchedulerOptions {
  readonly config: Config
  readonly database: Database
  readonly temporal: TemporalConnection
  readonly installationId: string
  /** Rejects where the namespace is another installation's. */
  readonly requireOwn: () => Promise<void>
  /** Whether the environment's connection has credentials. */
  readonly hasEnvironmentLogin: boolean
  readonly logger: Logger
  readonly intervalMs?: number
}

const INTERVAL_MS = 10_000
const AT_ONCE = 50
const ANSWER_MS = 10_000
/** However short describes are good for: a look at all objects costs a call each. */
const LEAST_SECONDS = 300
/** What rows say of Schedules is held against Temporal at start and so often: it may have lost its store. */
const FORGET_MS = 3_600_000

/**
 * Keeps one Schedule a connection: made soon after the connection is authorised, removed soon after it is revoked or
 * deleted. Several processes may; making and removing are safe to repeat.
 */
export function startMetadataScheduler(options: MetadataSchedulerOptions): {
  stop(): Promise<void>
} {
  const { config, database, temporal, installationId, logger } = options
  const store = database.system.metadataSchedules
  const seconds = Math.max(LEAST_SECONDS, Math.round(config.cache.metadataTtlMs / 1_000))
  let forgetAt = 0
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let round: Promise<void> | undefined
  let isTold = false

  async function reconcile(): Promise<void> {
    await options.requireOwn()
    if (Date.now() >= forgetAt) {
      await store.forgetSchedules()
      forgetAt = Date.now() + FORGET_MS
    }
    const wants = { enabled: config.metadataRefresh, environment: options.hasEnvironmentLogin }
    for (;;) {
      const found = await store.listToSchedule(seconds, wants, AT_ONCE)
      for (const { connectionId, workspaceId, wanted } of found) {
        if (stopped) return
        const input = { connectionId, workspaceId }
        if (wanted) await ensureMetadataSchedule(temporal, installationId, input, seconds)
        else await removeMetadataSchedule(temporal, installationId, connectionId)
        await store.setScheduled(input, wanted ? seconds : null)
      }
      if (found.length < AT_ONCE) return
    }
  }

  function lookOnce(): void {
    round = temporal.client.connection
      .withDeadline(Date.now() + ANSWER_MS, reconcile)
      .then(
        () => {
          isTold = false
        },
        (error: unknown) => {
          // Rows say what is missing. One line an outage, not one a round.
          if (!isTold) logger.warn({ err: error }, 'Schedules of metadata wait for Temporal')
          isTold = true
        },
      )
      .finally(() => {
        if (!stopped) timer = setTimeout(lookOnce, options.intervalMs ?? INTERVAL_MS)
      })
  }

  lookOnce()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await round
    },
  }
}
