import { type CommonQueryMethods, sql } from 'slonik'
import type { MirrorOwner } from './mirror-rows.ts'
import { row } from './row-type.ts'

/** A row of `analytics_rollups`: how far the rollup of a connection is. */
export interface AnalyticsRollup {
  readonly timeZone: string
  readonly backfillStartedAt: Date | null
  readonly backfillDays: number | null
  readonly drainedAt: Date | null
  readonly resultsAt: Date | null
  /** The day of that, in the rollup's zone. */
  readonly resultsDay: string | null
  readonly resultsAsOf: Date | null
  readonly resultsRevision: number | null
}

const columns = sql.fragment`
  time_zone as "timeZone", backfill_started_at as "backfillStartedAt",
  backfill_days::float8 as "backfillDays", drained_at as "drainedAt", results_at as "resultsAt",
  (results_at at time zone time_zone)::date::text as "resultsDay",
  results_as_of as "resultsAsOf", results_revision::float8 as "resultsRevision"`

export function createAnalyticsRollupQueries(connection: CommonQueryMethods) {
  return {
    async get(connectionId: string): Promise<AnalyticsRollup | null> {
      return connection.maybeOne(sql.type(row<AnalyticsRollup>())`
        select ${columns} from analytics_rollups where connection_id = ${connectionId}`)
    },

    /** Holds the row until the transaction ends, so that the zone stays what it is. */
    async hold(connectionId: string): Promise<AnalyticsRollup | null> {
      return connection.maybeOne(sql.type(row<AnalyticsRollup>())`
        select ${columns} from analytics_rollups where connection_id = ${connectionId} for share`)
    },

    /** False where the rollup has this zone already; otherwise every bucket is of the wrong days. */
    async setTimeZone({ connectionId, workspaceId }: MirrorOwner, timeZone: string) {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        insert into analytics_rollups as r (connection_id, workspace_id, time_zone)
        values (${connectionId}, ${workspaceId}, ${timeZone})
        on conflict (connection_id) do update set time_zone = excluded.time_zone
        where r.time_zone <> excluded.time_zone`)
      return rowCount > 0
    },

    async beginBackfill(connectionId: string, days: number): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update analytics_rollups set backfill_started_at = now(), backfill_days = ${days}
        where connection_id = ${connectionId}`)
    },

    async setDrained(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update analytics_rollups
        set drained_at = now(), backfill_started_at = null, backfill_days = null
        where connection_id = ${connectionId}`)
    },

    /** Answers that were made of older results are not kept any more. */
    async setResults(connectionId: string, asOf: Date | null): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update analytics_rollups
        set results_at = now(), results_as_of = ${asOf === null ? null : sql.timestamp(asOf)},
          results_revision = nextval('analytics_revision')
        where connection_id = ${connectionId}`)
    },

    /** The same results are of a newer mirror. */
    async setAsOf(connectionId: string, asOf: Date | null): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update analytics_rollups
        set drained_at = now(), results_as_of = ${asOf === null ? null : sql.timestamp(asOf)}
        where connection_id = ${connectionId}`)
    },

    async remove(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from analytics_rollups where connection_id = ${connectionId}`)
    },
  }
}
