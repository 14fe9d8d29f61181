import { type CommonQueryMethods, sql } from 'slonik'
import type { Channel } from './listener.ts'
import { row } from './row-type.ts'

/** Hints for listeners; sent outside of transactions, since a commit that notifies waits for every other. */
export function createNoticeQueries(connection: CommonQueryMethods) {
  return {
    async notify(channel: Channel, payloads: readonly string[]): Promise<void> {
      await connection.query(sql.type(row<never>())`
        select pg_notify(${channel}, payload) from unnest(${sql.array([...payloads], 'text')}) as p (payload)`)
    },
  }
}
