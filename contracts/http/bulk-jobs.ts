import { z } from '@hono/zod-openapi'
import { BULK_JOB_STATES, BULK_OPERATIONS, LEGACY_MAX_RECORDS, ROW_OUTCOMES } from '../bulk-job.ts'
import { JobWarningSchema } from './metadata.ts'

/** Names that end up in the database and in logs: no control characters. */
const name = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .refine((text) => !/\p{Cc}/u.test(text), 'holds a control character')

const time = z.iso.datetime()
const count = z.int().min(0)

export const BulkOperationSchema = z.preprocess(
  (value) => (value === 'hardDelete' ? 'hard_delete' : value),
  z.enum(BULK_OPERATIONS),
)

/** What a job writes, as query parameters of a streamed body. */
export const BulkJobTargetSchema = z.strictObject({
  object: name(80).openapi({ description: 'API name of the object.', example: 'Account' }),
  operation: BulkOperationSchema.openapi({
    type: 'string',
    enum: [...BULK_OPERATIONS],
    example: 'insert',
  }),
  external_id_field: name(160)
    .optional()
    .openapi({ description: 'Needed for an upsert.', example: 'External_Id__c' }),
  correlation_field: name(160).optional().openapi({
    description:
      'An external-id text field whose values are unique within the job. It makes the outcome of every inserted row certain.',
  }),
  connection_id: name(200).optional().openapi({
    description: 'The org that is written to. Absent: the default connection.',
  }),
})
export type BulkJobTarget = z.infer<typeof BulkJobTargetSchema>

export const CreateBulkJobSchema = BulkJobTargetSchema.extend({
  records: z
    .array(z.unknown())

    .openapi({
      type: 'array',
      items: { type: 'object' },
      minItems: 1,
      maxItems: LEGACY_MAX_RECORDS,
      description:
        'Field names to values. null or "" clears a field, an absent one is left alone; {"Owner": {"Email": "…"}} names a record by relationship. The text #N/A is refused.',
    }),
}).openapi('CreateBulkJob')

export const OutcomeCountsSchema = z
  .object({
    total: count,
    success: count,
    failed: count,
    unprocessed: count,
    unknown: count,
  })
  .openapi('OutcomeCounts')

export const BulkJobSchema = z
  .object({
    id: z
      .string()
      .openapi({ example: 'bulk_job_account_insert_019a1f6e-6f0e-7c1a-8a53-2f4f1a5d9c11' }),
    object: z.string(),
    operation: z.enum(BULK_OPERATIONS),
    connection_id: z.string(),
    external_id_field: z.string().nullable(),
    correlation_field: z.string().nullable(),
    state: z.enum(BULK_JOB_STATES).exclude(['Staging']),
    wish: z.enum(['run', 'pause', 'cancel']).openapi({ description: 'What was asked of the job.' }),
    counts: OutcomeCountsSchema,
    progress: z.object({
      rows: count.openapi({ description: 'Rows that Salesforce has been through.' }),
      rate: z.number().nullable().openapi({ description: 'Rows a second since the start.' }),
      eta_seconds: z.number().nullable(),
      reason: z.string().nullable().openapi({ description: 'Why rate or ETA is null.' }),
    }),
    blocked: z
      .object({ reason: z.string(), detail: z.string(), remedy: z.string(), since: time })
      .nullable(),
    waiting_for: z.string().nullable().openapi({
      description: 'What new loads of a job in progress wait for; it goes on by itself.',
    }),
    error_details: z.unknown().nullable(),
    checked: z.boolean().openapi({
      description: 'Whether the rows were checked against the object. If not, the first step does.',
    }),
    columns: z.array(z.string()),
    warnings: z.array(JobWarningSchema).optional().openapi({
      description:
        'What changed in the object under the job, from its creation to its end. Only in the answer for one job.',
    }),
    retry_of: z.string().nullable(),
    created_at: time,
    started_at: time.nullable(),
    updated_at: time,
    completed_at: time.nullable(),
    purged_at: time.nullable(),
    links: z.object({
      self: z.string(),
      batches: z.string(),
      loads: z.string(),
      results: z.string(),
      retry_of: z.string().nullable(),
      temporal_ui: z.string().nullable(),
    }),
  })
  .openapi('BulkJob')
