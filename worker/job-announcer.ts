import type { Logger } from '../activities/dependencies.ts'
import { announceJobChanges } from '../activities/notification/announce-job-changes.ts'
import type { Database } from '../db/database.ts'
import type { Sealing } from '../security/sealing.ts'

export interface JobAnnouncerOptions {
  readonly database: Database
  readonly sealing: Sealing
  /** There are events that pumps have not heard of. */
  readonly onOwnEvents: () => void
  readonly logger: Logger
  readonly intervalMs?: number
}

const INTERVAL_MS = 1_000
const WORKSPACES_AT_ONCE = 100
const CHANGES_AT_ONCE = 200

/** Makes events of what happens to jobs, soon after it has. Several processes may: each change is one event. */
export function startJobAnnouncer(options: JobAnnouncerOptions): { stop(): Promise<void> } {
  const { database, sealing, logger } = options
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let round: Promise<void> | undefined
  let isTold = false

  async function announceAll(): Promise<void> {
    for (const workspaceId of await database.system.listWorkspacesToAnnounce(WORKSPACES_AT_ONCE)) {
      const own = database.workspace(workspaceId)
      let announced = CHANGES_AT_ONCE
      while (!stopped && announced === CHANGES_AT_ONCE) {
        announced = await announceJobChanges(own, sealing, CHANGES_AT_ONCE)
        if (announced > 0) options.onOwnEvents()
      }
    }
  }

  function lookOnce(): void {
    round = announceAll()
      .then(
        () => {
          isTold = false
        },
        (error: unknown) => {
          // The outbox keeps what it has. One line an outage, not one a second.
          if (!isTold) logger.warn({ err: error }, 'changes of jobs are not announced for now')
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
