import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** What tells one delivery of a connection from another. */
export interface DedupeKey {
  readonly connectionId: string
  /** SHA-256. */
  readonly deliveryKey: Buffer
}

export function createWebhookDedupeKeyQueries(connection: CommonQueryMethods) {
  return {
    /**
     * Notes deliveries, and says of each, by its place, whether it is new. Whoever notes the same at once waits until
     * the transaction has ended; all take them in one order, so that no two wait for each other.
     */
    async claim(workspaceId: string, keys: readonly DedupeKey[]): Promise<ReadonlySet<number>> {
      const places = [...keys.keys()]
      const found = await connection.anyFirst(sql.prepared(
        'claim_dedupe_keys',
        row<{ place: number }>(),
      )`
        with given as materialized (
          select distinct on (connection_id, delivery_key) connection_id, delivery_key, place
          from unnest(${sql.array(
            keys.map(({ connectionId }) => connectionId),
            'text',
          )}, ${sql.array(
            keys.map(({ deliveryKey }) => deliveryKey),
            'bytea',
          )}, ${sql.array(places, 'int4')}) as k (connection_id, delivery_key, place)
          order by connection_id, delivery_key, place
        ), claimed as (
          insert into webhook_dedupe_keys (connection_id, delivery_key, workspace_id)
          select connection_id, delivery_key, ${workspaceId} from given order by connection_id, delivery_key
          on conflict do nothing
          returning connection_id, delivery_key
        )
        select place from claimed join given using (connection_id, delivery_key)`)
      return new Set(found)
    },
  }
}
