import { type CommonQueryMethods, sql } from 'slonik'
import type { DayRange, RollupMetric } from '../contracts/rollup.ts'
import { row } from './row-type.ts'

/** A bucket of a workspace that is to be added up again. */
export interface DirtyBucket {
  readonly workspaceId: string
  readonly bucket: string
}

/** A bucket that was marked again while it was added up waits so long, in seconds: who marks it may not be done. */
const MARKED_AGAIN_SECONDS = 30
const LONGEST_PAUSE_MINUTES = 60

/** The queue of every rollup. */
export function createRollupDirtyBucketQueries(connection: CommonQueryMethods) {
  return {
    /** In the transaction that changed what the buckets are made of. */
    async mark(
      workspaceId: string,
      metric: RollupMetric,
      buckets: readonly string[],
    ): Promise<void> {
      if (buckets.length === 0) return
      // In one order, so that two that mark the same buckets do not wait for each other.
      await connection.query(sql.type(row<never>())`
        insert into rollup_dirty_buckets as d (workspace_id, metric, bucket)
        select distinct ${workspaceId}, ${metric}, b
        from unnest(${sql.array([...buckets], 'text')}) b order by b
        on conflict (workspace_id, metric, bucket) do update
        set revision = d.revision + 1, marked_at = now()`)
    },

    /** Marks days of every workspace; as the system. */
    async markDays(metric: RollupMetric, range: DayRange): Promise<number> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        insert into rollup_dirty_buckets as d (workspace_id, metric, bucket)
        select w.workspace_id, ${metric}, to_char(day, 'YYYY-MM-DD')
        from workspaces w cross join generate_series(${range.from}::timestamp, ${range.until}::timestamp, '1 day') day
        order by 1, 3
        on conflict (workspace_id, metric, bucket) do update
        set revision = d.revision + 1, marked_at = now()`)
      return rowCount
    },

    /** The days of UTC from so many before an hour ago until today: a day that has just ended is looked at once more. */
    async recentDays(daysBefore: number): Promise<DayRange> {
      return connection.one(sql.type(row<DayRange>())`
        select to_char((now() - interval '1 hour') at time zone 'utc' - ${daysBefore} * interval '1 day', 'YYYY-MM-DD') as "from",
          to_char(now() at time zone 'utc', 'YYYY-MM-DD') as until`)
    },

    /** What is due, the oldest first. */
    async listDue(metric: RollupMetric, limit: number): Promise<readonly DirtyBucket[]> {
      return connection.any(sql.type(row<DirtyBucket>())`
        select workspace_id as "workspaceId", bucket from rollup_dirty_buckets
        where metric = ${metric} and due_at <= now() order by due_at, workspace_id, bucket limit ${limit}`)
    },

    async countDue(metric: RollupMetric): Promise<number> {
      return connection.oneFirst(sql.type(row<{ n: number }>())`
        select count(*) as n from rollup_dirty_buckets where metric = ${metric} and due_at <= now()`)
    },

    /**
     * Until the transaction ends nobody else adds this bucket up. The mark that is being worked off; null where somebody
     * did meanwhile. To be asked before anything that is added up is read.
     */
    async begin(workspaceId: string, metric: RollupMetric, bucket: string): Promise<number | null> {
      const name = `rollup ${workspaceId} ${metric} ${bucket}`
      await connection.query(sql.type(row<never>())`
        select pg_advisory_xact_lock(hashtextextended(${name}, 0))`)
      return connection.maybeOneFirst(sql.type(row<{ revision: number }>())`
        select revision from rollup_dirty_buckets
        where workspace_id = ${workspaceId} and metric = ${metric} and bucket = ${bucket}`)
    },

    /** Takes it out of the queue, unless it was marked again. */
    async settle(
      workspaceId: string,
      metric: RollupMetric,
      bucket: string,
      revision: number,
    ): Promise<void> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        delete from rollup_dirty_buckets
        where workspace_id = ${workspaceId} and metric = ${metric} and bucket = ${bucket}
          and revision = ${revision}`)
      if (rowCount === 1) return
      await connection.query(sql.type(row<never>())`
        update rollup_dirty_buckets
        set due_at = now() + ${MARKED_AGAIN_SECONDS} * interval '1 second', attempts = 0, last_error = null
        where workspace_id = ${workspaceId} and metric = ${metric} and bucket = ${bucket}`)
    },

    /** It failed, and is due again after a while that grows. */
    async postpone(
      workspaceId: string,
      metric: RollupMetric,
      bucket: string,
      error: string,
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update rollup_dirty_buckets
        set attempts = attempts + 1, last_error = ${error},
          due_at = now() + least(power(2, least(attempts, 10)), ${LONGEST_PAUSE_MINUTES}) * interval '1 minute'
        where workspace_id = ${workspaceId} and metric = ${metric} and bucket = ${bucket}`)
    },
  }
}
