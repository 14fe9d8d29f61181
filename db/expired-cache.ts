import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** Removes what has expired, of the workspace; returns how many rows. Webhook events go by days, in the retention. */
export async function cleanupExpiredCache(connection: CommonQueryMethods): Promise<number> {
  return connection.oneFirst(sql.type(row<{ removed: number }>())`
    select cleanup_expired_cache() as removed`)
}
