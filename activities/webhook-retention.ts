import { Context } from '@temporalio/activity'
import { createWebhookDeliveryResultQueries } from '../db/webhook-delivery-results.ts'
import { createHeldDeliveryQueries } from '../db/webhook-held-deliveries.ts'
import type { ActivityFoundation } from './dependencies.ts'

/**
 * Longer than any sender repeats itself: the Apex sender tries for three days, and what failed then may be sent again by
 * hand when somebody has found out why.
 */
const DEDUPE_DAYS = 30
const ACTIVITY_DAYS = 365
const FIGURE_DAYS = 90
const ROWS_AT_ONCE = 20_000
const HELD_AT_ONCE = 1_000
const WORKSPACES_AT_ONCE = 200

/** Removes events, deliveries and what belongs to them past their time; what waits to be sent keeps its event. */
export function createWebhookRetention(deps: Pick<ActivityFoundation, 'database' | 'logger'>) {
  const { system } = deps.database
  const { webhooks, deleteEndedReplays, deleteStartsOfGoneReplays } = system.retention

  async function all(deleteSome: () => Promise<number>): Promise<void> {
    while ((await deleteSome()) === ROWS_AT_ONCE) Context.current().heartbeat()
  }

  /** Nobody may come back to a paused subscription; its deliveries would keep their days for ever. */
  async function cancelHeld(workspaceId: string, days: number): Promise<void> {
    const database = deps.database.workspace(workspaceId)
    for (;;) {
      const cancelled = await database.transaction(async (transaction) => {
        const done = await createHeldDeliveryQueries(transaction).cancelOutdated(days, HELD_AT_ONCE)
        // At once: nobody would bring forward later what was behind them.
        const results = createWebhookDeliveryResultQueries(transaction)
        for (const subscriptionId of done.subscriptionIds)
          await results.releaseOrdered(subscriptionId)
        return done.cancelled
      })
      Context.current().heartbeat()
      if (cancelled < HELD_AT_ONCE) return
    }
  }

  return async function removeOldWebhooks(days: number): Promise<void> {
    for (let after = ''; ; ) {
      const workspaceIds = await system.listWorkspaceIdsAfter(after, WORKSPACES_AT_ONCE)
      const last = workspaceIds[workspaceIds.length - 1]
      if (last === undefined) break
      for (const workspaceId of workspaceIds) await cancelHeld(workspaceId, days)
      after = last
    }
    let dropped = 0
    while ((await webhooks.dropPartition(days)) > 0) {
      dropped += 1
      Context.current().heartbeat()
    }
    await all(() => webhooks.deleteDedupeKeys(DEDUPE_DAYS, ROWS_AT_ONCE))
    await all(() => webhooks.deleteActivities(ACTIVITY_DAYS, ROWS_AT_ONCE))
    await all(() => webhooks.deleteFigures(FIGURE_DAYS, ROWS_AT_ONCE))
    await all(() => deleteEndedReplays(days, ROWS_AT_ONCE))
    await all(() => deleteStartsOfGoneReplays(ROWS_AT_ONCE))
    deps.logger.info({ dropped }, 'days of events and deliveries were dropped')
  }
}