export type BulkJobBody = z.infer<typeof BulkJobSchema>

export const BulkJobListQuerySchema = z.strictObject({
  state: z.enum(BULK_JOB_STATES).exclude(['Staging']).optional(),
  object: name(80).optional(),
  operation: BulkOperationSchema.optional().openapi({ type: 'string', enum: [...BULK_OPERATIONS] }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(25)
    .openapi({ type: 'integer', minimum: 1, maximum: 200 }),
  cursor: z.string().max(500).optional(),
})

export const BulkJobListSchema = z
  .object({ jobs: z.array(BulkJobSchema), next_cursor: z.string().nullable() })
  .openapi('BulkJobList')

export const PageQuerySchema = z.strictObject({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(100)
    .openapi({ type: 'integer', minimum: 1, maximum: 1_000 }),
  cursor: z.string().max(500).optional(),
})

export const BulkJobBatchListSchema = z
  .object({
    batches: z.array(
      z.object({
        batch_number: count,
        first_row: count,
        row_count: count,
        settled: count,
        counts: OutcomeCountsSchema,
        error_codes: z.record(z.string(), count).nullable(),
      }),
    ),
    next_cursor: z.string().nullable(),
  })
  .openapi('BulkJobBatchList')
export type BulkJobBatchList = z.infer<typeof BulkJobBatchListSchema>

export const BulkJobLoadListSchema = z
  .object({
    loads: z.array(
      z.object({
        load_number: count,
        state: z.string(),
        salesforce_job_id: z.string().nullable(),
        salesforce_state: z.string().nullable(),
        records_processed: count,
        records_failed: count,
        error: z.string().nullable(),
      }),
    ),
    truncated: z.boolean(),
  })
  .openapi('BulkJobLoadList')
export type BulkJobLoadList = z.infer<typeof BulkJobLoadListSchema>

export const ResultsQuerySchema = z.strictObject({
  outcome: z.enum(ROW_OUTCOMES).optional().openapi({ description: 'Absent: all rows.' }),
})

/** What every result row begins with; the columns of the input follow. */
export const RESULT_COLUMNS = [
  'row_number',
  'outcome',
  'salesforce_id',
  'created',
  'error_code',
  'error_message',
  'error_fields',
  'retryable',
  'upstream_job_id',
] as const

export const ResultRowSchema = z
  .object({
    row_number: count,
    outcome: z.enum(ROW_OUTCOMES),
    salesforce_id: z.string().nullable(),
    created: z.boolean().nullable(),
    error_code: z.string().nullable(),
    error_message: z.string().nullable(),
    error_fields: z.array(z.string()),
    retryable: z.boolean(),
    upstream_job_id: z.string().nullable(),
    record: z.record(z.string(), z.string().nullable()),
  })
  .openapi('ResultRow')
export type ResultRow = z.infer<typeof ResultRowSchema>

const confirm = z.literal('may_duplicate').optional().openapi({
  description:
    'Needed to send rows of an insert again of which Salesforce may still make, or may have made, a record.',
})

/** Row numbers are kept in four bytes. */
const MOST_ROWS = 2_147_483_647

export const CorrectedRowSchema = z.strictObject({
  // A body that holds a long number elsewhere comes with all its numbers as text.
  row_number: z.coerce
    .number()
    .int()
    .min(1)
    .max(MOST_ROWS)
    .openapi({ type: 'integer', minimum: 1, maximum: MOST_ROWS }),
  record: z.record(z.string(), z.unknown()),
})

export const RetryBulkJobSchema = z
  .strictObject({
    rows: z
      .union([
        z.enum(['retryable', 'failed']),
        z.array(CorrectedRowSchema).min(1).max(LEGACY_MAX_RECORDS),
      ])
      .openapi({
        description:
          'All retryable rows, all rows that did not succeed, or corrected rows: each `record` replaces the row as a whole.',
      }),
    confirm,
  })
  .openapi('RetryBulkJob')
export type RetryBulkJob = z.infer<typeof RetryBulkJobSchema>
