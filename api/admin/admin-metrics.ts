import type { AdminMetricsFields } from '../../contracts/http/admin.ts'
import { responseQuantile } from '../../contracts/response-times.ts'
import type { DayRange } from '../../contracts/rollup.ts'
import {
  createIntegrationMetricQueries,
  type IntegrationFigures,
} from '../../db/salesforce-integration-metrics.ts'
import type { WorkspaceDatabase } from '../../db/workspace-database.ts'

const MOST_USERS = 10

/** What was used, by day and by user. Averages weigh each call alike, whatever day or connection it was of. */
export async function adminMetrics(
  database: WorkspaceDatabase,
  period: DayRange,
): Promise<AdminMetricsFields> {
  const figures = createIntegrationMetricQueries(database)
  const days = await figures.listDays(period)
  const users = await figures.listUsers(period, MOST_USERS)
  const nobody = await figures.ofNobody(period)
  const all = await figures.total(period)
  const asOf = await figures.lastAddedUp()
  return {
    period: { from: period.from, to: period.until },
    daily_metrics: days.map((each) => ({
      metric_date: each.day,
      ...totalsOf(each),
      ...restOf(each),
    })),
    top_users: users.map((each) => ({ user_id: each.userId ?? '', ...totalsOf(each) })),
    unattributed: totalsOf(nobody),
    totals: { ...totalsOf(all), ...restOf(all) },
    error_breakdown: days.map((each) => ({
      metric_date: each.day,
      daily_errors: errorsOf(each),
      call_errors: each.callErrors,
      record_errors: each.recordErrors,
      event_errors: each.eventErrors,
    })),
    as_of: asOf?.toISOString() ?? null,
    generated_at: new Date().toISOString(),
  }
}

/** Null where nothing was answered. */
export function averageResponseTime(figures: IntegrationFigures): number | null {
  const { responseMs, responseCount } = figures
  return responseCount === 0 ? null : rounded(responseMs / responseCount)
}

export function errorsOf(figures: IntegrationFigures): number {
  return figures.callErrors + figures.recordErrors + figures.eventErrors
}

function totalsOf(figures: IntegrationFigures) {
  return {
    total_api_calls: figures.apiCalls,
    total_webhooks: figures.webhooksReceived,
    total_bulk_jobs: figures.bulkJobsCreated,
    total_records: figures.recordsProcessed,
  }
}

function restOf(figures: IntegrationFigures) {
  return {
    total_errors: errorsOf(figures),
    avg_response_time: averageResponseTime(figures),
    p95_response_time: responseQuantile(figures.responseBuckets, 0.95),
    data_transferred_kb: rounded(figures.bytes / 1024),
  }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
