import type { NextNotification, NotificationInput } from '../../contracts/notification.ts'
import { createNotificationChannelQueries } from '../../db/notification-channels.ts'
import { createNotificationItemQueries } from '../../db/notification-items.ts'
import { createNotificationMessageQueries } from '../../db/notification-messages.ts'
import type { DatabaseTransactionConnection } from '../../db/pool.ts'
import { uuidV7 } from '../../security/uuid-v7.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { planDigest } from './plan-digest.ts'

/** Items that one message takes at most: a statement has to end. What is left is the next message's. */
const MOST_TAKEN = 50_000
const RETRY_LOOK_MS = 10_000

/**
 * Says what a channel's workflow does next, and makes the message where one is due: the message and what it tells of
 * are tied in one transaction, so that each item is told, or counted, in exactly one. Asked twice it gives the same one.
 */
export function createNextNotification(
  deps: Pick<ActivityDependencies, 'database' | 'notifications'>,
): (input: NotificationInput) => Promise<NextNotification> {
  const { settings } = deps.notifications

  return ({ workspaceId, channelId }) =>
    deps.database.transaction(async (transaction): Promise<NextNotification> => {
      const channels = createNotificationChannelQueries(transaction)
      const held = await channels.lock(channelId)
      if (held === null || held.channel.disabledAt !== null) return { kind: 'ended' }
      const { channel, now } = held
      const pending = await createNotificationMessageQueries(transaction).firstPending(channelId)
      const waiting = await createNotificationItemQueries(transaction).waiting(channelId)
      if (pending === null && waiting === null) return { kind: 'idle' }

      const heldUntil = channel.heldUntil?.getTime() ?? 0
      const dueAt = Math.max(heldUntil, pending?.nextAttemptAt.getTime() ?? 0)
      const dueInMs = dueAt - now.getTime()
      if (dueInMs > 0) {
        const isHeld = pending === null || heldUntil >= dueAt
        return {
          ...{ kind: 'wait', waitMs: dueInMs },
          // A test that somebody waits for goes before the retry of a message.
          lookAgainMs: isHeld ? dueInMs : Math.min(dueInMs, RETRY_LOOK_MS),
          why: isHeld ? 'the pace of the platform' : 'a retry',
        }
      }
      if (pending !== null) {
        return { kind: 'send', messageId: pending.messageId, items: pending.itemCount }
      }
      // One of the two is there, as seen above.
      if (waiting === null) return { kind: 'idle' }
      const window = {
        beganAt: channel.windowBeganAt,
        ms: channel.windowMs,
        mayFlush: channel.mayFlush,
      }
      const plan = planDigest(waiting, window, now, settings)
      if (plan.kind === 'wait') {
        return { ...plan, why: `${waiting.count} gathered` }
      }
      await channels.setWindow(channelId, { beganAt: now, ...plan.next })
      return makeMessage(transaction, workspaceId, channelId, plan.cause)
    })
}

async function makeMessage(
  transaction: DatabaseTransactionConnection,
  workspaceId: string,
  channelId: string,
  cause: 'event' | 'digest',
): Promise<NextNotification> {
  const messageId = `message_${uuidV7()}`
  const messages = createNotificationMessageQueries(transaction)
  await messages.insert({ messageId, workspaceId, channelId, cause })
  const items = await createNotificationItemQueries(transaction).take(
    channelId,
    messageId,
    MOST_TAKEN,
  )
  await messages.setItemCount(messageId, items)
  return { kind: 'send', messageId, items }
}
