import type { Logger, MirrorSettings } from '../activities/dependencies.ts'
import type { Config } from '../config/environment.ts'
import type { Database } from '../db/database.ts'
import type { TemporalConnection } from '../temporal/connect.ts'
import { type MirrorKeeper, startMirrorKeeper } from '../temporal/mirror-keeper.ts'
import { createMirrorSchedules } from '../temporal/mirror-schedules.ts'

/** Transactions of an org may last ten minutes, and their rows are stamped before they commit. */
const OVERLAP_MS = 15 * 60_000
const RECONCILE_EVERY_MS = 24 * 3_600_000

/** What activities pull with. */
export function mirrorSettings({
  pageRows,
  bulkFromRows,
  mostCalls,
  timeZone,
}: Config['mirror']): MirrorSettings {
  return {
    ...{ pageRows, bulkFromRows, mostCalls, timeZone },
    ...{ overlapMs: OVERLAP_MS, reconcileEveryMs: RECONCILE_EVERY_MS },
  }
}

/** Keeps the Schedules of all connections as they should be. */
export function startMirrorWork(options: {
  readonly config: Config
  readonly database: Database
  readonly temporal: TemporalConnection
  readonly installationId: string
  readonly requireOwn: () => Promise<void>
  readonly logger: Logger
}): MirrorKeeper {
  const { config, database, temporal, installationId, requireOwn, logger } = options
  return startMirrorKeeper({
    store: database.system.mirror,
    schedules: createMirrorSchedules(temporal, installationId, { requireOwn }),
    everyMs: config.mirror.everyMs,
    withEnvironment: config.salesforce.clientId !== null,
    logger,
  })
}
