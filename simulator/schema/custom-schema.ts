import { z } from 'zod'

/** Names that administrators give end in `__c`, which callers may leave to the org. */
const customName = z
  .string()
  .regex(
    /^[A-Za-z](?:_?[A-Za-z0-9])*(?:__c)?$/,
    'must begin with a letter, hold letters, digits and single underscores only, and not end in one',
  )
  .max(43)
  .transform((name) => (name.endsWith('__c') ? name : `${name}__c`))

const base = {
  name: customName,
  label: z.string().min(1).max(40).optional(),
  required: z.boolean().default(false),
}
const key = {
  unique: z.boolean().default(false),
  externalId: z.boolean().default(false),
}
const digits = {
  /** Digits in all, and of them after the point. */
  precision: z.int().min(1).max(18).default(18),
  scale: z.int().min(0).max(17).default(0),
}
const values = z.array(z.string().min(1).max(255)).max(1_000)
const childRelationshipName = z
  .string()
  .regex(/^[A-Za-z](?:_?[A-Za-z0-9])*(?:__r)?$/)
  .transform((name) => (name.endsWith('__r') ? name : `${name}__r`))
  .optional()

/** A field that is added while the org runs, or at its start. */
export const customFieldSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('text'),
    length: z.int().min(1).max(255).default(255),
    /** For unique fields: whether `a` and `A` are two values. */
    caseSensitive: z.boolean().default(false),
    default: z.string().optional(),
    ...base,
    ...key,
  }),
  z.strictObject({
    type: z.literal('longText'),
    length: z.int().min(256).max(131_072).default(32_768),
    ...base,
  }),
  z.strictObject({
    type: z.literal('number'),
    default: z.number().optional(),
    ...base,
    ...key,
    ...digits,
  }),
  z.strictObject({
    type: z.literal('currency'),
    default: z.number().optional(),
    ...base,
    ...digits,
  }),
  z.strictObject({
    type: z.literal('percent'),
    default: z.number().optional(),
    ...base,
    ...digits,
  }),
  z.strictObject({ type: z.literal('checkbox'), default: z.boolean().default(false), ...base }),
  z.strictObject({ type: z.literal('date'), ...base }),
  z.strictObject({ type: z.literal('datetime'), ...base }),
  z.strictObject({ type: z.literal('time'), ...base }),
  z.strictObject({ type: z.literal('email'), ...base, ...key }),
  z.strictObject({ type: z.literal('phone'), ...base }),
  z.strictObject({ type: z.literal('url'), ...base }),
  z.strictObject({
    type: z.literal('picklist'),
    values: values.min(1),
    restricted: z.boolean().default(true),
    default: z.string().optional(),
    ...base,
  }),
  z.strictObject({
    type: z.literal('multipicklist'),
    values: values.min(1),
    restricted: z.boolean().default(true),
    ...base,
  }),
  z.strictObject({
    type: z.literal('lookup'),
    to: z.string(),
    childRelationshipName,
    /** What a delete of the parent does to the lookup: empties it, or is refused. */
    onDelete: z.enum(['clear', 'restrict']).default('clear'),
    ...base,
  }),
  z.strictObject({
    type: z.literal('masterDetail'),
    to: z.string(),
    childRelationshipName,
    ...base,
    required: z.literal(true).default(true),
    /** Whether a child may go to another parent. */
    reparentable: z.boolean().default(false),
  }),
  z.strictObject({
    type: z.literal('autoNumber'),
    format: z.string().regex(/^[^{}]*\{0+\}[^{}]*$/, 'must hold one number such as {0000}'),
    externalId: z.boolean().default(false),
    ...base,
    required: z.literal(false).default(false),
  }),
])
export type CustomField = z.infer<typeof customFieldSchema>

/** An object that is added while the org runs, or at its start. */
export const customObjectSchema = z.strictObject({
  name: customName,
  label: z.string().min(1).max(40).optional(),
  labelPlural: z.string().min(1).max(40).optional(),
  /** A text that callers give, or a number that the org gives. */
  nameField: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('text'), label: z.string().max(40).optional() }),
      z.strictObject({
        type: z.literal('autoNumber'),
        label: z.string().max(40).optional(),
        format: z.string().regex(/^[^{}]*\{0+\}[^{}]*$/, 'must hold one number such as {0000}'),
      }),
    ])
    .default({ type: 'text' }),
  fields: z.array(customFieldSchema).default([]),
})
export type CustomObject = z.infer<typeof customObjectSchema>

/** Fields that an object of every org gets. */
const extendedObjectSchema = z.strictObject({
  name: z.string(),
  fields: z.array(customFieldSchema).min(1),
})

/** The file that an org is started with. */
export const schemaFileSchema = z.strictObject({
  /** New objects. */
  objects: z.array(customObjectSchema).default([]),
  /** New fields of objects that are there anyway. */
  extend: z.array(extendedObjectSchema).default([]),
})
export type SchemaFile = z.infer<typeof schemaFileSchema>
/** The file as it is written: what has a default may be left out. */
export type SchemaFileInput = z.input<typeof schemaFileSchema>

/** What may be changed about a picklist. */
export const picklistChangeSchema = z.strictObject({
  values: values.min(1).optional(),
  restricted: z.boolean().optional(),
  default: z.string().nullable().optional(),
})
export type PicklistChange = z.infer<typeof picklistChangeSchema>
