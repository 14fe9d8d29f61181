import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** Figures added up over a batch. */
export interface MetricCount {
  readonly metricType: string
  readonly objectType: string | null
  readonly value: number
  /** The connection that it is of. */
  readonly connectionId?: string | null
  /** The day of UTC that it belongs to (`YYYY-MM-DD`); today where none is given. */
  readonly metricDate?: string | null
}

export interface MetricTotal {
  readonly metricType: string
  readonly total: number
  readonly events: number
}

/** `salesforce_realtime_analytics`. */
export function createRealtimeAnalyticsQueries(connection: CommonQueryMethods) {
  return {
    /** One row a figure and batch: a row that every event updates would cost more than the events. */
    async add(workspaceId: string, counts: readonly MetricCount[]): Promise<void> {
      if (counts.length === 0) return
      const records = counts.map(({ metricType, objectType, value, connectionId, metricDate }) => ({
        ...{ metric_type: metricType, object_type: objectType, metric_value: value },
        ...{ connection_id: connectionId ?? null, metric_date: metricDate ?? null },
      }))
      await connection.query(sql.prepared('add_realtime_analytics', row<never>())`
        insert into salesforce_realtime_analytics (workspace_id, metric_type, object_type, metric_value,
          connection_id, metric_date)
        select ${workspaceId}, metric_type, object_type, metric_value, connection_id,
          nullif(metric_date, (now() at time zone 'utc')::date)
        from jsonb_to_recordset(${sql.jsonb(records)})
          as m (metric_type text, object_type text, metric_value numeric, connection_id text, metric_date date)`)
    },

    /** Figures of the last 24 hours, added up. */
    async lastDay(): Promise<MetricTotal[]> {
      const found = await connection.any(
        sql.type(row<{ metric_type: string; total: number; events: number }>())`
        select metric_type, sum(metric_value)::float8 as total, count(*) as events
        from salesforce_realtime_analytics where created_at > now() - interval '24 hours'
        group by 1 order by 1`,
      )
      return found.map((r) => ({ metricType: r.metric_type, total: r.total, events: r.events }))
    },
  }
}
