import { z } from '@hono/zod-openapi'
import { LegacyStatusSchema } from './legacy-bulk-jobs.ts'

const time = z.iso.datetime()
const count = z.int().min(0)

const metrics = z.object({
  last_24_hours: z.array(
    z.object({ metric_type: z.string(), total_value: z.number(), event_count: count }),
  ),
  webhook_events: z.array(
    z.object({
      event_type: z.string(),
      object_type: z.string(),
      change_type: z.string(),
      created_at: time,
    }),
  ),
  bulk_jobs: z.array(
    z.object({
      job_id: z.string(),
      operation: z.string(),
      object_type: z.string(),
      status: LegacyStatusSchema,
      total_records: count,
      successful_records: count,
      created_at: time,
    }),
  ),
  daily_integration_metrics: z
    .object({
      api_calls: count,
      webhooks_received: count,
      bulk_jobs_created: count,
      records_processed: count,
      errors_count: count,
      avg_response_time: z.number().nullable(),
    })
    .partial()
    .openapi({
      description:
        'Figures of today (UTC), added up every five minutes; empty until there are any.',
    }),
})

const realtime = { realtime_metrics: metrics, generated_at: time }
export const RealtimeSchema = z
  .object({ ok: z.literal(true), ...realtime, data: z.object(realtime) })
  .openapi('RealtimeAnalytics')
export type RealtimeFields = z.infer<z.ZodObject<typeof realtime>>

export const RealtimeQuerySchema = z.object({
  user_id: z.string().optional().openapi({ description: 'Taken and not looked at.' }),
})
