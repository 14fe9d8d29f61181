import { type CommonQueryMethods, sql } from 'slonik'
import type { RollupSubject } from '../contracts/analytics-rollup.ts'
import type { MirrorOwner } from './mirror-rows.ts'
import { row } from './row-type.ts'

/** Days of one subject. */
export interface DirtyDays {
  readonly subject: RollupSubject
  readonly days: readonly string[]
}

/** Days that are to be computed anew; triggers of the mirror's tables mark them. */
export function createAnalyticsDirtyBucketQueries(connection: CommonQueryMethods) {
  return {
    /**
     * Takes up to `limit` marks away, of one subject. What is being marked in another transaction is left: its rows are
     * not seen yet. Whoever marks a day that is taken here waits for this transaction, and marks it again.
     */
    async take(connectionId: string, limit: number): Promise<DirtyDays | null> {
      const taken = await connection.any(sql.type(row<{ subject: RollupSubject; day: string }>())`
        with taken as materialized (
          select subject, bucket from analytics_dirty_buckets
          where connection_id = ${connectionId} and subject = (
            select subject from analytics_dirty_buckets where connection_id = ${connectionId}
            order by subject limit 1)
          order by bucket limit ${limit} for update skip locked
        )
        delete from analytics_dirty_buckets d using taken t
        where d.connection_id = ${connectionId} and d.subject = t.subject and d.bucket = t.bucket
        returning d.subject, d.bucket::text as day`)
      const [first] = taken
      return first === undefined
        ? null
        : { subject: first.subject, days: taken.map(({ day }) => day) }
    },

    async count(connectionId: string): Promise<number> {
      return connection.oneFirst(sql.type(row<{ days: number }>())`
        select count(*)::float8 as days from analytics_dirty_buckets
        where connection_id = ${connectionId}`)
    },

    /** Marks every day that a row or a bucket is on. Gives how many marks there are. */
    async markAll({ connectionId, workspaceId }: MirrorOwner): Promise<number> {
      await connection.query(sql.type(row<never>())`
        insert into analytics_dirty_buckets (connection_id, workspace_id, subject, bucket)
        select ${connectionId}, ${workspaceId}, subject, day from (
          select 'opportunity' as subject, close_date as day from mirror_opportunities
            where connection_id = ${connectionId}
          union select 'opportunity', analytics_days(created_date) from mirror_opportunities
            where connection_id = ${connectionId}
          union select 'lead', converted_date from mirror_leads where connection_id = ${connectionId}
          union select 'lead', analytics_days(created_date) from mirror_leads
            where connection_id = ${connectionId}
          union select 'account', analytics_days(created_date) from mirror_accounts
            where connection_id = ${connectionId}
          union select case when metric like 'opp%' then 'opportunity' when metric like 'lead%' then 'lead'
              else 'account' end, bucket
            from analytics_buckets where connection_id = ${connectionId}
        ) as marked where day is not null
        order by subject, day
        on conflict (connection_id, subject, bucket) do update set marked_at = now() where false`)
      return this.count(connectionId)
    },

    async erase(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from analytics_dirty_buckets where connection_id = ${connectionId}`)
    },
  }
}
