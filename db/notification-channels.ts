import { type CommonQueryMethods, sql } from 'slonik'
import type { ChannelDisabler, ChannelKind, ChannelOrigin } from '../contracts/notification.ts'
import { row } from './row-type.ts'

/** A row of `notification_channels`, without its URL. */
export interface NotificationChannel {
  readonly channelId: string
  readonly workspaceId: string
  readonly kind: ChannelKind
  readonly name: string
  readonly origin: ChannelOrigin
  readonly urlHint: string
  readonly urlDigest: string | null
  readonly disabledAt: Date | null
  readonly disabledBy: ChannelDisabler | null
  readonly stateReason: string | null
  readonly heldUntil: Date | null
  readonly windowBeganAt: Date | null
  readonly windowMs: number
  readonly mayFlush: boolean
  readonly createdBy: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

interface ChannelRow {
  channel_id: string
  workspace_id: string
  kind: ChannelKind
  name: string
  origin: ChannelOrigin
  url_hint: string
  url_digest: string | null
  disabled_at: Date | null
  disabled_by: ChannelDisabler | null
  state_reason: string | null
  held_until: Date | null
  window_began_at: Date | null
  window_ms: number
  may_flush: boolean
  created_by: string | null
  created_at: Date
  updated_at: Date
}

const toChannel = (r: ChannelRow): NotificationChannel => ({
  channelId: r.channel_id,
  workspaceId: r.workspace_id,
  kind: r.kind,
  name: r.name,
  origin: r.origin,
  urlHint: r.url_hint,
  urlDigest: r.url_digest,
  disabledAt: r.disabled_at,
  disabledBy: r.disabled_by,
  stateReason: r.state_reason,
  heldUntil: r.held_until,
  windowBeganAt: r.window_began_at,
  windowMs: r.window_ms,
  mayFlush: r.may_flush,
  createdBy: r.created_by,
  createdAt: r.created_at,
  updatedAt: r.updated_at,
})

const columns = sql.fragment`
  channel_id, workspace_id, kind, name, origin, url_hint, url_digest, disabled_at, disabled_by, state_reason,
  held_until, window_began_at, window_ms, may_flush, created_by, created_at, updated_at`

export interface NewNotificationChannel {
  readonly channelId: string
  readonly workspaceId: string
  readonly kind: ChannelKind
  readonly name: string
  readonly origin: ChannelOrigin
  /** Sealed; null for the environment's. */
  readonly url: Buffer | null
  readonly urlHint: string
  readonly urlDigest: string | null
  readonly createdBy: string | null
}

export interface ChannelChange {
  readonly name?: string | undefined
  readonly url?: { readonly sealed: Buffer; readonly hint: string } | undefined
}

/** What the URL of a channel is sealed for. */
export function channelUrlContext(channelId: string): string {
  return `notification_channels/${channelId}/url`
}

export function createNotificationChannelQueries(connection: CommonQueryMethods) {
  return {
    /** Null where there is one of this id. */
    async insert(channel: NewNotificationChannel): Promise<NotificationChannel | null> {
      const made = await connection.maybeOne(sql.type(row<ChannelRow>())`
        insert into notification_channels (channel_id, workspace_id, kind, name, origin, url, url_hint,
          url_digest, created_by)
        values (${channel.channelId}, ${channel.workspaceId}, ${channel.kind}, ${channel.name},
          ${channel.origin}, ${channel.url === null ? null : sql.binary(channel.url)}, ${channel.urlHint},
          ${channel.urlDigest}, ${channel.createdBy})
        on conflict (channel_id) do nothing returning ${columns}`)
      return made ? toChannel(made) : null
    },

    async find(channelId: string): Promise<NotificationChannel | null> {
      const found = await connection.maybeOne(sql.type(row<ChannelRow>())`
        select ${columns} from notification_channels where channel_id = ${channelId}`)
      return found ? toChannel(found) : null
    },

    /** Held until the transaction ends, against all but those who add items. The time is the database's. */
    async lock(
      channelId: string,
    ): Promise<{ readonly channel: NotificationChannel; readonly now: Date } | null> {
      const found = await connection.maybeOne(sql.type(row<ChannelRow & { at: Date }>())`
        select ${columns}, clock_timestamp() as at from notification_channels
        where channel_id = ${channelId} for no key update`)
      return found ? { channel: toChannel(found), now: found.at } : null
    },

    /** Null for a channel that is gone, and for the environment's. */
    async sealedUrl(channelId: string): Promise<Buffer | null> {
      return connection.maybeOneFirst(sql.type(row<{ url: Buffer | null }>())`
        select url from notification_channels where channel_id = ${channelId}`)
    },

    async count(): Promise<number> {
      return connection.oneFirst(sql.type(row<{ n: number }>())`
        select count(*) as n from notification_channels`)
    },

    /** Newest first, after the given channel. */
    async list(limit: number, afterChannelId: string | null): Promise<NotificationChannel[]> {
      const position =
        afterChannelId === null
          ? sql.fragment``
          : sql.fragment`where (created_at, channel_id) < (
              select created_at, channel_id from notification_channels where channel_id = ${afterChannelId})`
      const found = await connection.any(sql.type(row<ChannelRow>())`
        select ${columns} from notification_channels ${position}
        order by created_at desc, channel_id desc limit ${limit}`)
      return found.map(toChannel)
    },

    async change(channelId: string, change: ChannelChange): Promise<void> {
      const { name, url } = change
      await connection.query(sql.type(row<never>())`
        update notification_channels set updated_at = now(),
          name = coalesce(${name ?? null}, name),
          url = coalesce(${url === undefined ? null : sql.binary(url.sealed)}, url),
          url_hint = coalesce(${url?.hint ?? null}, url_hint)
        where channel_id = ${channelId}`)
    },

    /** The environment names another URL. */
    async setDigest(channelId: string, hint: string, digest: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update notification_channels set url_hint = ${hint}, url_digest = ${digest}, updated_at = now()
        where channel_id = ${channelId}`)
    },

    /** False where it was disabled already: the first reason stands. */
    async disable(channelId: string, by: ChannelDisabler, reason: string): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update notification_channels
        set disabled_at = now(), disabled_by = ${by}, state_reason = ${reason}, updated_at = now()
        where channel_id = ${channelId} and disabled_at is null`)
      return result.rowCount === 1
    },

    async enable(channelId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update notification_channels
        set disabled_at = null, disabled_by = null, state_reason = null, held_until = null, updated_at = now()
        where channel_id = ${channelId} and disabled_at is not null`)
    },

    async setWindow(
      channelId: string,
      window: { readonly beganAt: Date; readonly ms: number; readonly mayFlush: boolean },
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update notification_channels set window_began_at = ${sql.timestamp(window.beganAt)},
          window_ms = ${window.ms}, may_flush = ${window.mayFlush}
        where channel_id = ${channelId}`)
    },

