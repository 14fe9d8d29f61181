import type { DeliveryOrigin } from '../../contracts/delivery.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import type { CommonQueryMethods } from '../../db/pool.ts'
import { createWebhookSubscriptionQueries } from '../../db/salesforce-webhook-subscriptions.ts'
import { createDeliveryLogQueries, type LoggedDelivery } from '../../db/webhook-delivery-log.ts'
import { createWebhookDeliveryResultQueries } from '../../db/webhook-delivery-results.ts'
import { createWebhookEventLogQueries } from '../../db/webhook-event-log.ts'
import { createWebhookFanOutQueries, type DeliverableEvent } from '../../db/webhook-fan-out.ts'
import { uuidV7 } from '../../security/uuid-v7.ts'
import { auditEntry } from '../audit.ts'
import type { ApiContext, ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'

/**
 * Makes a delivery of the same event to the same subscription, whatever became of the first.
 * @throws {ApiError} `subscription_not_found`, `event_purged`
 */
export async function resendDelivery(
  deps: ApiDependencies,
  c: ApiContext,
  { deliveryId, subscriptionId, eventId }: LoggedDelivery,
): Promise<LoggedDelivery> {
  const { made, shards } = await c.var.database.transaction(async (transaction) => {
    const subscription = await createWebhookSubscriptionQueries(transaction).get(subscriptionId)
    if (subscription === null) {
      const message = 'The subscription of this delivery was deleted.'
      throw new ApiError('subscription_not_found', message)
    }
    const event = await createWebhookEventLogQueries(transaction).get(eventId)
    if (event === null) {
      throw new ApiError('event_purged', 'The event of this delivery was removed after its time.')
    }
    const sent = await deliver(transaction, c.var.workspaceId, event, subscriptionId, 'resend')
    await createAuditLogQueries(transaction).append(
      auditEntry(c, {
        action: 'delivery.resent',
        subject: deliveryId,
        details: { subscription_id: subscriptionId, delivery_id: sent.made.deliveryId },
      }),
    )
    return sent
  })
  deps.pumpTrigger.trigger(shards)
  return made
}

/** Puts one delivery into the queue, in its transaction. */
export async function deliver(
  transaction: CommonQueryMethods,
  workspaceId: string,
  event: DeliverableEvent,
  subscriptionId: string,
  origin: DeliveryOrigin,
): Promise<{ readonly made: LoggedDelivery; readonly shards: readonly number[] }> {
  const deliveryId = `dlv_${uuidV7()}`
  await createWebhookDeliveryResultQueries(transaction).lockOrdered([subscriptionId])
  const { shards } = await createWebhookFanOutQueries(transaction).insert(
    workspaceId,
    [{ event, subscriptionId, deliveryId }],
    { origin, replayId: null },
  )
  const made = await createDeliveryLogQueries(transaction).get(deliveryId)
  if (made === null) throw new Error('A delivery was written and is not there.')
  return { made, shards }
}
