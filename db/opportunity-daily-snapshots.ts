import { type CommonQueryMethods, sql } from 'slonik'
import type { MirrorOwner } from './mirror-rows.ts'
import { row } from './row-type.ts'

/** Opportunities as they stood at the end of each day. */
export function createOpportunityDailySnapshotQueries(connection: CommonQueryMethods) {
  return {
    /** Whether Postgres knows a time zone of this name. */
    async knowsTimeZone(timeZone: string): Promise<boolean> {
      return connection.exists(sql.type(row<{ one: number }>())`
        select 1 as one from pg_timezone_names where name = ${timeZone}`)
    },

    /**
     * Puts today's rows, of the day in that time zone, in the place of those that are there: what is open, and what was
     * closed within `closedDays`. Gives the day.
     */
    async replaceToday(owner: MirrorOwner, timeZone: string, closedDays: number): Promise<string> {
      const { connectionId, workspaceId } = owner
      const day = await connection.oneFirst(sql.type(row<{ day: string }>())`
        select (now() at time zone ${timeZone})::date::text as day`)
      // Rows that stay as they are are not written: most of them, each hour.
      const wanted = sql.fragment`
        select connection_id, ${day}::date as snapshot_date, id as opportunity_id, ${workspaceId} as workspace_id,
          stage_name, amount, probability, close_date, owner_id, is_closed, is_won, currency_iso_code
        from mirror_opportunities
        where connection_id = ${connectionId} and deleted_at is null
          and (is_closed is not true
            or greatest(coalesce(last_stage_change_date, created_date), close_date::timestamptz)
              > now() - ${closedDays} * interval '1 day')`
      await connection.query(sql.type(row<never>())`
        delete from opportunity_daily_snapshots
        where connection_id = ${connectionId} and snapshot_date = ${day}::date
          and opportunity_id not in (select w.opportunity_id from (${wanted}) w)`)
      await connection.query(sql.type(row<never>())`
        insert into opportunity_daily_snapshots as s (connection_id, snapshot_date, opportunity_id, workspace_id,
          stage_name, amount, probability, close_date, owner_id, is_closed, is_won, currency_iso_code)
        ${wanted}
        on conflict (connection_id, snapshot_date, opportunity_id) do update
        set stage_name = excluded.stage_name, amount = excluded.amount, probability = excluded.probability,
          close_date = excluded.close_date, owner_id = excluded.owner_id, is_closed = excluded.is_closed,
          is_won = excluded.is_won, currency_iso_code = excluded.currency_iso_code
        where (s.stage_name, s.amount, s.probability, s.close_date, s.owner_id, s.is_closed, s.is_won,
            s.currency_iso_code)
          is distinct from (excluded.stage_name, excluded.amount, excluded.probability, excluded.close_date,
            excluded.owner_id, excluded.is_closed, excluded.is_won, excluded.currency_iso_code)`)
      await connection.query(sql.type(row<never>())`
        update mirror_runs set snapshot_date = ${day}::date, snapshot_at = now()
        where connection_id = ${connectionId}`)
      return day
    },

    /** Removes up to `limit` rows of a connection that is gone. */
    async erase(connectionId: string, limit: number): Promise<number> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        delete from opportunity_daily_snapshots where connection_id = ${connectionId} and ctid in (
          select ctid from opportunity_daily_snapshots where connection_id = ${connectionId} limit ${limit})`)
      return rowCount
    },
  }
}
