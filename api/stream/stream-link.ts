import type { Logger } from 'pino'
import type { Database } from '../../db/database.ts'
import { CHANNELS, startListener } from '../../db/listener.ts'
import { createWebhookEventLogQueries } from '../../db/webhook-event-log.ts'
import { createEventHub, type EventHub } from './event-hub.ts'

export interface StreamLink {
  readonly eventHub: EventHub
  close(): Promise<void>
}

/** How the API hears of what is new in the streams: one listener a process, whatever the number of readers. */
export function createStreamLink(options: {
  readonly databaseUrl: string
  readonly database: Database
  readonly logger: Logger
}): StreamLink {
  const { database, logger } = options
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
  return { eventHub, close: () => listener.close() }
}
