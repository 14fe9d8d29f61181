import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

export type ApiCallCounterQueries = ReturnType<typeof createApiCallCounterQueries>

/** API calls per connection and day (UTC), every call from the first one on. */
export function createApiCallCounterQueries(connection: CommonQueryMethods) {
  return {
    async add(connectionId: string, workspaceId: string, calls: number): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into api_call_counters (connection_id, workspace_id, day, calls)
        values (${connectionId}, ${workspaceId}, (now() at time zone 'utc')::date, ${calls})
        on conflict (connection_id, day) do update set calls = api_call_counters.calls + excluded.calls`)
    },

    async today(connectionId: string): Promise<number> {
      const calls = await connection.maybeOneFirst(sql.type(row<{ calls: number }>())`
        select calls from api_call_counters
        where connection_id = ${connectionId} and day = (now() at time zone 'utc')::date`)
      return calls ?? 0
    },
  }
}
