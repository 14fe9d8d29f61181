import { z } from '@hono/zod-openapi'
import { ChildRelationshipSchema } from './metadata.ts'

/** The routes under /api/salesforce/custom-objects, as callers of the replaced service know them. */

const time = z.iso.datetime()

export const LegacyCustomObjectQuerySchema = z.object({
  user_id: z.string().min(1),
  cache: z
    .enum(['true', 'false'])
    .default('true')
    .openapi({ description: '`false` asks Salesforce.' }),
})

const listed = z.object({
  name: z.string().openapi({ example: 'Invoice__c' }),
  label: z.string(),
  label_plural: z.string(),
  custom: z.boolean(),
  queryable: z.boolean(),
  createable: z.boolean(),
  updateable: z.boolean(),
  deletable: z.boolean(),
  retrieveable: z.boolean(),
})
export type LegacyCustomObject = z.infer<typeof listed>

const list = {
  custom_objects: z.array(listed),
  total_count: z.int(),
  cached: z.boolean(),
  as_of: time.openapi({ description: 'When Salesforce said so.' }),
  expires_at: time.openapi({ description: 'Until when it is answered from the cache.' }),
  message: z.string(),
}
export const LegacyCustomObjectListSchema = z
  .object({ ok: z.literal(true), ...list, data: z.object(list) })
  .openapi('LegacyCustomObjectList')
export type LegacyCustomObjectListFields = z.infer<z.ZodObject<typeof list>>

const field = z.object({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  length: z.int(),
  precision: z.int(),
  scale: z.int(),
  createable: z.boolean(),
  updateable: z.boolean(),
  nillable: z.boolean(),
  defaulted_on_create: z.boolean(),
  auto_number: z.boolean(),
  formula: z.string().nullable(),
  help_text: z.string().nullable(),
  picklist_values: z.array(z.object({ value: z.string(), label: z.string(), active: z.boolean() })),
})

const found = {
  custom_object: z.object({
    name: z.string(),
    label: z.string(),
    label_plural: z.string(),
    description: z.null().openapi({ description: 'A describe of Salesforce holds none.' }),
    is_custom: z.boolean(),
    key_prefix: z.string().nullable(),
    fields: z.array(field),
    child_relationships: z.array(ChildRelationshipSchema),
    createable: z.boolean(),
    updateable: z.boolean(),
    deletable: z.boolean(),
    queryable: z.boolean(),
  }),
  as_of: time,
  message: z.string(),
}
export const LegacyCustomObjectSchema = z
  .object({ ok: z.literal(true), ...found, data: z.object(found) })
  .openapi('LegacyCustomObject')
export type LegacyCustomObjectFields = z.infer<z.ZodObject<typeof found>>
