import type { Database } from '../../db/database.ts'
import { createWebhookEventQueries, type NewWebhookEvent } from '../../db/webhook-events.ts'
import type { PumpTrigger } from '../../temporal/pump-trigger.ts'
import { claimIntakes, type KeyedIntake } from './claim-intakes.ts'

/** What is taken in once: a webhook, or a notification of an outbound message. */
export interface Intake extends KeyedIntake {
  readonly events: readonly NewWebhookEvent[]
}

/** Stores the events of what is new, all of it in one transaction, and says by its place what was. */
export type StoreIntakes = (
  workspaceId: string,
  intakes: readonly Intake[],
) => Promise<ReadonlySet<number>>

/** Stores intakes, and tells the pumps of their events. */
export function createStoreIntakes(deps: {
  readonly database: Pick<Database, 'workspace'>
  readonly pumpTrigger: Pick<PumpTrigger, 'trigger'>
}): StoreIntakes {
  return async (workspaceId, intakes) => {
    const stored = await deps.database.workspace(workspaceId).transaction(async (transaction) => {
      const fresh = await claimIntakes(transaction, workspaceId, intakes)
      const events = intakes.flatMap((intake, place) => (fresh.has(place) ? intake.events : []))
      if (events.length > 0) await createWebhookEventQueries(transaction).insertAll(events)
      return { fresh, events }
    })
    const shards = new Set(stored.events.map(({ shard }) => shard))
    if (shards.size > 0) deps.pumpTrigger.trigger(shards)
    return stored.fresh
  }
}
