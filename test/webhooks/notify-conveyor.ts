import { randomUUID } from 'node:crypto'
import { sql } from 'slonik'
import {
  type NotifiableEvent,
  queueNotifications,
} from '../../activities/notification/queue-notifications.ts'
import type { ChannelKind } from '../../contracts/notification.ts'
import { DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { type Database, openDatabase } from '../../db/database.ts'
import {
  channelUrlContext,
  createNotificationChannelQueries,
} from '../../db/notification-channels.ts'
import {
  createNotificationRuleQueries,
  type NewNotificationRule,
} from '../../db/notification-rules.ts'
import { row } from '../../db/row-type.ts'
import { createSealing, deriveSealingKey } from '../../security/sealing.ts'
import { createNotificationTrigger } from '../../temporal/notification-trigger.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'

const KEY = 'a-key-for-notices-that-is-long-enough-to-be-one'

/** An installation that sends notices, and what queues them as the pump does. */
export interface NotifyConveyor {
  readonly conveyor: TestConveyor
  readonly database: Database
  /** A channel with a rule for everything. Gives its id. */
  addChannel(
    kind: ChannelKind,
    url: string,
    rule?: Partial<Pick<NewNotificationRule, 'events' | 'filter' | 'minimumSeverity'>>,
  ): Promise<string>
  /** Queues in one transaction, and wakes the channels once it is committed. */
  queue(events: readonly NotifiableEvent[]): Promise<readonly string[]>
  /**
   * Queues as the window of the events' channel begins, which lasts so long: none of them comes after its end, whatever
   * the machine. Gives the time of both, the database's.
   */
  queueInWindow(events: readonly NotifiableEvent[], windowMs: number): Promise<Date>
  /** Oldest first. */
  messages(channelId: string): Promise<readonly MessageFacts[]>
  stop(): Promise<void>
}

export interface MessageFacts {
  readonly cause: string
  readonly state: string
  readonly items: number
  readonly attempts: number
  readonly plain: boolean
  readonly error: string | null
  readonly platformId: string | null
  /** Not after the beginning of its window. Times are the database's. */
  readonly createdAt: Date
  /** Not before the beginning of its window. */
  readonly attemptedAt: Date | null
}

export async function startNotifyConveyor(
  windows: { readonly window: number; readonly longest: number },
  environment: Readonly<Record<string, string>> = {},
): Promise<NotifyConveyor> {
  const conveyor = await startTestConveyor({
    environment: {
      SALESFORCE_TOKEN_ENCRYPTION_KEY: KEY,
      CONVEYOR_ALLOW_PRIVATE_ADDRESSES: 'true',
      CONVEYOR_NOTIFICATION_WINDOW: String(windows.window),
      CONVEYOR_NOTIFICATION_LONGEST_WINDOW: String(windows.longest),
      CONVEYOR_PUBLIC_URL: 'https://conveyor.example.com',
      ...environment,
    },
  })
  const databaseUrl = conveyor.environment['DATABASE_URL'] ?? ''
  const database = await openDatabase({ url: databaseUrl, poolSize: 3, onError: () => {} })
  const sealing = createSealing([deriveSealingKey(KEY)])
  const trigger = createNotificationTrigger(conveyor.temporal, conveyor.installationId, {
    requireOwn: async () => {},
    logger: { warn() {} },
  })
  const own = database.workspace(DEFAULT_WORKSPACE_ID)

  return {
    conveyor,
    database,
    async addChannel(kind, url, rule = {}) {
      const channelId = `channel_${randomUUID()}`
      const owner = { channelId, workspaceId: DEFAULT_WORKSPACE_ID, createdBy: null }
      await createNotificationChannelQueries(own).insert({
        ...{ ...owner, kind, name: 'Test', origin: 'api', urlHint: 'fake', urlDigest: null },
        url: sealing.seal(channelUrlContext(channelId), Buffer.from(url)),
      })
      await createNotificationRuleQueries(own).insert({
        ...{ ...owner, ruleId: `rule_${randomUUID()}`, name: 'All', filter: null },
        ...{ events: [`Only_${channelId.slice(-12)}__c.*`], minimumSeverity: 'info' },
        ...rule,
      })
      return channelId
    },
    async queue(events) {
      const channels = await own.transaction((transaction) =>
        queueNotifications(transaction, DEFAULT_WORKSPACE_ID, events),
      )
      trigger.trigger(DEFAULT_WORKSPACE_ID, channels)
      return channels
    },
    async queueInWindow(events, windowMs) {
      const { channels, beganAt } = await own.transaction(async (transaction) => {
        const queued = await queueNotifications(transaction, DEFAULT_WORKSPACE_ID, events)
        const now = await transaction.oneFirst(sql.type(row<{ at: Date }>())`
          update notification_channels set window_began_at = now(), window_ms = ${windowMs}
          where channel_id = any (${sql.array([...queued], 'text')}) returning window_began_at as at`)
        return { channels: queued, beganAt: now }
      })
      trigger.trigger(DEFAULT_WORKSPACE_ID, channels)
      return beganAt
    },
    async messages(channelId) {
      return conveyor.pool.any(sql.type(row<MessageFacts>())`
        select cause, state, item_count as items, attempts, plain, last_error as error,
          platform_id as "platformId", created_at as "createdAt", attempted_at as "attemptedAt"
        from notification_messages where channel_id = ${channelId} order by created_at`)
    },
    async stop() {
      trigger.stop()
      await database.end()
      await conveyor.stop()
    },
  }
}

/** Events of an object that only this channel's rule asks for. */
export function eventsFor(channelId: string, count: number): NotifiableEvent[] {
  return Array.from({ length: count }, () => ({
    eventId: `evt_${randomUUID()}`,
    eventType: `Only_${channelId.slice(-12)}__c.updated`,
    objectType: `Only_${channelId.slice(-12)}__c`,
    objectId: '001xx000003DGb2AAG',
    changeType: 'updated',
    changedFields: ['Name', 'Phone <!channel> @everyone'],
    occurredAt: new Date(),
    record: () => ({ Name: 'a record that no notice tells of' }),
  }))
}
