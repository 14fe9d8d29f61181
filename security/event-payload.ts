import type { EventPayload, StoredPayload } from '../contracts/webhook-event.ts'
import type { Sealing } from './sealing.ts'

export function eventPayloadContext(eventId: string): string {
  return `salesforce_webhook_events/${eventId}/sealed_payload`
}

export function storeEventPayload(
  sealing: Sealing,
  eventId: string,
  payload: EventPayload,
): StoredPayload {
  if (sealing.keyId === null) return { payload, sealedPayload: null }
  const sealed = sealing.seal(eventPayloadContext(eventId), Buffer.from(payload))
  return { payload: null, sealedPayload: sealed }
}

/** @throws {SealingError} where its key is gone. */
export function openEventPayload(
  sealing: Sealing,
  eventId: string,
  stored: StoredPayload,
): EventPayload {
  if (stored.sealedPayload === null) return stored.payload
  return sealing.open(eventPayloadContext(eventId), stored.sealedPayload).toString()
}
