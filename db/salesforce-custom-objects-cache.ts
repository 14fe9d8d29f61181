import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** A row of `salesforce_custom_objects_cache`, as long as it is good. */
export interface CachedCustomObjects<T> {
  readonly objects: readonly T[]
  readonly cachedAt: Date
  readonly expiresAt: Date
}

export type CustomObjectsCacheQueries = ReturnType<typeof createCustomObjectsCacheQueries>

/** What each caller of the replaced service was last answered. */
export function createCustomObjectsCacheQueries(connection: CommonQueryMethods) {
  return {
    /** Null where it is of another connection, or over. */
    async find<T>(userId: string, connectionId: string): Promise<CachedCustomObjects<T> | null> {
      return connection.maybeOne(sql.type(row<CachedCustomObjects<T>>())`
        select cache_data as objects, cached_at as "cachedAt", expires_at as "expiresAt"
        from salesforce_custom_objects_cache
        where user_id = ${userId} and connection_id = ${connectionId} and expires_at > now()`)
    },

    async put(entry: {
      readonly workspaceId: string
      readonly connectionId: string
      readonly userId: string
      readonly objects: readonly object[]
      readonly cachedAt: Date
      readonly expiresAt: Date
    }): Promise<void> {
      const { workspaceId, connectionId, userId, objects } = entry
      await connection.query(sql.type(row<never>())`
        insert into salesforce_custom_objects_cache (workspace_id, connection_id, user_id, cache_data,
          cached_at, expires_at)
        values (${workspaceId}, ${connectionId}, ${userId}, ${sql.jsonb(objects as never)},
          ${entry.cachedAt.toISOString()}, ${entry.expiresAt.toISOString()})
        on conflict (workspace_id, user_id) do update
        set connection_id = excluded.connection_id, cache_data = excluded.cache_data,
          cached_at = excluded.cached_at, expires_at = excluded.expires_at`)
    },

    /** The org's list changed: whoever asks next is answered anew. */
    async deleteOf(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from salesforce_custom_objects_cache where connection_id = ${connectionId}`)
    },

    /** @returns how many */
    async deleteExpired(limit: number): Promise<number> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        delete from salesforce_custom_objects_cache where id in (
          select id from salesforce_custom_objects_cache where expires_at < now() limit ${limit})`)
      return rowCount
    },
  }
}
