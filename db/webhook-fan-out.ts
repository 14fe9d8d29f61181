import { type CommonQueryMethods, sql } from 'slonik'
import type { DeliveryOrigin } from '../contracts/delivery.ts'
import type { EventFilter } from '../contracts/subscription.ts'
import { withinDaysOf } from './days-of.ts'
import { row } from './row-type.ts'

/** What is asked of an event to find its subscriptions. */
export interface MatchableEvent {
  readonly eventId: string
  readonly createdAt: Date
  readonly connectionId: string | null
  readonly eventType: string
  readonly objectType: string
  readonly objectId: string
  /** In small letters: those that the event answers to. */
  readonly patterns: readonly string[]
}

/** A subscription that takes the type of these events, and its filter, which is still to be asked. */
export interface FilteredMatch {
  readonly eventIds: readonly string[]
  readonly subscriptionId: string
  readonly filter: EventFilter
}

/** Why there are deliveries. */
export interface DeliveryCause {
  readonly origin: DeliveryOrigin
  readonly replayId: string | null
}

const FROM_EVENT: DeliveryCause = { origin: 'event', replayId: null }

/** What is needed of an event to deliver it to somebody chosen. */
export type DeliverableEvent = Pick<
  MatchableEvent,
  'eventId' | 'createdAt' | 'eventType' | 'objectId'
>

export interface FanOut {
  readonly deliveries: number
  /** Pumps that have something to send. */
  readonly shards: readonly number[]
  /** Events that go to somebody. */
  readonly eventIds: readonly string[]
  readonly filtered: readonly FilteredMatch[]
}

interface FanOutRow {
  deliveries: number
  shards: number[] | null
  event_ids: string[] | null
  filtered: { event_ids: string[]; subscription_id: string; filter: EventFilter }[] | null
}

