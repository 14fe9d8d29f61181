import type { Notifications } from '../activities/dependencies.ts'
import type { Config } from '../config/environment.ts'
import { createSafeFetch } from '../outbound/safe-fetch.ts'
import { PRIVATE_TOO, PUBLIC_ONLY } from '../security/address-rules.ts'

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

/** What notices are sent with. */
export function createNotifications(
  config: Pick<Config, 'allowPrivateAddresses' | 'notifications' | 'publicUrl'>,
  trigger: Notifications['trigger'],
): Notifications & { close(): Promise<void> } {
  const { enabled, slackWebhookUrl, discordWebhookUrl, windowMs, longestWindowMs } =
    config.notifications
  const fetch = createSafeFetch({
    rules: config.allowPrivateAddresses ? PRIVATE_TOO : PUBLIC_ONLY,
    ...{ connectMs: CONNECT_MS, totalMs: TOTAL_MS, maxResponseBytes: MOST_RESPONSE_BYTES },
    connectionsPerHost: CONNECTIONS_PER_HOST,
  })
  return {
    settings: {
      ...{ windowMs, longestWindowMs, flushAt: FLUSH_AT, paceMs: PACE_MS },
      ...{ firstRetryMs: FIRST_RETRY_MS, longestRetryMs: LONGEST_RETRY_MS },
      ...{ giveUpAfterMs: GIVE_UP_AFTER_MS, publicUrl: config.publicUrl },
    },
    fetch,
    environmentUrls: {
      slack: enabled ? slackWebhookUrl : null,
      discord: enabled ? discordWebhookUrl : null,
    },
    trigger,
    close: () => fetch.close(),
  }
}
