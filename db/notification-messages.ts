import { type CommonQueryMethods, sql } from 'slonik'
import type { MessageCause, MessageState } from '../contracts/notification.ts'
import { row } from './row-type.ts'

/** A row of `notification_messages`. */
export interface NotificationMessage {
  readonly messageId: string
  readonly channelId: string
  readonly cause: MessageCause
  readonly itemCount: number
  readonly state: MessageState
  /** It goes as plain text, since the platform refused its form. */
  readonly plain: boolean
  readonly attempts: number
  readonly attemptedAt: Date | null
  readonly nextAttemptAt: Date
  readonly lastStatus: number | null
  readonly lastError: string | null
  readonly lastErrorMessage: string | null
  readonly platformId: string | null
  readonly createdAt: Date
  readonly endedAt: Date | null
}

interface MessageRow {
  message_id: string
  channel_id: string
  cause: MessageCause
  item_count: number
  state: MessageState
  plain: boolean
  attempts: number
  attempted_at: Date | null
  next_attempt_at: Date
  last_status: number | null
  last_error: string | null
  last_error_message: string | null
  platform_id: string | null
  created_at: Date
  ended_at: Date | null
}

const toMessage = (r: MessageRow): NotificationMessage => ({
  messageId: r.message_id,
  channelId: r.channel_id,
  cause: r.cause,
  itemCount: r.item_count,
  state: r.state,
  plain: r.plain,
  attempts: r.attempts,
  attemptedAt: r.attempted_at,
  nextAttemptAt: r.next_attempt_at,
  lastStatus: r.last_status,
  lastError: r.last_error,
  lastErrorMessage: r.last_error_message,
  platformId: r.platform_id,
  createdAt: r.created_at,
  endedAt: r.ended_at,
})

const columns = sql.fragment`
  message_id, channel_id, cause, item_count, state, plain, attempts, attempted_at, next_attempt_at, last_status,
  last_error, last_error_message, platform_id, created_at, ended_at`

/** What an attempt met that did not succeed. */
export interface AttemptTrouble {
  readonly status: number | null
  readonly error: string
  readonly message: string
}

export function createNotificationMessageQueries(connection: CommonQueryMethods) {
  return {
    async insert(
      message: Pick<NotificationMessage, 'messageId' | 'channelId' | 'cause'> & {
        readonly workspaceId: string
      },
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into notification_messages (message_id, workspace_id, channel_id, cause, item_count)
        values (${message.messageId}, ${message.workspaceId}, ${message.channelId}, ${message.cause}, 0)`)
    },

    async setItemCount(messageId: string, itemCount: number): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update notification_messages set item_count = ${itemCount} where message_id = ${messageId}`)
    },

    async find(messageId: string): Promise<NotificationMessage | null> {
      const found = await connection.maybeOne(sql.type(row<MessageRow>())`
        select ${columns} from notification_messages where message_id = ${messageId}`)
      return found ? toMessage(found) : null
    },

    /** The one to be sent next of those that are under way. */
    async firstPending(channelId: string): Promise<NotificationMessage | null> {
      const found = await connection.maybeOne(sql.type(row<MessageRow>())`
        select ${columns} from notification_messages where channel_id = ${channelId} and state = 'pending'
        order by next_attempt_at, created_at limit 1`)
      return found ? toMessage(found) : null
    },

    /** Newest first, before the given one: ids are in order of time. */
    async listOfChannel(
      channelId: string,
      limit: number,
      beforeMessageId: string | null,
    ): Promise<NotificationMessage[]> {
      const position =
        beforeMessageId === null
          ? sql.fragment``
          : sql.fragment`and message_id < ${beforeMessageId}`
      const found = await connection.any(sql.type(row<MessageRow>())`
        select ${columns} from notification_messages where channel_id = ${channelId} ${position}
        order by message_id desc limit ${limit}`)
      return found.map(toMessage)
    },

    /** Before the call that it announces. Null for a message that has ended. */
    async beginAttempt(messageId: string, token: string): Promise<NotificationMessage | null> {
      const begun = await connection.maybeOne(sql.type(row<MessageRow>())`
        update notification_messages
        set attempts = attempts + 1, attempt_token = ${token}::uuid, attempted_at = now()
        where message_id = ${messageId} and state = 'pending' returning ${columns}`)
      return begun ? toMessage(begun) : null
    },

    /** Whichever attempt it was that the platform took: it is there. */
    async succeed(messageId: string, status: number, platformId: string | null): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update notification_messages set state = 'sent', ended_at = now(), attempt_token = null,
          last_status = ${status}, last_error = null, last_error_message = null, platform_id = ${platformId}
        where message_id = ${messageId} and state = 'pending'`)
    },

    /** False where another attempt has begun since. */
    async retryLater(
      messageId: string,
      token: string,
      trouble: AttemptTrouble,
      then: { readonly delayMs: number; readonly plain: boolean },
    ): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update notification_messages set plain = plain or ${then.plain}, attempt_token = null,
          next_attempt_at = now() + ${then.delayMs} * interval '1 millisecond',
          last_status = ${trouble.status}, last_error = ${trouble.error},
          last_error_message = ${trouble.message}
        where message_id = ${messageId} and state = 'pending' and attempt_token = ${token}::uuid`)
      return result.rowCount === 1
    },

    /** As `retryLater`. */
    async fail(messageId: string, token: string, trouble: AttemptTrouble): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update notification_messages set state = 'failed', ended_at = now(), attempt_token = null,
          last_status = ${trouble.status}, last_error = ${trouble.error},
          last_error_message = ${trouble.message}
        where message_id = ${messageId} and state = 'pending' and attempt_token = ${token}::uuid`)
      return result.rowCount === 1
    },

    /** Where it was never begun, and nobody waits for it any more. */
    async withdraw(messageId: string, trouble: AttemptTrouble): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update notification_messages set state = 'failed', ended_at = now(), last_error = ${trouble.error},
          last_error_message = ${trouble.message}
        where message_id = ${messageId} and state = 'pending' and attempts = 0`)
    },

    /** Run as the system. */
    async deleteOld(days: number, limit: number): Promise<number> {
      const result = await connection.query(sql.type(row<never>())`
        delete from notification_messages where message_id in (
          select message_id from notification_messages
          where state <> 'pending' and ended_at < now() - ${days} * interval '1 day' limit ${limit})`)
      return result.rowCount
    },
  }
}
