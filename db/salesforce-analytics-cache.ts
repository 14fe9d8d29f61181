import { type CommonQueryMethods, sql } from 'slonik'
import type { AnalyticsType, DateRange } from '../contracts/analytics-rollup.ts'
import type { MirrorOwner } from './mirror-rows.ts'
import { row } from './row-type.ts'

/** Which answer is meant. */
export interface CacheKey {
  readonly connectionId: string
  readonly userId: string
  readonly type: AnalyticsType
  readonly range: DateRange
}

export interface CachedAnswer<T> {
  readonly data: T
  readonly generatedAt: Date
  readonly expiresAt: Date
}

/** `salesforce_analytics_cache`: whole answers, until they expire or newer rows are rolled up. */
export function createSalesforceAnalyticsCacheQueries(connection: CommonQueryMethods) {
  return {
    async find<T>(key: CacheKey): Promise<CachedAnswer<T> | null> {
      // What was stored is of the type that the caller stores under this key.
      return connection.maybeOne(sql.type(row<CachedAnswer<T>>())`
        select cache_data as data, generated_at as "generatedAt", expires_at as "expiresAt"
        from salesforce_analytics_cache
        where connection_id = ${key.connectionId} and user_id = ${key.userId}
          and analytics_type = ${key.type} and date_range = ${key.range} and expires_at > now()`)
    },

    /** `revision` is that of the results when the answer was begun: one made of older rows is not kept. */
    async put(
      key: CacheKey & MirrorOwner,
      data: unknown,
      ttlSeconds: number,
      revision: number | null,
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into salesforce_analytics_cache
          (workspace_id, connection_id, user_id, analytics_type, date_range, cache_data, expires_at)
        select ${key.workspaceId}, ${key.connectionId}, ${key.userId}, ${key.type}, ${key.range},
          ${JSON.stringify(data)}::jsonb, now() + ${ttlSeconds} * interval '1 second'
        where (select results_revision::float8 from analytics_rollups where connection_id = ${key.connectionId})
          is not distinct from ${revision}::float8
        on conflict (workspace_id, user_id, analytics_type, date_range, connection_id) do update
        set cache_data = excluded.cache_data, expires_at = excluded.expires_at, generated_at = now()`)
    },

    /** Which answers callers have asked for lately. */
    async list(connectionId: string): Promise<readonly CacheKey[]> {
      return connection.any(sql.type(row<CacheKey>())`
        select connection_id as "connectionId", user_id as "userId", analytics_type as type,
          date_range as range
        from salesforce_analytics_cache where connection_id = ${connectionId} order by id`)
    },

    async erase(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from salesforce_analytics_cache where connection_id = ${connectionId}`)
    },
  }
}
