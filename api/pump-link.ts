import type { Database } from '../db/database.ts'
import { CHANNELS } from '../db/listener.ts'
import { createNoticeSender } from '../db/notice-sender.ts'
import type { TemporalConnection } from '../temporal/connect.ts'
import { createPumpTrigger, type PumpTrigger } from '../temporal/pump-trigger.ts'
import { startPumpWatch } from '../temporal/pump-watch.ts'
import type { Starters } from '../temporal/starters.ts'
import type { ApiDependencies } from './dependencies.ts'

export interface PumpLinkOptions {
  readonly database: Database
  readonly temporal: TemporalConnection
  readonly installationId: string
  readonly starters: Starters
  readonly requireOwn: () => Promise<void>
  readonly logger: ApiDependencies['logger']
}

/** Pumps that are at work hear of an event within milliseconds; at 500 events/s this is one notice for five. */
const NOTICES_MS = 10

/** How the API wakes pumps: by a notice of the database those at work, by Temporal those asleep. */
export function createPumpLink(options: PumpLinkOptions): PumpTrigger {
  const { database, logger, starters } = options
  const notices = createNoticeSender({
    ...{ channel: CHANNELS.pump, notify: database.system.notify, gatherMs: NOTICES_MS },
    onError: (error) => logger.debug({ err: error }, 'a hint was lost'),
  })
  const trigger = createPumpTrigger({
    ...options,
    hint: (shards) => {
      for (const shard of shards) notices.send(String(shard))
    },
  })
  // A worker may be away while webhooks come in: the API starts pumps that no trigger reached.
  const watch = startPumpWatch({
    ...{ store: database.system.pump, trigger, logger },
    startEndpoint: starters.startEndpoint,
  })
  return {
    trigger: trigger.trigger,
    async close() {
      await watch.stop()
      await trigger.close()
      await notices.close()
    },
  }
}
