import { patternsFor } from '../../contracts/event-types.ts'
import type { DatabaseTransactionConnection } from '../../db/pool.ts'
import { createRealtimeAnalyticsQueries } from '../../db/realtime-analytics.ts'
import { createRollupDirtyBucketQueries } from '../../db/rollup-dirty-buckets.ts'
import { reachRowsByKey } from '../../db/rows-by-key.ts'
import { createWebhookEventQueueQueries } from '../../db/webhook-event-queue.ts'
import type { StoredWebhookEvent } from '../../db/webhook-events.ts'
import {
  createWebhookFanOutQueries,
  type FilteredMatch,
  type MatchableEvent,
} from '../../db/webhook-fan-out.ts'
import type { WorkspaceDatabase } from '../../db/workspace-database.ts'
import { openEventPayload } from '../../security/event-payload.ts'
import type { Sealing } from '../../security/sealing.ts'
import { recordOf } from '../delivery/delivery-body.ts'
import type { Logger } from '../dependencies.ts'
import { type NotifiableEvent, queueNotifications } from '../notification/queue-notifications.ts'
import { isRefused, isUnopened } from '../webhook/is-refused.ts'
import { matchesFilter } from '../webhook/matches-filter.ts'

export interface FanOutOptions {
  readonly database: WorkspaceDatabase
  readonly workspaceId: string
  readonly shard: number
  readonly limit: number
  readonly sealing: Sealing
  readonly logger: Logger
}

export interface FannedOut {
  readonly events: number
  readonly deliveries: number
  /** Pairs of event and subscription that were looked at: what passes no filter is work too. */
  readonly matches: number
  /** Pumps that have something to send. */
  readonly shards: readonly number[]
  /** Events that go to somebody. */
  readonly wanted: readonly StoredWebhookEvent[]
  /** Channels with something to tell. */
  readonly channelIds: readonly string[]
}

const NOTHING: FannedOut = {
  events: 0,
  deliveries: 0,
  matches: 0,
  shards: [],
  wanted: [],
  channelIds: [],
}

/**
 * Takes the oldest events of a workspace and shard, and makes everything of them that follows, in one transaction. A
 * batch that the database refuses is halved, down to the one event at fault: that one is marked, and the others go on.
 * So is one that takes too long, as it would again.
 */
export async function fanOut(options: FanOutOptions): Promise<FannedOut> {
  const { database, logger, limit } = options
  let taken: readonly StoredWebhookEvent[] = []
  try {
    return await database.transaction(async (transaction) => {
      await reachRowsByKey(transaction)
      const queue = createWebhookEventQueueQueries(transaction)
      await queue.lockShard(options.shard)
      const events = await queue.take(options.shard, limit)
      taken = events
      return process(transaction, events, options)
    })
  } catch (error) {
    const [only, ...others] = taken
    if (only === undefined || !(isRefused(error) || (others.length > 0 && isTooLong(error)))) {
      throw error
    }
    if (others.length > 0) return fanOut({ ...options, limit: Math.ceil(taken.length / 2) })
    const { eventId, createdAt } = only
    if (isUnopened(error, createdAt)) throw error
    logger.error({ err: error, eventId }, 'an event cannot be processed; it is set aside')
    await database.transaction(async (transaction) => {
      if (!(await createWebhookEventQueueQueries(transaction).remove(eventId))) return
      await createWebhookFanOutQueries(transaction).markFailed(eventId, messageOf(error))
      await countEvents(transaction, options.workspaceId, 'webhook_events_failed', [only])
    })
    return { ...NOTHING, events: 1 }
  }
}

/** The statement ran into its time-out (SQLSTATE query_canceled). */
function isTooLong(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && error.code === '57014') || isTooLong(error.cause)
}