    /** Nothing is sent for so long. */
    async hold(channelId: string, ms: number): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update notification_channels
        set held_until = greatest(held_until, now() + ${ms} * interval '1 millisecond')
        where channel_id = ${channelId}`)
    },

    async remove(channelId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from notification_channels where channel_id = ${channelId}`)
    },

    /**
     * Run as the system: channels whose workflow should have done something and has not. Its start was lost, or the
     * workflow was ended.
     */
    async listNeglected(
      seconds: number,
      limit: number,
    ): Promise<{ readonly workspaceId: string; readonly channelId: string }[]> {
      const found = await connection.any(
        sql.type(row<{ workspace_id: string; channel_id: string }>())`
        select c.workspace_id, c.channel_id from notification_channels c
        where c.disabled_at is null and (c.held_until is null or c.held_until < now()) and (
          exists (select from notification_messages m where m.channel_id = c.channel_id
            and m.state = 'pending' and m.next_attempt_at < now() - ${seconds} * interval '1 second')
          or (exists (select from notification_items i where i.channel_id = c.channel_id
              and i.message_id is null and i.queued_at < now() - ${seconds} * interval '1 second')
            and not exists (select from notification_messages m where m.channel_id = c.channel_id
              and m.state = 'pending')))
        limit ${limit}`,
      )
      return found.map((r) => ({ workspaceId: r.workspace_id, channelId: r.channel_id }))
    },
  }
}
