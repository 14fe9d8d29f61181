import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

export type ApiCallCounterQueries = ReturnType<typeof createApiCallCounterQueries>

/** What a connection used since it was last written. */
export interface ApiCallUse {
  readonly calls: number
  /** Calls that were answered with an error, or not at all. */
  readonly errors: number
  /** Sum of the times from a call to its answer's headers, in milliseconds. */
  readonly responseMs: number
  /** The same times, counted by the buckets of `contracts/response-times.ts`. */
  readonly responseBuckets: readonly number[]
  /** Of bodies, both ways. */
  readonly bytes: number
}

/** API calls per connection and day (UTC), every call from the first one on. */
export function createApiCallCounterQueries(connection: CommonQueryMethods) {
  return {
    async add(connectionId: string, workspaceId: string, use: ApiCallUse): Promise<void> {
      const buckets = sql.array([...use.responseBuckets], 'int8')
      await connection.query(sql.type(row<never>())`
        insert into api_call_counters as a (connection_id, workspace_id, day, calls, errors, response_count,
          response_ms, response_buckets, bytes)
        values (${connectionId}, ${workspaceId}, (now() at time zone 'utc')::date, ${use.calls}, ${use.errors},
          ${use.calls}, ${use.responseMs}, ${buckets}, ${use.bytes})
        on conflict (connection_id, day) do update
        set calls = a.calls + excluded.calls, errors = a.errors + excluded.errors,
          response_count = a.response_count + excluded.response_count,
          response_ms = a.response_ms + excluded.response_ms,
          response_buckets = add_counts(a.response_buckets, excluded.response_buckets),
          bytes = a.bytes + excluded.bytes`)
    },

    async today(connectionId: string): Promise<number> {
      const calls = await connection.maybeOneFirst(sql.type(row<{ calls: number }>())`
        select calls from api_call_counters
        where connection_id = ${connectionId} and day = (now() at time zone 'utc')::date`)
      return calls ?? 0
    },
  }
}
