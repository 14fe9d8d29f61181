import { faultOfPattern } from '../../contracts/event-types.ts'
import { EVENT_ID_PREFIX } from '../../contracts/webhook-event.ts'
import type { WebhookSubscription } from '../../db/salesforce-webhook-subscription-row.ts'
import type { LoggedDelivery } from '../../db/webhook-delivery-log.ts'
import { createTestEventQueries } from '../../db/webhook-test-events.ts'
import { storeEventPayload } from '../../security/event-payload.ts'
import { uuidV7 } from '../../security/uuid-v7.ts'
import type { ApiContext, ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { requireEventTypes } from '../subscriptions/check-event-types.ts'
import { noteActivity } from '../subscriptions/note-activity.ts'
import { sampleEvent, typeOfPattern } from '../subscriptions/sample-event.ts'
import { deliver } from './resend-delivery.ts'

/**
 * Sends a made-up event to one subscription, signed and recorded as any other.
 * @throws {ApiError} `subscription_not_active`, `invalid_event`
 */
export async function testSubscription(
  deps: ApiDependencies,
  c: ApiContext,
  subscription: WebhookSubscription,
  eventType: string | undefined,
): Promise<LoggedDelivery> {
  const { subscriptionId, workspaceId, status, events } = subscription
  if (status !== 'active') {
    const message = `The subscription is ${status}, so nothing is sent. Resume it first.`
    throw new ApiError('subscription_not_active', message)
  }
  if (eventType !== undefined) await requireOneType(c, eventType)
  const sample = sampleEvent(eventType ?? typeOfPattern(events[0] ?? '*'))
  const eventId = `${EVENT_ID_PREFIX}${uuidV7()}`
  const { record, ...facts } = sample
  const event = {
    ...{ ...facts, eventId, workspaceId, connectionId: null, source: 'conveyor' as const },
    occurredAt: new Date(),
    requestId: c.var.requestId,
    ...storeEventPayload(deps.sealing, eventId, JSON.stringify({ test: true, record })),
  }
  const { made, shards } = await c.var.database.transaction(async (transaction) => {
    const createdAt = await createTestEventQueries(transaction).insert(event)
    await noteActivity(transaction, c, 'subscription.tested', subscription, { event_id: eventId })
    return deliver(transaction, workspaceId, { ...event, createdAt }, subscriptionId, 'test')
  })
  deps.pumpTrigger.trigger(shards)
  return made
}

/** A type, not a pattern of several. */
async function requireOneType(c: ApiContext, eventType: string): Promise<void> {
  await requireEventTypes(c, [eventType], null)
  if (eventType.includes('*') || faultOfPattern(eventType) !== null) {
    throw new ApiError('invalid_event', 'The field event_type: must be one type, without a *.')
  }
}
