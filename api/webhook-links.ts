import type { Logger } from 'pino'
import type { Database } from '../db/database.ts'
import { CHANNELS, startListener } from '../db/listener.ts'
import { createWebhookEventLogQueries } from '../db/webhook-event-log.ts'
import type { TemporalConnection } from '../temporal/connect.ts'
import type { PumpTrigger } from '../temporal/pump-trigger.ts'
import type { Starters } from '../temporal/starters.ts'
import { createPumpLink } from './pump-link.ts'
import { createEventHub, type EventHub } from './stream/event-hub.ts'

export interface WebhookLinks {
  readonly pumpTrigger: Pick<PumpTrigger, 'trigger'>
  readonly eventHub: EventHub
  /** Before the database and Temporal are closed. */
  close(): Promise<void>
}

/** What ties this process to the pumps: it wakes them, and hears from them what is new in the streams. */
export function createWebhookLinks(options: {
  readonly databaseUrl: string
  readonly database: Database
  readonly temporal: TemporalConnection
  readonly starters: Starters
  readonly installationId: string
  readonly requireOwn: () => Promise<void>
  readonly logger: Logger
}): WebhookLinks {
  const { database, logger } = options
  const pumpTrigger = createPumpLink(options)
  const eventHub = createEventHub({
    storeOf: (workspaceId) => createWebhookEventLogQueries(database.workspace(workspaceId)),
    logger,
  })
  const listener = startListener({
    databaseUrl: options.databaseUrl,
    channels: [CHANNELS.events],
    onNotice: (_channel, workspaceId) => eventHub.hint(workspaceId),
    onLost: (error) => logger.warn({ err: error }, 'hints of the database are not heard for now'),
  })
  return {
    pumpTrigger,
    eventHub,
    async close() {
      await listener.close()
      await pumpTrigger.close()
    },
  }
}
