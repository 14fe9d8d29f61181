import { Hono } from 'hono'
import type { RealtimeFields } from '../../contracts/http/realtime.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createRealtimeAnalyticsQueries } from '../../db/realtime-analytics.ts'
import {
  createIntegrationMetricQueries,
  type IntegrationFigures,
} from '../../db/salesforce-integration-metrics.ts'
import { createWebhookEventLogQueries } from '../../db/webhook-event-log.ts'
import { averageResponseTime, errorsOf } from '../admin/admin-metrics.ts'
import type { ApiEnv } from '../dependencies.ts'
import { legacyJobBody } from '../legacy-job-body.ts'

const EVENTS_SHOWN = 50
const JOBS_SHOWN = 20

/** `GET /api/salesforce/analytics/realtime`: what goes on now, as callers of the replaced service know it. */
export function createRealtimeRoute() {
  return new Hono<ApiEnv>().get('/api/salesforce/analytics/realtime', async (c) => {
    const { database, workspaceId } = c.var
    const totals = await createRealtimeAnalyticsQueries(database).lastDay()
    const events = await createWebhookEventLogQueries(database).list({}, EVENTS_SHOWN, null)
    const jobs = await createBulkJobQueries(database).list({ workspaceId }, JOBS_SHOWN, 0)
    const today = new Date().toISOString().slice(0, 10)
    const [ofToday] = await createIntegrationMetricQueries(database).listDays({
      from: today,
      until: today,
    })
    const fields: RealtimeFields = {
      realtime_metrics: {
        last_24_hours: totals.map(({ metricType, total, events: times }) => ({
          ...{ metric_type: metricType, total_value: total, event_count: times },
        })),
        webhook_events: events.map((event) => ({
          event_type: event.eventType,
          object_type: event.objectType,
          change_type: event.changeType,
          created_at: event.createdAt.toISOString(),
        })),
        bulk_jobs: jobs.map((job) => {
          const { job_id, operation, object_type, status, ...body } = legacyJobBody(job)
          const { total_records, successful_records, created_at } = body
          return {
            ...{ job_id, operation, object_type, status },
            ...{ total_records, successful_records, created_at },
          }
        }),
        daily_integration_metrics: ofToday === undefined ? {} : dailyFigures(ofToday),
      },
      generated_at: new Date().toISOString(),
    }
    return c.json({ ok: true, ...fields, data: fields })
  })
}

function dailyFigures(figures: IntegrationFigures) {
  return {
    api_calls: figures.apiCalls,
    webhooks_received: figures.webhooksReceived,
    bulk_jobs_created: figures.bulkJobsCreated,
    records_processed: figures.recordsProcessed,
    errors_count: errorsOf(figures),
    avg_response_time: averageResponseTime(figures),
  }
}
