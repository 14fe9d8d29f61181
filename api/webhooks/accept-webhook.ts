import { recordEventType } from '../../contracts/event-types.ts'
import { shardOfRecord } from '../../contracts/pump.ts'
import { EVENT_ID_PREFIX } from '../../contracts/webhook-event.ts'
import type { NewWebhookEvent } from '../../db/webhook-events.ts'
import { storeEventPayload } from '../../security/event-payload.ts'
import type { Sealing } from '../../security/sealing.ts'
import { uuidV7 } from '../../security/uuid-v7.ts'
import { deliveryIdOf, intakeKeys } from './delivery-id.ts'
import { eventPayloads, requireRoom } from './event-payloads.ts'
import type { EventWriter } from './event-writer.ts'
import type { IntakeSource } from './intake-sources.ts'
import { parseWebhook } from './parse-webhook.ts'
import { recordKey } from './record-id.ts'
import { readWebhookContent, type WebhookContent } from './webhook-content.ts'

/** A webhook whose signature is right. */
export interface SignedRequest {
  readonly body: Buffer
  readonly signed: { readonly timestamp: string; readonly text: Buffer }
  /** The delivery's id in a header; null where there is none. */
  readonly deliveryHeader: string | null
  readonly requestId: string
}

export interface AcceptedWebhook {
  readonly eventIds: readonly string[]
  /** It was taken in before, and nothing was stored. */
  readonly isDuplicate: boolean
}

/**
 * Stores an event for each record of a webhook, or nothing where it was taken in before.
 * @throws {ApiError} naming what is wrong with the body; `service_unavailable`
 */
export async function acceptWebhook(
  deps: { readonly sealing: Sealing; readonly writer: EventWriter },
  source: IntakeSource,
  request: SignedRequest,
): Promise<AcceptedWebhook> {
  const { text, value } = parseWebhook(request.body)
  const content = readWebhookContent(value)
  const header = deliveryIdOf('the header', request.deliveryHeader)
  const { connectionId, workspaceId } = source
  const events = eventsOf(deps.sealing, source, content, text, request.requestId)
  const [isNew] = await deps.writer.write(workspaceId, [
    {
      connectionId,
      keys: intakeKeys({ body: content.deliveryId, header }, request.signed),
      events,
    },
  ])
  if (isNew !== true) return { eventIds: [], isDuplicate: true }
  return { eventIds: events.map(({ eventId }) => eventId), isDuplicate: false }
}

function eventsOf(
  sealing: Sealing,
  { connectionId, workspaceId }: IntakeSource,
  content: WebhookContent,
  text: string,
  requestId: string,
): readonly NewWebhookEvent[] {
  const { ids, objectType, changeType, changedFields } = content
  requireRoom(ids.length * changedFields.join().length)
  const payloads = eventPayloads(text, ids)
  const occurredAt = content.occurredAt ?? new Date()
  return ids.map((objectId, place) => {
    const eventId = `${EVENT_ID_PREFIX}${uuidV7()}`
    return {
      ...{ eventId, workspaceId, connectionId, source: 'webhook', objectType, objectId },
      ...{ changeType, changedFields, occurredAt, requestId },
      eventType: recordEventType(objectType, changeType),
      // Both forms of an id are one record.
      shard: shardOfRecord(connectionId, recordKey(objectId)),
      ...storeEventPayload(sealing, eventId, payloads[place] ?? text),
    }
  })
}
