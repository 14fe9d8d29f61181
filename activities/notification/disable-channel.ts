import {
  createNotificationChannelQueries,
  type NotificationChannel,
} from '../../db/notification-channels.ts'
import type { DatabaseTransactionConnection } from '../../db/pool.ts'
import { createWebhookActivityLogQueries } from '../../db/webhook-activity-log.ts'
import { createWebhookEventQueries } from '../../db/webhook-events.ts'
import type { Sealing } from '../../security/sealing.ts'
import { ownEvent } from '../webhook/own-event.ts'

/**
 * Disables a channel that its platform refuses, and tells of it: an event and a row of the activity log, once.
 * @returns whether there is an event now
 */
export async function disableChannel(
  transaction: DatabaseTransactionConnection,
  sealing: Sealing,
  channel: NotificationChannel,
  reason: string,
): Promise<boolean> {
  const { channelId, workspaceId, name, kind } = channel
  const channels = createNotificationChannelQueries(transaction)
  if (!(await channels.disable(channelId, 'answer', reason))) return false
  await createWebhookEventQueries(transaction).insertAll([
    ownEvent(sealing, {
      ...{ workspaceId, connectionId: null, eventType: 'channel.disabled', subjectId: channelId },
      record: { channel_id: channelId, name, kind, reason },
    }),
  ])
  await createWebhookActivityLogQueries(transaction).append({
    ...{ workspaceId, userId: null, activityType: 'channel.disabled', objectType: null },
    details: { channel_id: channelId, name, kind, reason },
  })
  return true
}
