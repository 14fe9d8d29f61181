import { type CommonQueryMethods, sql } from 'slonik'
import type { DateRange, RowFigures } from '../contracts/analytics-rollup.ts'
import type { MirrorOwner } from './mirror-rows.ts'
import { row } from './row-type.ts'

/** Figures that need rows, one row a range. */
export function createAnalyticsResultQueries(connection: CommonQueryMethods) {
  return {
    async get(connectionId: string, range: DateRange): Promise<RowFigures | null> {
      return connection.maybeOneFirst(sql.type(row<{ result: RowFigures }>())`
        select result from analytics_results
        where connection_id = ${connectionId} and report = 'row_figures' and date_range = ${range}`)
    },

    async put(owner: MirrorOwner, range: DateRange, figures: RowFigures): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into analytics_results (connection_id, workspace_id, report, date_range, result)
        values (${owner.connectionId}, ${owner.workspaceId}, 'row_figures', ${range},
          ${JSON.stringify(figures)}::jsonb)
        on conflict (connection_id, report, date_range) do update
        set result = excluded.result, computed_at = now()`)
    },

    async erase(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from analytics_results where connection_id = ${connectionId}`)
    },
  }
}
