import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** A row of `notification_items`: one event that one channel is told of. */
export interface NotificationItem {
  readonly itemId: number
  readonly eventId: string
  readonly eventType: string
  readonly objectType: string
  readonly objectId: string
  /** 0 for info up to 3 for critical. */
  readonly severity: number
  readonly facts: Readonly<Record<string, unknown>>
  readonly occurredAt: Date
}

export interface NewNotificationItem extends Omit<NotificationItem, 'itemId'> {
  readonly channelId: string
  readonly ruleId: string
}

/** What waits for a message of a channel. */
export interface WaitingItems {
  readonly count: number
  readonly mostSevere: number
  readonly oldestQueuedAt: Date
}

interface ItemRow {
  item_id: number
  event_id: string
  event_type: string
  object_type: string
  object_id: string
  severity: number
  facts: Record<string, unknown>
  occurred_at: Date
}

const toItem = (r: ItemRow): NotificationItem => ({
  itemId: r.item_id,
  eventId: r.event_id,
  eventType: r.event_type,
  objectType: r.object_type,
  objectId: r.object_id,
  severity: r.severity,
  facts: r.facts,
  occurredAt: r.occurred_at,
})

const columns = sql.fragment`
  item_id, event_id, event_type, object_type, object_id, severity, facts, occurred_at`

export function createNotificationItemQueries(connection: CommonQueryMethods) {
  return {
    /** Leaves out what is there already. Gives the channels that got something, each once. */
    async queue(workspaceId: string, items: readonly NewNotificationItem[]): Promise<string[]> {
      const rows = items.map((item, place) => ({
        place,
        channel_id: item.channelId,
        rule_id: item.ruleId,
        event_id: item.eventId,
        event_type: item.eventType,
        object_type: item.objectType,
        object_id: item.objectId,
        severity: item.severity,
        facts: item.facts,
        occurred_at: item.occurredAt.toISOString(),
      }))
      const channels = await connection.anyFirst(sql.type(row<{ channel_id: string }>())`
        with queued as (
          insert into notification_items (workspace_id, channel_id, rule_id, event_id, event_type, object_type,
            object_id, severity, facts, occurred_at)
          select ${workspaceId}, channel_id, rule_id, event_id, event_type, object_type, object_id, severity,
            facts, occurred_at
          from jsonb_to_recordset(${
            // Facts are made of JSON, see the queue's caller.
            sql.jsonb(rows as never)
          }) as i (place bigint, channel_id text, rule_id text, event_id text, event_type text,
            object_type text, object_id text, severity smallint, facts jsonb, occurred_at timestamptz)
          order by place
          on conflict (channel_id, event_id) do nothing returning channel_id
        )
        select distinct channel_id from queued`)
      return [...channels]
    },

    /** Null where nothing waits. */
    async waiting(channelId: string): Promise<WaitingItems | null> {
      const found = await connection.one(
        sql.type(row<{ n: number; most_severe: number | null; oldest: Date | null }>())`
        select count(*) as n, max(severity) as most_severe, min(queued_at) as oldest
        from notification_items where channel_id = ${channelId} and message_id is null`,
      )
      if (found.oldest === null) return null
      return { count: found.n, mostSevere: found.most_severe ?? 0, oldestQueuedAt: found.oldest }
    },

    /** Gives what waits to a message, oldest first; how many they are. */
    async take(channelId: string, messageId: string, limit: number): Promise<number> {
      const result = await connection.query(sql.type(row<never>())`
        update notification_items set message_id = ${messageId}
        where item_id in (
          select item_id from notification_items where channel_id = ${channelId} and message_id is null
          order by queued_at limit ${limit})`)
      return result.rowCount
    },

    /** The most severe of a message, each kind in the order in which it came. */
    async listForNotice(messageId: string, limit: number): Promise<NotificationItem[]> {
      const found = await connection.any(sql.type(row<ItemRow>())`
        select ${columns} from notification_items where message_id = ${messageId}
        order by severity desc, item_id limit ${limit}`)
      return found.map(toItem)
    },

    /** All of a message in the order in which they came, after the given one. */
    async listOfMessage(
      messageId: string,
      limit: number,
      afterItemId: number,
    ): Promise<NotificationItem[]> {
      const found = await connection.any(sql.type(row<ItemRow>())`
        select ${columns} from notification_items
        where message_id = ${messageId} and item_id > ${afterItemId} order by item_id limit ${limit}`)
      return found.map(toItem)
    },

    /** Run as the system: what was told, and what nobody will be told since its channel is disabled. */
    async deleteOld(days: number, limit: number): Promise<number> {
      const result = await connection.query(sql.type(row<never>())`
        delete from notification_items where item_id in (
          select i.item_id from notification_items i
          where i.queued_at < now() - ${days} * interval '1 day' and (
            exists (select from notification_messages m
              where m.message_id = i.message_id and m.state <> 'pending')
            or (i.message_id is not null and not exists (
              select from notification_messages m where m.message_id = i.message_id))
            or (i.message_id is null and exists (select from notification_channels c
              where c.channel_id = i.channel_id and c.disabled_at is not null)))
          limit ${limit})`)
      return result.rowCount
    },
  }
}
