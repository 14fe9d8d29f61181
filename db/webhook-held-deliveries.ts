import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** Deliveries that wait for an endpoint to which nothing is sent. */
export function createHeldDeliveryQueries(connection: CommonQueryMethods) {
  return {
    /**
     * Cancels those of events older than so many days: what waits keeps its event, and what belongs to that, for ever.
     * Tells how many, and of whom.
     */
    async cancelOutdated(
      days: number,
      limit: number,
    ): Promise<{ readonly cancelled: number; readonly subscriptionIds: readonly string[] }> {
      const found = await connection.one(
        sql.type(row<{ cancelled: number; subscription_ids: string[] | null }>())`
        -- Of its own: as a subquery it may be run once for each row, and skips what it took before.
        with outdated as materialized (
          select q.sequence from webhook_delivery_queue q
          join salesforce_webhook_subscriptions s using (subscription_id)
          where not s.active and q.event_created_at < now() - ${days} * interval '1 day'
          limit ${limit} for update of q skip locked
        ), gone as (
          delete from webhook_delivery_queue q using outdated o where q.sequence = o.sequence
          returning q.delivery_id, q.delivery_created_at, q.subscription_id
        ), ended as (
          update webhook_deliveries d set state = 'cancelled', last_error = 'subscription_paused', ended_at = now()
          from gone g where d.delivery_id = g.delivery_id and d.created_at = g.delivery_created_at
        )
        select count(*) as cancelled, array_agg(distinct subscription_id) as subscription_ids from gone`,
      )
      return { cancelled: found.cancelled, subscriptionIds: found.subscription_ids ?? [] }
    },
  }
}
