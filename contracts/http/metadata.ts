import { z } from '@hono/zod-openapi'
import { METADATA_CHANGE_KINDS } from '../metadata.ts'
import { plainText } from './plain-text.ts'

const time = z.iso.datetime()
const count = z.int().min(0)
const limit = z.coerce
  .number()
  .int()
  .min(1)
  .max(1_000)
  .default(100)
  .openapi({ type: 'integer', minimum: 1, maximum: 1_000 })
const cursor = z.string().max(500).optional()
const connectionId = plainText(200)
  .optional()
  .openapi({ description: 'Of which org. Absent: the default connection.' })

const summary = {
  name: z.string().openapi({ example: 'Account' }),
  label: z.string(),
  label_plural: z.string(),
  key_prefix: z.string().nullable(),
  custom: z.boolean(),
  createable: z.boolean(),
  updateable: z.boolean(),
  deletable: z.boolean(),
  queryable: z.boolean(),
  retrieveable: z.boolean(),
}

const asOf = time.openapi({ description: 'When Salesforce said so.' })

export const ObjectListQuerySchema = z.strictObject({
  connection_id: connectionId,
  q: plainText(100).optional().openapi({ description: 'Part of a name or a label.' }),
  custom: z
    .enum(['true', 'false'])
    .optional()
    .openapi({ description: 'Custom objects only, or the others only.' }),
  limit,
  cursor,
})

export const ObjectListSchema = z
  .object({
    objects: z.array(z.object({ ...summary, first_seen_at: time })),
    next_cursor: z.string().nullable(),
    as_of: asOf,
  })
  .openapi('ObjectList')
export type ObjectListBody = z.infer<typeof ObjectListSchema>

export const ObjectQuerySchema = z.strictObject({ connection_id: connectionId })

export const FieldSchema = z
  .object({
    name: z.string().openapi({ example: 'Industry' }),
    label: z.string(),
    type: z.string().openapi({ example: 'picklist' }),
    length: count,
    precision: count,
    scale: count,
    digits: count,
    custom: z.boolean(),
    createable: z.boolean(),
    updateable: z.boolean(),
    nillable: z.boolean(),
    defaulted_on_create: z.boolean(),
    external_id: z.boolean(),
    id_lookup: z.boolean(),
    unique: z.boolean(),
    case_sensitive: z.boolean(),
    name_field: z.boolean(),
    auto_number: z.boolean(),
    calculated: z.boolean(),
    formula: z.string().nullable(),
    help_text: z.string().nullable(),
    filterable: z.boolean(),
    groupable: z.boolean(),
    aggregatable: z.boolean(),
    sortable: z.boolean(),
    restricted_picklist: z.boolean(),
    picklist_values: z.array(
      z.object({ value: z.string(), label: z.string(), active: z.boolean() }),
    ),
    reference_to: z.array(z.string()),
    relationship_name: z.string().nullable(),
  })
  .openapi('ObjectField')

export const ChildRelationshipSchema = z
  .object({
    field: z.string(),
    relationship_name: z.string().nullable(),
    child_sobject: z.string(),
    cascade_delete: z.boolean(),
    restricted_delete: z.boolean(),
  })
  .openapi('ChildRelationship')

export const ObjectSchema = z
  .object({
    ...summary,
    fields: z.array(FieldSchema),
    child_relationships: z.array(ChildRelationshipSchema),
    as_of: asOf,
    links: z.object({ self: z.string(), types: z.string(), changes: z.string() }),
  })
  .openapi('Object')
export type ObjectBody = z.infer<typeof ObjectSchema>

export const MetadataChangeQuerySchema = z.strictObject({
  connection_id: plainText(200).optional(),
  object: plainText(80).optional(),
  kind: z.enum(METADATA_CHANGE_KINDS).optional(),
  limit,
  cursor,
})

const facts = z.record(z.string(), z.unknown()).nullable()

export const MetadataChangeSchema = z
  .object({
    id: z.string(),
    connection_id: z.string(),
    kind: z.enum(METADATA_CHANGE_KINDS),
    object: z.string(),
    field: z.string().nullable(),
    before: facts,
    after: facts,
    noticed_at: time.openapi({ description: 'It happened some time since the look before.' }),
  })
  .openapi('MetadataChange')
export type MetadataChangeBody = z.infer<typeof MetadataChangeSchema>

export const MetadataChangeListSchema = z
  .object({ changes: z.array(MetadataChangeSchema), next_cursor: z.string().nullable() })
  .openapi('MetadataChangeList')

export const MetadataRefreshSchema = z
  .object({
    connection_id: z.string(),
    state: z.enum(['idle', 'running', 'completed', 'stopped', 'failed']),
    progress: z.object({ objects: count, total: count, calls: count, changes: count }),
    error: z.string().nullable(),
    started_at: time.nullable(),
    ended_at: time.nullable(),
    baseline_at: time.nullable().openapi({
      description: 'The end of the first look that saw all. Changes are told from then on.',
    }),
    as_of: time.nullable().openapi({ description: 'Of the list of objects.' }),
    scheduled_every: z.int().nullable().openapi({ description: 'Seconds; null: by hand only.' }),
    links: z.object({ self: z.string(), changes: z.string(), temporal_ui: z.string().nullable() }),
  })
  .openapi('MetadataRefresh')
export type MetadataRefreshBody = z.infer<typeof MetadataRefreshSchema>

/** Something that changed under a job while it ran. */
export const JobWarningSchema = z
  .object({
    code: z.enum(['object_removed', 'field_removed', 'field_type_changed']),
    field: z.string().nullable(),
    message: z.string(),
    noticed_at: time,
    change_id: z.string(),
  })
  .openapi('JobWarning')
export type JobWarning = z.infer<typeof JobWarningSchema>
