import { randomUUID } from 'node:crypto'
import { createDeliverer } from '../activities/delivery/deliverer.ts'
import type { Logger, WebhookWork } from '../activities/dependencies.ts'
import { createPumpSignals } from '../activities/pump/pump-signals.ts'
import type { Config } from '../config/environment.ts'
import { PUMP_SHARDS } from '../contracts/pump.ts'
import type { Database } from '../db/database.ts'
import { CHANNELS, startListener } from '../db/listener.ts'
import { createNoticeSender } from '../db/notice-sender.ts'
import type { WorkerMetrics } from '../metrics/worker-metrics.ts'
import { createSafeFetch } from '../outbound/safe-fetch.ts'
import { PRIVATE_TOO, PUBLIC_ONLY } from '../security/address-rules.ts'
import type { Sealing } from '../security/sealing.ts'
import type { TemporalConnection } from '../temporal/connect.ts'
import { createPumpTrigger } from '../temporal/pump-trigger.ts'
import { startPumpWatch } from '../temporal/pump-watch.ts'
import type { Starters } from '../temporal/starters.ts'

export interface WebhookWorkOptions {
  readonly config: Config
  readonly database: Database
  readonly sealing: Sealing
  readonly temporal: TemporalConnection
  readonly installationId: string
  readonly starters: Starters
  readonly requireOwn: () => Promise<void>
  readonly onNotifications: WebhookWork['onNotifications']
  readonly logger: Logger
  /** Absent where nobody scrapes. */
  readonly metrics?: WorkerMetrics | undefined
}

/** Of an answer, only the beginning is kept. */
const RESPONSE_BYTES = 8_192
const RESPONSE_MS = 1_000
/** More than all pumps have under way: those that hang at a shared host keep no other endpoint of it waiting. */
const CONNECTIONS_PER_HOST = 1_000
const PUMP_NOTICES_MS = 10
const STREAM_NOTICES_MS = 50
const ALL_SHARDS = Array.from({ length: PUMP_SHARDS }, (_, shard) => shard)

/** What a worker process sends deliveries with. */
export function createWebhookWork(
  options: WebhookWorkOptions,
): WebhookWork & { stop(): Promise<void> } {
  const { config, database, sealing, logger, starters } = options
  const { delivery } = config
  const self = randomUUID()
  const onNoticeError = (error: unknown) => logger.debug({ err: error }, 'a hint was lost')
  const pumpNotices = createNoticeSender({
    ...{ channel: CHANNELS.pump, notify: database.system.notify, gatherMs: PUMP_NOTICES_MS },
    onError: onNoticeError,
  })
  const streamNotices = createNoticeSender({
    ...{ channel: CHANNELS.events, notify: database.system.notify, gatherMs: STREAM_NOTICES_MS },
    onError: onNoticeError,
  })
  const trigger = createPumpTrigger({
    ...options,
    hint: (shards) => {
      for (const shard of shards) pumpNotices.send(`${shard} ${self}`)
    },
  })
  const signals = createPumpSignals((shard) => trigger.trigger([shard]))
  const schedule = { delaysSeconds: delivery.retryDelaysSeconds, random: Math.random }
  const attemptMs = delivery.timeoutMs + RESPONSE_MS
  const fetch = createSafeFetch({
    rules: config.allowPrivateAddresses ? PRIVATE_TOO : PUBLIC_ONLY,
    connectMs: delivery.connectTimeoutMs,
    totalMs: delivery.timeoutMs,
    maxResponseBytes: RESPONSE_BYTES,
    connectionsPerHost: CONNECTIONS_PER_HOST,
    beginningOnly: { bytes: RESPONSE_BYTES, ms: RESPONSE_MS },
  })
  const startEndpoint = (subscriptionId: string, workspaceId: string) => {
    starters.startEndpoint({ subscriptionId, workspaceId }).catch((error: unknown) => {
      logger.debug({ err: error, subscriptionId }, 'the watch will start the workflow')
    })
  }
  const onOwnEvents = () => {
    for (const shard of ALL_SHARDS) signals.announce(shard, 'events')
  }
  const deliverer = createDeliverer({
    ...{ database, sealing, fetch, logger, schedule, attemptMs, onOwnEvents },
    publicUrl: config.http.publicUrl,
    onTroubled: startEndpoint,
    onSettled: (shard) => signals.hint(shard, 'deliveries'),
    onAttempt: (attempt) => options.metrics?.deliveryAttempt(attempt),
  })
  const listener = startListener({
    databaseUrl: config.database.url,
    channels: [CHANNELS.pump],
    onNotice(_channel, payload) {
      const [shard, sender] = payload.split(' ')
      // Its own pumps know already.
      if (sender !== self) signals.wake(Number(shard))
    },
    onLost: (error) => logger.warn({ err: error }, 'hints of the database are not heard for now'),
  })
  const watch = startPumpWatch({
    ...{ store: database.system.pump, trigger, logger },
    startEndpoint: starters.startEndpoint,
  })

  return {
    ...{ deliverer, signals, schedule, attemptMs, onOwnEvents },
    disableAfterSeconds: delivery.disableAfterSeconds,
    onNotifications: options.onNotifications,
    onFannedOut: ({ events, deliveries }) => options.metrics?.eventsProcessed(events, deliveries),
    onProcessed: (workspaceId) => streamNotices.send(workspaceId),
    onReleased: (shard) => signals.announce(shard, 'deliveries'),
    /** Before the database is closed. */
    async stop() {
      await watch.stop()
      await listener.close()
      await deliverer.close()
      await trigger.close()
      await pumpNotices.close()
      await streamNotices.close()
      await fetch.close()
    },
  }
}
