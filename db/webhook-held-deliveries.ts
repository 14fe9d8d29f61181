import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** Deliveries that wait for an endpoint to which nothing is sent. */
export function createHeldDeliveryQueries(connection: CommonQueryMethods) {
  return {
    /** Takes up to `limit` waiting deliveries of a subscription away. Tells how many. */
    async cancelOf(
      { subscriptionId, shard }: { readonly subscriptionId: string; readonly shard: number },
      limit: number,
    ): Promise<number> {
      return connection.oneFirst(sql.type(row<{ cancelled: number }>())`
        with ${cancelled(sql.fragment`
          select sequence from webhook_delivery_queue
          where shard = ${shard} and subscription_id = ${subscriptionId}
          limit ${limit} for update skip locked`)}
        select count(*) as cancelled from gone`)
    },

    /** The same for deleted subscriptions, and for paused and disabled ones of events older than so many days. */
    async cancelOutdated(days: number, limit: number): Promise<number> {
      return connection.oneFirst(sql.type(row<{ cancelled: number }>())`
        with ${cancelled(sql.fragment`
          select q.sequence from webhook_delivery_queue q
          join salesforce_webhook_subscriptions s using (subscription_id)
          where not s.active
            and (s.deleted_at is not null or q.event_created_at < now() - ${days} * interval '1 day')
          limit ${limit} for update of q skip locked`)}
        select count(*) as cancelled from gone`)
    },
  }
}

/** An attempt that is under way finds its row gone, and changes the delivery no more. */
function cancelled(chosen: ReturnType<typeof sql.fragment>) {
  return sql.fragment`
    chosen as materialized (${chosen}),
    gone as (
      delete from webhook_delivery_queue q using chosen c where q.sequence = c.sequence
      returning q.delivery_id, q.delivery_created_at
    ), ended as (
      update webhook_deliveries d set state = 'cancelled', ended_at = now()
      from gone g where d.delivery_id = g.delivery_id and d.created_at = g.delivery_created_at
    )`
}
