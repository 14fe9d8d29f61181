import type { Logger, Notifications } from '../activities/dependencies.ts'
import { reconcileEnvironmentChannels } from '../activities/notification/environment-channels.ts'
import type { Config } from '../config/environment.ts'
import { isLoopback } from '../config/loopback.ts'
import { DEFAULT_WORKSPACE_ID } from '../contracts/tenancy.ts'
import type { Database } from '../db/database.ts'
import { createSafeFetch } from '../outbound/safe-fetch.ts'
import { PRIVATE_TOO, PUBLIC_ONLY } from '../security/address-rules.ts'
import type { TemporalConnection } from '../temporal/connect.ts'
import { createNotificationSweep } from '../temporal/notification-sweep.ts'
import { createNotificationTrigger } from '../temporal/notification-trigger.ts'

export interface NotificationWorkOptions {
  readonly config: Config
  readonly database: Database
  readonly temporal: TemporalConnection
  readonly installationId: string
  /** Rejects where the namespace is another installation's. */
  readonly requireOwn: () => Promise<void>
  readonly logger: Logger
}

export interface NotificationWork extends Notifications {
  /** Wakes channels that have something waiting, once that is committed. */
  readonly onNotifications: (workspaceId: string, channelIds: readonly string[]) => void
  /** Sets up what the environment names, and looks after what is forgotten. */
  start(): Promise<void>
  stop(): Promise<void>
}

const CONNECT_MS = 5_000
const TOTAL_MS = 15_000
/** Answers are words, or the message as it was stored. */
const MOST_RESPONSE_BYTES = 256_000
/** All channels of a platform have one host. */
const CONNECTIONS_PER_HOST = 20

const FLUSH_AT = 20
/** What Slack takes; Discord says its own pace, which is quicker. */
const PACE_MS = 1_000
const FIRST_RETRY_MS = 5_000
const LONGEST_RETRY_MS = 600_000
const GIVE_UP_AFTER_MS = 24 * 3_600_000
/** A notice that waits for so long after its window has been forgotten. */
const NEGLECTED_AFTER_MS = 15_000

/** What a worker process sends notices with. */
export function createNotificationWork(options: NotificationWorkOptions): NotificationWork {
  const { config, database, logger } = options
  const { enabled, slackWebhookUrl, discordWebhookUrl, windowMs, longestWindowMs } =
    config.notifications
  const fetch = createSafeFetch({
    rules: config.allowPrivateAddresses ? PRIVATE_TOO : PUBLIC_ONLY,
    ...{ connectMs: CONNECT_MS, totalMs: TOTAL_MS, maxResponseBytes: MOST_RESPONSE_BYTES },
    connectionsPerHost: CONNECTIONS_PER_HOST,
  })
  const environmentUrls = {
    slack: enabled ? slackWebhookUrl : null,
    discord: enabled ? discordWebhookUrl : null,
  }
  const trigger = createNotificationTrigger(options.temporal, options.installationId, options)
  const sweep = createNotificationSweep({
    listNeglected: database.system.listNeglectedChannels,
    ...{ trigger, logger, patienceMs: longestWindowMs + NEGLECTED_AFTER_MS },
  })
  return {
    settings: {
      ...{ windowMs, longestWindowMs, flushAt: FLUSH_AT, paceMs: PACE_MS },
      ...{ firstRetryMs: FIRST_RETRY_MS, longestRetryMs: LONGEST_RETRY_MS },
      ...{ giveUpAfterMs: GIVE_UP_AFTER_MS, publicUrl: publicUrlOf(config) },
    },
    fetch,
    environmentUrls,
    onNotifications: trigger.trigger,
    async start() {
      await reconcileEnvironmentChannels(database.workspace(DEFAULT_WORKSPACE_ID), environmentUrls)
      sweep.start()
    },
    async stop() {
      await sweep.stop()
      trigger.stop()
      await fetch.close()
    },
  }
}

/** Where people reach the API, as far as the environment tells; without a slash at its end. */
function publicUrlOf({ http, salesforce }: Config): string | null {
  if (http.publicUrl !== null) return http.publicUrl
  if (salesforce.webhookUrl !== null) return new URL(salesforce.webhookUrl).origin
  return isLoopback(http.host) && http.port !== 0 ? `http://localhost:${http.port}` : null
}
