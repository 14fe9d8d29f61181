import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'
import { eventColumns, eventRow, type StoredWebhookEvent, toEvent } from './webhook-events.ts'

/** Two numbers name a lock; this one names fan-out, so that no other lock of a shard is meant. */
const FAN_OUT_LOCK = 0x66616e6f

export function createWebhookEventQueueQueries(connection: CommonQueryMethods) {
  return {
    /**
     * Until the transaction ends, one fan-out a shard: two at once, as after a crash, would bring the events of a record
     * out of their order.
     */
    async lockShard(shard: number): Promise<void> {
      await connection.query(sql.type(row<never>())`
        select pg_advisory_xact_lock(${FAN_OUT_LOCK}, ${shard})`)
    },

    /** Takes the oldest of a shard out of the queue, in the order of arrival. One whose row is gone has nothing to tell. */
    async take(shard: number, limit: number): Promise<StoredWebhookEvent[]> {
      const found = await connection.any(sql.type(eventRow)`
        -- Of its own: as a subquery it may be run once for each row, and skips what it took before.
        with oldest as materialized (
          select event_id from webhook_event_queue where shard = ${shard}
          order by sequence limit ${limit} for update skip locked
        ), taken as (
          delete from webhook_event_queue q where q.event_id = any(array(select event_id from oldest))
          returning q.event_id, q.event_created_at, q.sequence)
        select e.* from taken t cross join lateral (
          select ${eventColumns} from salesforce_webhook_events w
          where w.event_id = t.event_id and w.created_at = t.event_created_at limit 1) e
        order by t.sequence`)
      return found.map(toEvent)
    },

    /** False where it was taken out meanwhile. */
    async remove(eventId: string): Promise<boolean> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        delete from webhook_event_queue where event_id = ${eventId}`)
      return rowCount > 0
    },

    /** Workspaces with events of a shard, after the given one; one step of an index each, however long their queues are. */
    async listWorkspaces(shard: number, after: string, limit: number): Promise<readonly string[]> {
      return connection.anyFirst(sql.type(row<{ workspace_id: string }>())`
        with recursive found as (
          (select workspace_id from webhook_event_queue where shard = ${shard} and workspace_id > ${after}
            order by workspace_id limit 1)
          union all
          select (select q.workspace_id from webhook_event_queue q
            where q.shard = ${shard} and q.workspace_id > f.workspace_id order by q.workspace_id limit 1)
          from found f where f.workspace_id is not null)
        select workspace_id from found where workspace_id is not null limit ${limit}`)
    },

    /** Shards whose oldest event has waited for so long. */
    async listOverdueShards(shards: number, seconds: number): Promise<readonly number[]> {
      return connection.anyFirst(sql.type(row<{ shard: number }>())`
        select s.shard from generate_series(0, ${shards} - 1) s (shard)
        where exists (select from webhook_event_queue q
          where q.shard = s.shard and q.event_created_at < now() - ${seconds} * interval '1 second')`)
    },
  }
}