async function process(
  transaction: DatabaseTransactionConnection,
  events: readonly StoredWebhookEvent[],
  { workspaceId, sealing }: FanOutOptions,
): Promise<FannedOut> {
  if (events.length === 0) return NOTHING
  const queries = createWebhookFanOutQueries(transaction)
  const matchable = events.map(toMatchable)
  await queries.lockOrdered([...new Set(matchable.flatMap(({ patterns }) => patterns))])
  const plain = await queries.fanOut(workspaceId, matchable)
  const notifiable = new Map(events.map((event) => [event.eventId, toNotifiable(event, sealing)]))
  const filtered = await queries.insert(
    workspaceId,
    passing(plain.filtered, new Map(matchable.map((event) => [event.eventId, event])), notifiable),
  )
  const channelIds = await queueNotifications(transaction, workspaceId, [...notifiable.values()])
  // Last but one: the mark of a day that is over makes other fan-outs of the workspace wait, as the next line does.
  await countEvents(transaction, workspaceId, 'webhook_events_received', events)
  await queries.markProcessed(workspaceId, events)
  const wanted = new Set([...plain.eventIds, ...filtered.eventIds])
  return {
    events: events.length,
    wanted: events.filter(({ eventId }) => wanted.has(eventId)),
    deliveries: plain.deliveries + filtered.deliveries,
    matches:
      plain.deliveries + plain.filtered.reduce((sum, { eventIds }) => sum + eventIds.length, 0),
    shards: [...new Set([...plain.shards, ...filtered.shards])],
    channelIds,
  }
}

function passing(
  matches: readonly FilteredMatch[],
  matchable: ReadonlyMap<string, MatchableEvent>,
  notifiable: ReadonlyMap<string, NotifiableEvent>,
) {
  return matches.flatMap(({ eventIds, subscriptionId, filter }) =>
    eventIds.flatMap((eventId) => {
      const event = matchable.get(eventId)
      const content = notifiable.get(eventId)
      const passes = event !== undefined && content !== undefined && matchesFilter(filter, content)
      return passes ? [{ event, subscriptionId }] : []
    }),
  )
}

function toMatchable(event: StoredWebhookEvent): MatchableEvent {
  const { eventId, createdAt, connectionId, eventType, objectType, objectId } = event
  return {
    ...{ eventId, createdAt, connectionId, eventType, objectType, objectId },
    patterns: patternsFor(eventType),
  }
}

/** Opens the payload only where a filter or a message asks for it. */
function toNotifiable(event: StoredWebhookEvent, sealing: Sealing): NotifiableEvent {
  let record: Readonly<Record<string, unknown>> | null | undefined
  const { eventId, eventType, objectType, objectId, changeType, changedFields, occurredAt } = event
  return {
    ...{ eventId, eventType, objectType, objectId, changeType, changedFields, occurredAt },
    record() {
      record ??= recordOf(openEventPayload(sealing, eventId, event)) ?? null
      return record
    },
  }
}

/** Figures of the events; a day that was over when they came is added up again. */
async function countEvents(
  transaction: DatabaseTransactionConnection,
  workspaceId: string,
  metricType: 'webhook_events_received' | 'webhook_events_failed',
  events: readonly StoredWebhookEvent[],
): Promise<void> {
  const received = events.filter(({ source }) => source !== 'conveyor')
  const today = dayOf(new Date())
  const groups = Map.groupBy(received, ({ objectType, connectionId, createdAt }) =>
    [objectType, connectionId ?? '', dayOf(createdAt)].join('\n'),
  )
  const counts = [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const { objectType, connectionId } = first
    const metricDate = dayOf(first.createdAt)
    return { metricType, objectType, connectionId, metricDate, value: group.length }
  })
  await createRealtimeAnalyticsQueries(transaction).add(workspaceId, counts)
  // The latest days are added up again and again as it is.
  const late = counts.map(({ metricDate }) => metricDate).filter((day) => day !== today)
  await createRollupDirtyBucketQueries(transaction).mark(workspaceId, 'integration', late)
}

/** Its day of UTC, as `YYYY-MM-DD`. */
function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10)
}

/** For operators: what the database said, not what was in the event. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.slice(0, 500).replaceAll('\0', '')
}
