import { setTimeout as sleep } from 'node:timers/promises'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import type { NotificationChannel } from '../../db/notification-channels.ts'
import {
  createNotificationMessageQueries,
  type NotificationMessage,
} from '../../db/notification-messages.ts'
import { uuidV7 } from '../../security/uuid-v7.ts'
import { auditEntry } from '../audit.ts'
import type { ApiContext, ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'

const LOOK_MS = 100

/**
 * Has the channel's workflow send a message, and waits a while for what becomes of it.
 * @throws {ApiError} `channel_disabled`; `service_unavailable` where the workflow could not be woken: nothing is sent then.
 */
export async function testChannel(
  deps: ApiDependencies,
  c: ApiContext,
  { channelId, disabledAt }: NotificationChannel,
): Promise<NotificationMessage> {
  if (disabledAt !== null) {
    const message = 'The channel is disabled. Set its status to active, then test it.'
    throw new ApiError('channel_disabled', message)
  }
  const { workspaceId } = c.var
  const messageId = `message_${uuidV7()}`
  await c.var.database.transaction(async (transaction) => {
    await createNotificationMessageQueries(transaction).insert({
      ...{ messageId, workspaceId, channelId, cause: 'test' },
    })
    await createAuditLogQueries(transaction).append(
      auditEntry(c, { action: 'notification_channel.tested', subject: channelId }),
    )
  })
  const messages = createNotificationMessageQueries(c.var.database)
  try {
    await deps.notificationTrigger.wake({ workspaceId, channelId })
  } catch (error) {
    const message = 'Temporal does not answer, so nothing was sent. Try again soon.'
    await messages.withdraw(messageId, { status: null, error: 'not_sent', message })
    throw new ApiError('service_unavailable', message, {
      headers: { 'retry-after': '5' },
      cause: error,
    })
  }
  const deadline = Date.now() + deps.settings.connectionWaitMs
  for (;;) {
    const found = await messages.find(messageId)
    if (found === null) throw new Error(`The message ${messageId} is gone.`)
    // An attempt that failed says why: nobody has to wait for the next one.
    const isKnown = found.state !== 'pending' || found.lastError !== null
    if (isKnown || Date.now() >= deadline) return found
    await sleep(LOOK_MS)
  }
}
