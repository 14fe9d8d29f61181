import { z } from '@hono/zod-openapi'

/** The routes under /api/salesforce/admin, as callers of the replaced service know them. */

const time = z.iso.datetime()
const count = z.int().min(0)
const age = z.number().min(0).nullable()
const day = z.iso.date()

const poolUse = z.object({ in_use: count, idle: count, waiting: count })

const health = {
  provider: z.literal('salesforce_enhanced'),
  version: z.literal('1.0'),
  phase: z.literal('phase1'),
  features: z.object({
    webhooks: z.boolean(),
    bulk_api: z.boolean(),
    custom_objects: z.boolean(),
    enhanced_analytics: z.boolean(),
  }),
  database: z.enum(['connected', 'disconnected', 'error']),
  configuration: z.enum(['valid', 'missing_webhook_secret']),
  timestamp: time,
  temporal: z.enum(['up', 'down']),
  pool: poolUse.openapi({
    description: 'Connections of this process to Postgres; `waiting` are callers that want one.',
  }),
  quota: z
    .array(
      z.object({
        connection_id: z.string(),
        used: count,
        limit: count,
        left: count,
        as_of: time,
      }),
    )
    .nullable()
    .openapi({
      description:
        'API calls of each org in 24 hours, as Salesforce said last. Null where the database does not answer.',
    }),
  queue_ages: z
    .object({
      events: age,
      deliveries: age,
      workflow_starts: age,
      notifications: age,
      rollups: age,
    })
    .nullable()
    .openapi({ description: 'Seconds that the oldest has waited; null where nothing waits.' }),
  synchronisation_lag: z
    .object({ seconds: age, reason: z.string().nullable() })
    .openapi({ description: 'How far what is mirrored of the orgs is behind.' }),
}
export const AdminHealthSchema = z
  .object({ ok: z.literal(true), ...health, data: z.object(health) })
  .openapi('AdminHealth')
export type AdminHealthFields = z.infer<z.ZodObject<typeof health>>

export const AdminMetricsQuerySchema = z.object({
  date_from: day.optional().openapi({ description: 'Default: 30 days before date_to.' }),
  date_to: day.optional().openapi({ description: 'Default: today. Days are those of UTC.' }),
})

const totals = {
  total_api_calls: count,
  total_webhooks: count,
  total_bulk_jobs: count,
}
const response = {
  avg_response_time: z.number().nullable().openapi({
    description: 'Milliseconds until Salesforce answered, over all calls; null without any.',
  }),
  p95_response_time: z.number().nullable().openapi({
    description:
      'The bound in milliseconds that 95 % of the answers came within, of a fixed list of bounds; null without any, or where they were slower than the last bound.',
  }),
}
const metrics = {
  period: z.object({ from: day, to: day }),
  daily_metrics: z.array(
    z.object({
      metric_date: day,
      ...totals,
      total_records: count,
      total_errors: count,
      ...response,
      data_transferred_kb: z.number(),
    }),
  ),
  top_users: z.array(z.object({ user_id: z.string(), ...totals, total_records: count })),
  unattributed: z
    .object({ ...totals, total_records: count })
    .openapi({ description: 'What nobody is named for.' }),
  totals: z.object({
    ...totals,
    total_records: count,
    total_errors: count,
    ...response,
    data_transferred_kb: z.number(),
  }),
  error_breakdown: z.array(
    z.object({
      metric_date: day,
      daily_errors: count,
      call_errors: count,
      record_errors: count,
      event_errors: count,
    }),
  ),
  as_of: time.nullable().openapi({
    description: 'When the latest day was added up; null before the first time.',
  }),
  generated_at: time,
}
export const AdminMetricsSchema = z
  .object({ ok: z.literal(true), ...metrics, data: z.object(metrics) })
  .openapi('AdminMetrics')
export type AdminMetricsFields = z.infer<z.ZodObject<typeof metrics>>

const cleanup = { message: z.string(), records_cleaned: count, timestamp: time }
export const AdminCleanupSchema = z
  .object({ ok: z.literal(true), ...cleanup, data: z.object(cleanup) })
  .openapi('AdminCleanup')
export type AdminCleanupFields = z.infer<z.ZodObject<typeof cleanup>>
