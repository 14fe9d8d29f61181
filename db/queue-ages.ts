import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** How long the oldest has waited, in seconds; null where nothing waits. */
export interface QueueAges {
  readonly events: number | null
  /** Since it was due, of what may be sent: nothing of paused endpoints, of those in trouble or that asked for a pause. */
  readonly deliveries: number | null
  readonly workflowStarts: number | null
  readonly notifications: number | null
  readonly rollups: number | null
}

/**
 * Ages of queues, of a workspace or, as the system, of all. Each walks along an index and takes its first entries: the
 * longer a queue is, the more its age is asked for.
 */
export function createQueueAgeQueries(connection: CommonQueryMethods) {
  return {
    async ages(): Promise<QueueAges> {
      return {
        events: await oldestEvent(connection),
        deliveries: await oldestDelivery(connection),
        ...(await connection.one(
          sql.type(
            row<{
              workflowStarts: number | null
              notifications: number | null
              rollups: number | null
            }>(),
          )`
          select
            (select extract(epoch from now() - min(requested_at))::float8 from workflow_starts
              where started_at is null) as "workflowStarts",
            (select greatest(extract(epoch from now() - min(next_attempt_at)), 0)::float8 from notification_messages
              where state = 'pending') as notifications,
            (select extract(epoch from now() - min(due_at))::float8 from rollup_dirty_buckets
              where due_at <= now()) as rollups`,
        )),
      }
    },

    /** How far the mirror is behind, in seconds; null where nothing is mirrored. */
    async mirrorLag(): Promise<number | null> {
      return connection.oneFirst(sql.type(row<{ lag: number | null }>())`
        select mirror_lag_seconds() as lag`)
    },
  }
}

function oldestEvent(connection: CommonQueryMethods): Promise<number | null> {
  return connection.oneFirst(sql.type(row<{ age: number | null }>())`
    with recursive part as (
      (select shard, workspace_id from webhook_event_queue order by shard, workspace_id limit 1)
      union all
      select n.* from part p cross join lateral (
        select q.shard, q.workspace_id from webhook_event_queue q
        where (q.shard, q.workspace_id) > (p.shard, p.workspace_id) order by q.shard, q.workspace_id limit 1) n)
    select extract(epoch from now() - min(o.event_created_at))::float8 as age
    from part p cross join lateral (
      select q.event_created_at from webhook_event_queue q
      where q.shard = p.shard and q.workspace_id = p.workspace_id order by q.sequence limit 1) o`)
}

function oldestDelivery(connection: CommonQueryMethods): Promise<number | null> {
  return connection.oneFirst(sql.type(row<{ age: number | null }>())`
    with recursive endpoint as (
      (select shard, subscription_id from webhook_delivery_queue order by shard, subscription_id limit 1)
      union all
      select n.* from endpoint e cross join lateral (
        select q.shard, q.subscription_id from webhook_delivery_queue q
        where (q.shard, q.subscription_id) > (e.shard, e.subscription_id)
        order by q.shard, q.subscription_id limit 1) n)
    select extract(epoch from now() - min(d.due_at))::float8 as age
    from endpoint e
    join salesforce_webhook_subscriptions s on s.subscription_id = e.subscription_id
    left join webhook_endpoints h on h.subscription_id = e.subscription_id
    cross join lateral (
      (select q.due_at from webhook_delivery_queue q
        where q.shard = e.shard and q.subscription_id = e.subscription_id and (q.attempts > 0) is false
        order by q.due_at limit 1)
      union all
      (select q.due_at from webhook_delivery_queue q
        where q.shard = e.shard and q.subscription_id = e.subscription_id and (q.attempts > 0) = true
        order by q.due_at limit 1)) d
    where s.active and h.troubled_at is null and (h.held_until is null or h.held_until < now())
      and d.due_at <= now()`)
}
