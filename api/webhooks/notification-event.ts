import { type ChangeType, recordEventType } from '../../contracts/event-types.ts'
import { shardOfRecord } from '../../contracts/pump.ts'
import { EVENT_ID_PREFIX } from '../../contracts/webhook-event.ts'
import type { ConnectionOfPath } from '../../db/webhook-intakes.ts'
import { storeEventPayload } from '../../security/event-payload.ts'
import type { Sealing } from '../../security/sealing.ts'
import { uuidV7 } from '../../security/uuid-v7.ts'
import { notificationKeys } from './delivery-id.ts'
import { isEventTime } from './event-time.ts'
import type { OutboundMessage, OutboundNotification } from './outbound-message.ts'
import { recordKey } from './record-id.ts'
import type { Intake } from './store-intakes.ts'

/** Salesforce writes both times of a new record in one transaction. */
const SAME_MOMENT_MS = 1_000

/** What a notification is stored as; null for a record that was gone before it was sent: nothing is known of it. */
export function intakeOfNotification(
  sealing: Sealing,
  { connectionId, workspaceId }: ConnectionOfPath,
  { organizationId, actionId }: OutboundMessage,
  notification: OutboundNotification,
  requestId: string,
): Intake | null {
  const { recordId: objectId, objectType, fields } = notification
  if (objectId === null) return null
  const changeType = changeOf(fields)
  const eventId = `${EVENT_ID_PREFIX}${uuidV7()}`
  const eventType = recordEventType(objectType, changeType)
  // The form of a signed webhook, so that readers need to know one only.
  const payload = JSON.stringify({
    event_type: eventType,
    object: objectType,
    ids: [objectId],
    organizationId,
    actionId,
    notificationId: notification.id,
    records: [fields],
  })
  const event = {
    ...({ eventId, workspaceId, connectionId, source: 'outbound_message', eventType } as const),
    ...{ objectType, objectId, changeType, changedFields: [], requestId },
    occurredAt: timeOf(fields['LastModifiedDate']) ?? new Date(),
    shard: shardOfRecord(connectionId, recordKey(objectId)),
    ...storeEventPayload(sealing, eventId, payload),
  }
  return { connectionId, keys: notificationKeys(notification.id), events: [event] }
}

/**
 * Outbound messages do not say what happened. A record that was last changed when it was created is new, where both
 * times are among the fields; everything else counts as a change.
 */
function changeOf(fields: OutboundNotification['fields']): ChangeType {
  const created = timeOf(fields['CreatedDate'])
  const modified = timeOf(fields['LastModifiedDate'])
  if (created === null || modified === null) return 'updated'
  return Math.abs(modified.getTime() - created.getTime()) <= SAME_MOMENT_MS ? 'created' : 'updated'
}

function timeOf(text: string | null | undefined): Date | null {
  if (text === null || text === undefined || !/^\d{4}-\d\d-\d\dT/.test(text)) return null
  const time = new Date(text)
  return isEventTime(time) ? time : null
}
