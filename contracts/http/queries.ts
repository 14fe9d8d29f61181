import { z } from '@hono/zod-openapi'
import { BULK_QUERY_STATES } from '../bulk-query.ts'
import { plainText } from './plain-text.ts'

const time = z.iso.datetime()
const count = z.int().min(0)

/** Salesforce gives pages of 200 to 2,000 records. */
const MOST_PAGE = 2_000
const LONGEST_SOQL = 100_000

const parts = {
  fields: z
    .array(z.string().min(1).max(700))
    .min(1)
    .max(800)
    .optional()
    .openapi({
      description:
        'Fields, also of parents up to five away. Absent: Id, Name and CreatedDate, as far as the object has them.',
      example: ['Id', 'Name', 'Owner.Email'],
    }),
  where: z.string().max(LONGEST_SOQL).optional().openapi({
    description: 'The condition, as after WHERE in SOQL.',
    example: "Industry = 'Energy' AND CreatedDate = LAST_N_DAYS:30",
  }),
  order_by: z
    .array(
      z.strictObject({
        field: z.string().min(1).max(700),
        direction: z.enum(['asc', 'desc']).default('asc'),
        nulls: z.enum(['first', 'last']).optional(),
      }),
    )
    .max(32)
    .optional(),
}

const connection = plainText(200)
  .optional()
  .openapi({ description: 'The org that is asked. Absent: the default connection.' })

export const ObjectQuerySchema = z
  .strictObject({
    ...parts,
    limit: z.int().min(1).max(2_000).optional().openapi({
      description: 'Records in all. Absent: all of them, page by page.',
    }),
    offset: z.int().min(0).max(2_000).default(0),
    page_size: z.int().min(200).max(MOST_PAGE).optional().openapi({
      description: 'Records of a page. Salesforce takes it as a hint.',
    }),
    connection_id: connection,
    cursor: z.string().max(500).optional().openapi({
      description:
        'The `next_cursor` of the page before; nothing else may stand beside it. Good for an hour.',
    }),
  })
  .openapi('ObjectQuery')

const records = z.array(z.record(z.string(), z.unknown())).openapi({
  description: 'As Salesforce gives them, with their `attributes`.',
})

export const ObjectQueryAnswerSchema = z
  .object({
    object: z.string(),
    records,
    total_size: count.openapi({ description: 'Records that match, over all pages.' }),
    done: z.boolean(),
    next_cursor: z.string().nullable(),
    query: z.string().nullable().openapi({
      description: 'The SOQL that was sent. Null on later pages.',
    }),
  })
  .openapi('ObjectQueryAnswer')
export type ObjectQueryAnswer = z.infer<typeof ObjectQueryAnswerSchema>

/** Documents the body; it is read field by field, since each fault has a code of its own. */
export const LegacyObjectQuerySchema = z
  .object({
    user_id: z.union([z.string().min(1).max(255), z.number()]),
    fields: z
      .array(z.string())
      .optional()
      .openapi({ example: ['Id', 'Name'] }),
    where_clause: z.string().nullable().optional().openapi({ example: "Name LIKE 'A%'" }),
    limit: z.int().min(1).max(2_000).default(25),
    offset: z.int().min(0).max(2_000).default(0),
  })
  .openapi('LegacyObjectQuery')

const found = {
  records,
  total_size: count,
  done: z.boolean(),
  query: z.string(),
  limit: z.int(),
  offset: z.int(),
}
export const LegacyObjectQueryAnswerSchema = z
  .object({ ok: z.literal(true), ...found, data: z.object(found) })
  .openapi('LegacyObjectQueryAnswer')
export type LegacyObjectQueryFields = z.infer<z.ZodObject<typeof found>>

/** A durable query: of parts, or as SOQL. */
export const CreateQuerySchema = z
  .strictObject({
    object: plainText(100).optional().openapi({ example: 'Account' }),
    ...parts,
    limit: z.int().min(1).max(999_999_999).optional(),
    soql: z.string().min(1).max(LONGEST_SOQL).optional().openapi({
      description:
        'The whole query instead of its parts: SELECT fields FROM object WHERE … ORDER BY … LIMIT ….',
    }),
    include_deleted: z
      .boolean()
      .default(false)
      .openapi({ description: 'Deleted and archived records too.' }),
    connection_id: connection,
  })
  .openapi('CreateQuery')
export type CreateQuery = z.infer<typeof CreateQuerySchema>

export const QuerySchema = z
  .object({
    id: z.string().openapi({ example: 'query_019a1f6e-6f0e-7c1a-8a53-2f4f1a5d9c11' }),
    object: z.string(),
    connection_id: z.string(),
    state: z.enum(BULK_QUERY_STATES),
    cancel_asked: z.boolean(),
    query: z.string().openapi({ description: 'The SOQL that is sent.' }),
    columns: z.array(z.object({ name: z.string(), type: z.string() })),
    include_deleted: z.boolean(),
    progress: z.object({
      salesforce_job_id: z.string().nullable(),
      records_processed: count.openapi({ description: 'As Salesforce counts while it works.' }),
      records: count.openapi({ description: 'Records that are kept here.' }),
      pages: count,
      stored_bytes: count,
    }),
    blocked: z
      .object({ reason: z.string(), detail: z.string(), remedy: z.string(), since: time })
      .nullable(),
    error: z.object({ code: z.string(), detail: z.string().nullable() }).nullable(),
    created_at: time,
    started_at: time.nullable(),
    completed_at: time.nullable(),
    purged_at: time
      .nullable()
      .openapi({ description: 'When its results were removed. The query itself stays.' }),
    links: z.object({
      self: z.string(),
      results: z.string(),
      temporal_ui: z.string().nullable(),
    }),
  })
  .openapi('Query')
export type QueryBody = z.infer<typeof QuerySchema>

export const QueryListQuerySchema = z.strictObject({
  state: z.enum(BULK_QUERY_STATES).optional(),
  object: plainText(100).optional(),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(25)
    .openapi({ type: 'integer', minimum: 1, maximum: 200 }),
  cursor: z.string().max(500).optional(),
})

export const QueryListSchema = z
  .object({ queries: z.array(QuerySchema), next_cursor: z.string().nullable() })
  .openapi('QueryList')

export const QUERY_FORMATS = ['csv', 'ndjson'] as const
export const QueryResultsQuerySchema = z.strictObject({
  format: z.enum(QUERY_FORMATS).optional().openapi({ description: 'Goes before Accept.' }),
})
