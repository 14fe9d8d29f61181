import type { OwnEventType } from '../../contracts/event-types.ts'
import { shardOfRecord } from '../../contracts/pump.ts'
import { EVENT_ID_PREFIX } from '../../contracts/webhook-event.ts'
import type { NewWebhookEvent } from '../../db/webhook-events.ts'
import { storeEventPayload } from '../../security/event-payload.ts'
import type { Sealing } from '../../security/sealing.ts'
import { uuidV7 } from '../../security/uuid-v7.ts'

export interface OwnEvent {
  readonly workspaceId: string
  readonly connectionId: string | null
  readonly eventType: OwnEventType
  /** Of the job, the endpoint, the channel. */
  readonly subjectId: string
  /** What there is to say; no contents of records. */
  readonly record: Readonly<Record<string, unknown>>
}

/** Something that Conveyor tells of itself, in the form in which it is stored. */
export function ownEvent(sealing: Sealing, event: OwnEvent): NewWebhookEvent {
  const { workspaceId, connectionId, eventType, subjectId, record } = event
  const eventId = `${EVENT_ID_PREFIX}${uuidV7()}`
  const [objectType = '', changeType = ''] = eventType.split('.')
  return {
    ...{
      eventId,
      workspaceId,
      connectionId,
      source: 'conveyor',
      eventType,
      objectType,
      changeType,
    },
    objectId: subjectId,
    changedFields: [],
    occurredAt: new Date(),
    requestId: null,
    shard: shardOfRecord(connectionId, subjectId),
    ...storeEventPayload(sealing, eventId, JSON.stringify({ record })),
  }
}
