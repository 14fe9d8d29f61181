import { type CommonQueryMethods, sql } from 'slonik'
import type { DateRange, RowFigures } from '../contracts/analytics-rollup.ts'
import type { MirrorOwner } from './mirror-rows.ts'
import { row } from './row-type.ts'

/** Figures that need rows, as the rollup computed them. */
export function createAnalyticsResultQueries(connection: CommonQueryMethods) {
  async function put(owner: MirrorOwner, report: string, range: string, result: unknown) {
    await connection.query(sql.type(row<never>())`
      insert into analytics_results (connection_id, workspace_id, report, date_range, result)
      values (${owner.connectionId}, ${owner.workspaceId}, ${report}, ${range},
        ${JSON.stringify(result)}::jsonb)
      on conflict (connection_id, report, date_range) do update
      set result = excluded.result, computed_at = now()`)
  }

  return {
    putRowFigures: (owner: MirrorOwner, range: DateRange, figures: RowFigures): Promise<void> =>
      put(owner, 'row_figures', range, figures),

    /** A report that is of no range. */
    putReport: (owner: MirrorOwner, report: AnalyticsReport, result: object): Promise<void> =>
      put(owner, report, 'now', result),

    /** What was stored under that name; null where nothing was. */
    async report(connectionId: string, report: AnalyticsReport): Promise<object | null> {
      return connection.maybeOneFirst(sql.type(row<{ result: object }>())`
        select result from analytics_results
        where connection_id = ${connectionId} and report = ${report} and date_range = 'now'`)
    },

    async erase(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from analytics_results where connection_id = ${connectionId}`)
    },
  }
}

/** Reports that are stored whole. */
export type AnalyticsReport = 'forecast' | 'likelihood'
