import type { NotificationInput } from '../contracts/notification.ts'
import type { NotificationTrigger } from './notification-trigger.ts'

const INTERVAL_MS = 15_000
const AT_ONCE = 200

export interface NotificationSweep {
  start(): void
  /** Ends after the look that is under way. */
  stop(): Promise<void>
  /** One look; for tests. */
  sweep(): Promise<void>
}

/**
 * Wakes the channels whose workflow is not there although something waits: Temporal was away when it was to be woken,
 * lost its store, or a person ended the run. Several processes may look; a channel has one workflow.
 */
export function createNotificationSweep(options: {
  readonly listNeglected: (seconds: number, limit: number) => Promise<readonly NotificationInput[]>
  readonly trigger: NotificationTrigger
  /** How long something waits at most where all is well, in milliseconds. */
  readonly patienceMs: number
  readonly logger: { warn(fields: object, message: string): void }
  readonly intervalMs?: number
}): NotificationSweep {
  const { intervalMs = INTERVAL_MS, trigger, logger } = options
  let timer: NodeJS.Timeout | undefined
  let look: Promise<void> | undefined
  let stopped = false

  async function sweep(): Promise<void> {
    const seconds = Math.ceil(options.patienceMs / 1_000)
    for (const { workspaceId, channelId } of await options.listNeglected(seconds, AT_ONCE)) {
      trigger.trigger(workspaceId, [channelId])
    }
  }

  function lookOnce(): void {
    look = sweep()
      // The database is away: nothing can be found, and nothing is lost by waiting.
      .catch((error: unknown) => logger.warn({ err: error }, 'notices were not looked after'))
      .finally(() => {
        if (!stopped) timer = setTimeout(lookOnce, intervalMs)
      })
  }

  return {
    sweep,
    start: lookOnce,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await look
    },
  }
}