/** Both tables of deliveries, written in one statement. */
export function createWebhookFanOutQueries(connection: CommonQueryMethods) {
  return {
    /**
     * One fan-out at a time to each subscription that keeps records in order: otherwise a delivery could be put behind
     * one that is just leaving, and nobody would bring it forward.
     */
    async lockOrdered(patterns: readonly string[]): Promise<void> {
      await connection.query(sql.type(row<never>())`
        select pg_advisory_xact_lock(hashtextextended(subscription_id, 1)) from (
          select distinct s.subscription_id from webhook_subscription_patterns p
          join salesforce_webhook_subscriptions s using (subscription_id)
          where p.pattern = any(${sql.array([...patterns], 'text')}) and s.active and s.ordering = 'record'
          order by 1) ordered`)
    },

    /** A delivery for each event and active subscription of its type, but where a filter has to be asked first. */
    async fanOut(workspaceId: string, events: readonly MatchableEvent[]): Promise<FanOut> {
      const found = await connection.one(sql.type(row<FanOutRow>())`
        with event as materialized (
          select e.*, e.event_created_at_text::timestamptz as event_created_at
          from jsonb_to_recordset(${sql.jsonb(events.map((event, place) => ({ ...eventRecord(event), place })))}) as e (
            event_id text, event_created_at_text text, connection_id text, event_type text, object_type text,
            object_id text, patterns jsonb, place bigint)
        ), matched as materialized (
          select distinct e.event_id, e.event_created_at, e.event_type, e.object_id, e.place,
            s.subscription_id, s.shard, s.ordering, s.filter
          from event e
          cross join lateral jsonb_array_elements_text(e.patterns) p (pattern)
          cross join lateral (select subscription_id from webhook_subscription_patterns
            where workspace_id = ${workspaceId} and pattern = p.pattern offset 0) sp
          cross join lateral (select * from salesforce_webhook_subscriptions
            where subscription_id = sp.subscription_id limit 1) s
          where s.active
            and (s.connection_id is null or e.connection_id is null or s.connection_id = e.connection_id)
            -- Nobody is told at an address that it does not work.
            and not (e.object_type = 'endpoint' and e.object_id = s.subscription_id)
        ), wanted as materialized (
          select m.*, 'dlv_' || gen_random_uuid() as delivery_id from matched m where m.filter is null
        ), ${inserts(workspaceId, FROM_EVENT)}
        select (select count(*) from wanted) as deliveries,
          (select jsonb_agg(distinct shard) from wanted) as shards,
          (select jsonb_agg(distinct event_id) from wanted) as event_ids,
          (select jsonb_agg(jsonb_build_object('subscription_id', subscription_id, 'filter', filter,
            'event_ids', event_ids)) from (
              select subscription_id, filter, jsonb_agg(event_id order by place) as event_ids
              from matched where filter is not null group by 1, 2) f) as filtered`)
      return {
        deliveries: found.deliveries,
        shards: found.shards ?? [],
        eventIds: found.event_ids ?? [],
        filtered: (found.filtered ?? []).map((r) => ({
          eventIds: r.event_ids,
          subscriptionId: r.subscription_id,
          filter: r.filter,
        })),
      }
    },

    /** Deliveries of pairs that somebody chose. Those whose subscription is not there are left out. */
    async insert(
      workspaceId: string,
      pairs: readonly {
        readonly event: DeliverableEvent
        readonly subscriptionId: string
        /** Absent: a new one. */
        readonly deliveryId?: string
      }[],
      cause: DeliveryCause = FROM_EVENT,
    ): Promise<Omit<FanOut, 'filtered'>> {
      if (pairs.length === 0) return { deliveries: 0, shards: [], eventIds: [] }
      const records = pairs.map(({ event, subscriptionId, deliveryId }, place) => ({
        place,
        event_id: event.eventId,
        event_created_at_text: event.createdAt.toISOString(),
        event_type: event.eventType,
        object_id: event.objectId,
        subscription_id: subscriptionId,
        delivery_id: deliveryId ?? null,
      }))
      const found = await connection.one(sql.type(row<FanOutRow>())`
        with wanted as materialized (
          select e.event_id, e.event_created_at_text::timestamptz as event_created_at, e.event_type,
            e.object_id, e.place, s.subscription_id, s.shard, s.ordering,
            coalesce(e.delivery_id, 'dlv_' || gen_random_uuid()) as delivery_id
          from jsonb_to_recordset(${sql.jsonb(records)}) as e (
            event_id text, event_created_at_text text, event_type text, object_id text,
            subscription_id text, delivery_id text, place bigint)
          join salesforce_webhook_subscriptions s using (subscription_id)
        ), ${inserts(workspaceId, cause)}
        select (select count(*) from wanted) as deliveries,
          (select jsonb_agg(distinct shard) from wanted) as shards,
          (select jsonb_agg(distinct event_id) from wanted) as event_ids, null as filtered`)
      return {
        deliveries: found.deliveries,
        shards: found.shards ?? [],
        eventIds: found.event_ids ?? [],
      }
    },

    /** Marks events as processed, and gives them their places in the workspace's stream. The last thing of a batch. */
    async markProcessed(
      workspaceId: string,
      events: readonly { readonly eventId: string; readonly createdAt: Date }[],
    ): Promise<void> {
      const ids = sql.array(
        events.map(({ eventId }) => eventId),
        'text',
      )
      await connection.query(sql.type(row<never>())`
        with reached as (
          insert into webhook_positions as p (workspace_id, last_position)
          values (${workspaceId}, ${events.length})
          on conflict (workspace_id) do update set last_position = p.last_position + excluded.last_position
          returning last_position)
        update salesforce_webhook_events e
        set processed = true, processed_at = clock_timestamp(), error = null,
          position = r.last_position - ${events.length} + x.place
        from reached r, unnest(${ids}) with ordinality x (event_id, place)
        where e.event_id = x.event_id
          and ${withinDaysOf(
            ['e', 'created_at'],
            events.map(({ createdAt }) => createdAt),
          )}`)
    },

    /** An event that the database, or its own content, keeps from being processed. */
    async markFailed(eventId: string, error: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update salesforce_webhook_events set error = ${error} where event_id = ${eventId}`)
    },
  }
}

function eventRecord(event: MatchableEvent) {
  return {
    event_id: event.eventId,
    event_created_at_text: event.createdAt.toISOString(),
    connection_id: event.connectionId,
    event_type: event.eventType,
    object_type: event.objectType,
    object_id: event.objectId,
    patterns: [...event.patterns],
  }
}

/** Rows of `wanted` become deliveries. One behind another of its record waits until that one is gone. */
function inserts(workspaceId: string, { origin, replayId }: DeliveryCause) {
  return sql.fragment`
    delivery as (
      insert into webhook_deliveries (delivery_id, workspace_id, subscription_id, event_id,
        event_created_at, event_type, object_id, origin, replay_id)
      select delivery_id, ${workspaceId}, subscription_id, event_id, event_created_at, event_type, object_id,
        ${origin}, ${replayId}
      from wanted
    ), keyed as materialized (
      -- Both forms of a record's id are one record.
      select *, case when object_id ~ '^[A-Za-z0-9]{18}$' then left(object_id, 15) else object_id end as record_key
      from wanted
    ), queued as (
      insert into webhook_delivery_queue (delivery_id, delivery_created_at, workspace_id, subscription_id,
        shard, event_id, event_created_at, ordered_by, due_at)
      select w.delivery_id, now(), ${workspaceId}, w.subscription_id, w.shard, w.event_id,
        w.event_created_at, case w.ordering when 'record' then w.record_key end,
        case when w.ordering = 'record' and (
          exists (select from webhook_delivery_queue q
            where q.subscription_id = w.subscription_id and q.ordered_by = w.record_key)
          or exists (select from keyed o
            where o.subscription_id = w.subscription_id and o.record_key = w.record_key and o.place < w.place))
        then 'infinity' else now() end
      from keyed w order by w.place
    )`
}
