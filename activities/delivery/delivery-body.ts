import { WHOLE_PAYLOAD_BYTES } from '../../contracts/delivery.ts'
import type { EventPayload, WebhookEvent } from '../../contracts/webhook-event.ts'
import { parseExactJson, stringifyExactJson } from './exact-json.ts'

/** The version of the form below; it grows when a receiver would have to change. */
const BODY_VERSION = '1'

export interface DeliveryBodyOptions {
  /** Where callers reach the API, without a slash at the end; null where that is not known. */
  readonly publicUrl: string | null
}

/**
 * What a subscriber gets: `type`, `timestamp` and `data` as Standard Webhooks recommends, and the names of the replaced
 * service beside them. A record that makes it larger than is advisable is left out, and the body says where it is.
 * The same event has the same bytes at each attempt.
 */
export function deliveryBody(
  event: WebhookEvent,
  payload: EventPayload,
  { publicUrl }: DeliveryBodyOptions,
): string {
  const record = recordOf(payload)
  const whole = bodyText(event, record === undefined ? {} : { record })
  if (record === undefined || Buffer.byteLength(whole) <= WHOLE_PAYLOAD_BYTES) return whole
  return bodyText(event, {
    record_omitted: true,
    url: `${publicUrl ?? ''}/v1/events/${event.eventId}`,
  })
}

function bodyText(event: WebhookEvent, more: Readonly<Record<string, unknown>>): string {
  const { eventId, eventType, objectType, objectId, changeType, changedFields } = event
  return stringifyExactJson({
    type: eventType,
    timestamp: event.occurredAt.toISOString(),
    data: {
      event_id: eventId,
      ...(event.connectionId === null ? {} : { connection_id: event.connectionId }),
      object: objectType,
      id: objectId,
      change_type: changeType,
      changed_fields: changedFields,
      ...more,
    },
    version: BODY_VERSION,
    event_id: eventId,
    event_type: eventType,
    object_type: objectType,
    object_id: objectId,
    change_type: changeType,
    changed_fields: changedFields,
  })
}

/** What the event carries of its record: `record`, or the one entry of `records`. */
export function recordOf(payload: EventPayload): Readonly<Record<string, unknown>> | undefined {
  const body = parseExactJson(payload)
  if (!isObject(body)) return undefined
  if (isObject(body['record'])) return body['record']
  const { records } = body as { records?: unknown }
  if (Array.isArray(records) && records.length === 1 && isObject(records[0])) return records[0]
  return undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
