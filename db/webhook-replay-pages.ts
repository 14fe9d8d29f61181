import { type CommonQueryMethods, sql } from 'slonik'
import type { EventFilter } from '../contracts/subscription.ts'
import { type ExactPlace, exactTime } from './exact-time.ts'
import { row } from './row-type.ts'

/** An event that is to be delivered. */
export interface ReplayableEvent {
  readonly eventId: string
  readonly createdAt: Date
  readonly eventType: string
  readonly objectId: string
}

/** A stretch of what is stored: what fits in it, and where it ends. */
export interface ReplayPage<Found> {
  readonly lookedAt: number
  readonly found: readonly Found[]
  /** Null where there was nothing. */
  readonly last: ExactPlace | null
}

export interface ReplayedSpan {
  readonly since: Date
  readonly until: Date
  readonly after: ExactPlace | null
}

/** What is asked of an event before it is said to be missing. */
export interface StreamedEvent extends ReplayableEvent {
  readonly connectionId: string | null
  readonly objectType: string
  readonly changedFields: readonly string[]
}

export interface MatchingSubscription {
  readonly subscriptionId: string
  readonly filter: EventFilter | null
}

interface EventRow {
  event_id: string
  created_at: Date
  event_type: string
  object_id: string
}

const toEvent = (r: EventRow): ReplayableEvent => ({
  eventId: r.event_id,
  createdAt: r.created_at,
  eventType: r.event_type,
  objectId: r.object_id,
})

/** Pages are of what is there, not of what fits: no statement looks at more, however little fits. */
export function createReplayPageQueries(connection: CommonQueryMethods) {
  return {
    /**
     * Events of failed deliveries, each once, by its last failure. Those that were delivered after all, or wait, are left
     * out; so are tests.
     */
    async failedOf(
      subscriptionId: string,
      { since, until, after }: ReplayedSpan,
      limit: number,
    ): Promise<ReplayPage<ReplayableEvent>> {
      const rows = await connection.any(
        sql.type(row<EventRow & { at: string; delivery_id: string; fits: boolean }>())`
        with looked as materialized (
          select delivery_id, created_at, event_id, event_created_at, event_type, object_id,
            state = 'failed' and origin <> 'test' as has_failed
          from webhook_deliveries
          where subscription_id = ${subscriptionId}
            and created_at >= ${sql.timestamp(since)} and created_at < ${sql.timestamp(until)}
            ${afterPlace(after, 'delivery_id')}
          order by created_at, delivery_id limit ${limit})
        select delivery_id, exact_time(created_at) as at, event_id, event_created_at as created_at, event_type,
          object_id, has_failed and not exists (
            select from webhook_deliveries d
            where d.event_id = l.event_id and d.subscription_id = ${subscriptionId}
              -- A minute, as both times may come of two clocks.
              and d.created_at >= l.event_created_at - interval '1 minute'
              and (d.state in ('pending', 'delivered')
                or (d.state = 'failed' and d.created_at < ${sql.timestamp(until)}
                  and (d.created_at, d.delivery_id) > (l.created_at, l.delivery_id)))) as fits
        from looked l order by l.created_at, l.delivery_id`,
      )
      const last = rows[rows.length - 1]
      return {
        lookedAt: rows.length,
        found: rows.filter(({ fits }) => fits).map(toEvent),
        last: last === undefined ? null : { at: last.at, id: last.delivery_id },
      }
    },

    /** Events that took their place in the stream. Tests have none. */
    async events(
      { since, until, after }: ReplayedSpan,
      limit: number,
    ): Promise<ReplayPage<StreamedEvent>> {
      const rows = await connection.any(
        sql.type(
          row<
            EventRow & {
              at: string
              connection_id: string | null
              object_type: string
              changed_fields: string[]
              processed: boolean
            }
          >(),
        )`
        select event_id, created_at, exact_time(created_at) as at, event_type, object_type, object_id,
          connection_id, changed_fields, processed and position is not null as processed
        from salesforce_webhook_events
        where created_at >= ${sql.timestamp(since)} and created_at < ${sql.timestamp(until)}
          ${afterPlace(after, 'event_id')}
        order by created_at, event_id limit ${limit}`,
      )
      const last = rows[rows.length - 1]
      return {
        lookedAt: rows.length,
        // What is still to be processed is delivered then.
        found: rows
          .filter(({ processed }) => processed)
          .map((r) => ({
            ...toEvent(r),
            connectionId: r.connection_id,
            objectType: r.object_type,
            changedFields: r.changed_fields,
          })),
        last: last === undefined ? null : { at: last.at, id: last.event_id },
      }
    },

    /** Which of the events were never delivered to the subscription, nor are about to be. */
    async withoutDelivery(
      subscriptionId: string,
      events: readonly ReplayableEvent[],
    ): Promise<ReadonlySet<string>> {
      if (events.length === 0) return new Set()
      const oldest = new Date(Math.min(...events.map(({ createdAt }) => createdAt.getTime())))
      const eventIds = events.map(({ eventId }) => eventId)
      const found = await connection.anyFirst(sql.type(row<{ event_id: string }>())`
        select event_id from unnest(${sql.array(eventIds, 'text')}) as e (event_id)
        where not exists (
          select from webhook_deliveries d
          where d.event_id = e.event_id and d.subscription_id = ${subscriptionId}
            and d.created_at >= ${sql.timestamp(oldest)} - interval '1 minute')`)
      return new Set(found)
    },

    /** Active subscriptions with one of the patterns, after the given one. */
    async subscriptionsFor(
      event: {
        readonly patterns: readonly string[]
        readonly connectionId: string | null
        readonly objectType: string
        readonly objectId: string
      },
      afterSubscriptionId: string,
      limit: number,
    ): Promise<MatchingSubscription[]> {
      const found = await connection.any(
        sql.type(row<{ subscription_id: string; filter: EventFilter | null }>())`
        select s.subscription_id, s.filter from salesforce_webhook_subscriptions s
        where s.active and s.subscription_id > ${afterSubscriptionId}
          and (s.connection_id is null or ${event.connectionId}::text is null
            or s.connection_id = ${event.connectionId})
          -- Nobody is told at an address that it does not work.
          and not (${event.objectType} = 'endpoint' and ${event.objectId} = s.subscription_id)
          and s.subscription_id in (select p.subscription_id from webhook_subscription_patterns p
            where p.pattern = any(${sql.array([...event.patterns], 'text')}))
        order by s.subscription_id limit ${limit}`,
      )
      return found.map((r) => ({ subscriptionId: r.subscription_id, filter: r.filter }))
    },

    /** Deliveries of a subscription that wait, counted up to `most`. */
    async countWaiting(
      { subscriptionId, shard }: { readonly subscriptionId: string; readonly shard: number },
      most: number,
    ): Promise<number> {
      return connection.oneFirst(sql.type(row<{ waiting: number }>())`
        select count(*) as waiting from (
          select from webhook_delivery_queue
          where shard = ${shard} and subscription_id = ${subscriptionId} limit ${most}) as counted`)
    },
  }
}

function afterPlace(after: ExactPlace | null, id: 'delivery_id' | 'event_id') {
  if (after === null) return sql.fragment``
  return sql.fragment`and (created_at, ${sql.identifier([id])}) > (${exactTime(after.at)}, ${after.id})`
}
