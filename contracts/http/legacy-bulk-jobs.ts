import { z } from '@hono/zod-openapi'
import { LEGACY_MAX_RECORDS } from '../bulk-job.ts'

/** The routes under /api/salesforce/bulk, as callers of the replaced service know them. */

const STATUSES = [
  'Queued',
  'InProgress',
  'Completed',
  'CompletedWithErrors',
  'Failed',
  'Aborted',
] as const
export const LegacyStatusSchema = z.enum(STATUSES)

const time = z.iso.datetime()
const count = z.int().min(0)

/** Some callers send their ids as numbers. */
const callerText = (longest: number) => z.union([z.string().min(1).max(longest), z.number()])

const optionalCallerText = z.union([z.string().max(160), z.number(), z.null()]).optional()

/** Documents the body; it is read field by field, since each fault has a code of its own. */
export const LegacyCreateBodySchema = z
  .object({
    user_id: callerText(255),
    operation: z.enum(['insert', 'update', 'upsert', 'delete', 'hard_delete', 'hardDelete']),
    object_type: callerText(80).openapi({ example: 'Account' }),
    data: z
      .array(z.record(z.string(), z.unknown()))
      .min(1)
      .max(LEGACY_MAX_RECORDS)
      .openapi({ example: [{ Name: 'Acme' }] }),
    external_id_field: optionalCallerText,
    correlation_field: optionalCallerText,
  })
  .openapi('LegacyCreateBulkJob')

const created = {
  job_id: z.string(),
  operation: z.string(),
  object_type: z.string(),
  status: LegacyStatusSchema,
  total_records: count,
  results: z.object({
    successful_records: count,
    failed_records: count,
    errors: z.array(z.unknown()),
    batches_processed: count,
  }),
  message: z.string(),
}
export const LegacyCreatedSchema = z
  .object({ ok: z.literal(true), ...created, data: z.object(created) })
  .openapi('LegacyBulkJobCreated')
export type LegacyCreatedFields = z.infer<z.ZodObject<typeof created>>

export const LegacyJobSchema = z
  .object({
    job_id: z.string(),
    operation: z.string(),
    object_type: z.string(),
    status: LegacyStatusSchema,
    state_detail: z
      .string()
      .nullable()
      .openapi({ description: 'Why a job in progress stands still.' }),
    total_records: count,
    successful_records: count,
    failed_records: count,
    unprocessed_records: count,
    unknown_records: count,
    created_at: time,
    completed_at: time.nullable(),
    completed_date: time.nullable(),
  })
  .openapi('LegacyBulkJob')
export type LegacyJob = z.infer<typeof LegacyJobSchema>

export const LegacyBatchSchema = z
  .object({
    batch_id: z.int(),
    job_id: z.string(),
    batch_number: z.int(),
    successful_records: count,
    failed_records: count,
    error_details: z.unknown().nullable(),
    created_at: time,
  })
  .openapi('LegacyBulkJobBatch')

const found = { job: LegacyJobSchema, batches: z.array(LegacyBatchSchema) }
export const LegacyJobFoundSchema = z
  .object({ ok: z.literal(true), ...found, data: z.object(found) })
  .openapi('LegacyBulkJobFound')
export type LegacyFoundFields = z.infer<z.ZodObject<typeof found>>

const listed = {
  jobs: z.array(LegacyJobSchema),
  total_count: count,
  limit: z.int(),
  offset: z.int(),
}
export const LegacyJobListSchema = z
  .object({ ok: z.literal(true), ...listed, data: z.object(listed) })
  .openapi('LegacyBulkJobList')
export type LegacyListFields = z.infer<z.ZodObject<typeof listed>>

export const LegacyListQuerySchema = z.object({
  user_id: z.string().min(1),
  // Existing callers send it empty where they mean all.
  status: z.union([LegacyStatusSchema, z.literal('')]).optional(),
  limit: z.int().min(1).max(200).optional().openapi({ default: 25 }),
  offset: z.int().min(0).optional().openapi({ default: 0 }),
})

export const HealthSchema = z
  .object({ status: z.literal('healthy'), timestamp: time })
  .openapi('Health')
