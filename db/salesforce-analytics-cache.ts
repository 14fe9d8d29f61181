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
    /** That of the connection of the user, else of the default one: what most requests need is one statement. */
    async find<T>(asked: Omit<CacheKey, 'connectionId'>): Promise<CachedAnswer<T> | null> {
      // What was stored is of the type that the caller stores under this key.
      return connection.maybeOne(sql.type(row<CachedAnswer<T>>())`
        select a.cache_data as data, a.generated_at as "generatedAt", a.expires_at as "expiresAt"
        from salesforce_analytics_cache a
        where a.user_id = ${asked.userId} and a.analytics_type = ${asked.type}
          and a.date_range = ${asked.range} and a.expires_at > now()
          and a.connection_id = coalesce(
            (select connection_id from connections
              where user_id = ${asked.userId} and deleted_at is null),
            (select connection_id from connections where is_default and deleted_at is null
              and workspace_id = (select conveyor_workspace())))`)
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

    /** Answers that are still good. */
    async list(connectionId: string): Promise<readonly CacheKey[]> {
      return connection.any(sql.type(row<CacheKey>())`
        select connection_id as "connectionId", user_id as "userId", analytics_type as type,
          date_range as range
        from salesforce_analytics_cache
        where connection_id = ${connectionId} and expires_at > now() order by id`)
    },

    /** Puts a newer answer in the place of one that is still good. It ends when that would have: nobody asked again. */
    async refresh(key: CacheKey, data: unknown, revision: number | null): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update salesforce_analytics_cache
        set cache_data = ${JSON.stringify(data)}::jsonb, generated_at = now()
        where connection_id = ${key.connectionId} and user_id = ${key.userId}
          and analytics_type = ${key.type} and date_range = ${key.range}
          and (select results_revision::float8 from analytics_rollups
            where connection_id = ${key.connectionId}) is not distinct from ${revision}::float8`)
    },

    async erase(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from salesforce_analytics_cache where connection_id = ${connectionId}`)
    },
  }
}
