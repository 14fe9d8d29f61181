import { shardOfRecord } from '../../contracts/pump.ts'
import { EVENT_ID_PREFIX } from '../../contracts/webhook-event.ts'
import {
  createNotificationChannelQueries,
  type NotificationChannel,
} from '../../db/notification-channels.ts'
import type { DatabaseTransactionConnection } from '../../db/pool.ts'
import { createWebhookActivityLogQueries } from '../../db/webhook-activity-log.ts'
import { createWebhookEventQueries } from '../../db/webhook-events.ts'
import { storeEventPayload } from '../../security/event-payload.ts'
import type { Sealing } from '../../security/sealing.ts'
import { uuidV7 } from '../../security/uuid-v7.ts'

/** Disables a channel that its platform refuses, and tells of it: an event and a row of the activity log, once. */
export async function disableChannel(
  transaction: DatabaseTransactionConnection,
  sealing: Sealing,
  channel: NotificationChannel,
  reason: string,
): Promise<void> {
  const { channelId, workspaceId, name, kind } = channel
  const channels = createNotificationChannelQueries(transaction)
  if (!(await channels.disable(channelId, 'answer', reason))) return
  const eventId = `${EVENT_ID_PREFIX}${uuidV7()}`
  const payload = JSON.stringify({ channel_id: channelId, name, kind, reason })
  await createWebhookEventQueries(transaction).insertAll([
    {
      ...{ eventId, workspaceId, connectionId: null, source: 'conveyor' },
      ...{ eventType: 'channel.disabled', objectType: 'channel', objectId: channelId },
      ...{ changeType: 'disabled', changedFields: [], occurredAt: new Date(), requestId: null },
      shard: shardOfRecord(null, channelId),
      ...storeEventPayload(sealing, eventId, payload),
    },
  ])
  await createWebhookActivityLogQueries(transaction).append({
    ...{ workspaceId, userId: null, activityType: 'channel.disabled', objectType: null },
    details: { channel_id: channelId, name, kind, reason },
  })
}
