import { type CommonQueryMethods, sql } from 'slonik'
import { shardOfRecord } from '../contracts/pump.ts'
import { row } from './row-type.ts'

/** Events that could not be processed, and are to be tried again. */
export function createWebhookEventRequeueQueries(connection: CommonQueryMethods) {
  return {
    /** In a transaction. Gives the pump's number; null where the event has no error any more. */
    async requeue(eventId: string): Promise<number | null> {
      const event = await connection.maybeOne(
        sql.type(row<{ connection_id: string | null; object_id: string }>())`
        update salesforce_webhook_events set error = null
        where event_id = ${eventId} and not processed and error is not null
        returning connection_id, object_id`,
      )
      if (event === null) return null
      const shard = shardOfRecord(event.connection_id, event.object_id)
      await connection.query(sql.type(row<never>())`
        insert into webhook_event_queue (event_id, event_created_at, workspace_id, shard)
        select event_id, created_at, workspace_id, ${shard} from salesforce_webhook_events
        where event_id = ${eventId}
        on conflict do nothing`)
      return shard
    },
  }
}
