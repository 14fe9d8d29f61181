import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** Figures added up over a batch. */
export interface MetricCount {
  readonly metricType: string
  readonly objectType: string | null
  readonly value: number
}

/** `salesforce_realtime_analytics`. */
export function createRealtimeAnalyticsQueries(connection: CommonQueryMethods) {
  return {
    /** One row a figure and batch: a row that every event updates would cost more than the events. */
    async add(workspaceId: string, counts: readonly MetricCount[]): Promise<void> {
      if (counts.length === 0) return
      const records = counts.map(({ metricType, objectType, value }) => ({
        ...{ metric_type: metricType, object_type: objectType, metric_value: value },
      }))
      await connection.query(sql.type(row<never>())`
        insert into salesforce_realtime_analytics (workspace_id, metric_type, object_type, metric_value)
        select ${workspaceId}, metric_type, object_type, metric_value
        from jsonb_to_recordset(${sql.jsonb(records)})
          as m (metric_type text, object_type text, metric_value numeric)`)
    },
  }
}
