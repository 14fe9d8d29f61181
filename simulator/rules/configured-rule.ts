import { z } from 'zod'

const name = z.string().min(1).max(80)
const value = z.union([z.string(), z.number(), z.boolean()])

/** What a field of the record to be saved is compared with. */
const conditionSchema = z.discriminatedUnion('is', [
  z.strictObject({ field: name, is: z.literal('equals'), value }),
  z.strictObject({ field: name, is: z.literal('notEquals'), value }),
  z.strictObject({
    field: name,
    is: z.literal('lessThan'),
    value: z.union([z.string(), z.number()]),
  }),
  z.strictObject({
    field: name,
    is: z.literal('greaterThan'),
    value: z.union([z.string(), z.number()]),
  }),
  z.strictObject({ field: name, is: z.literal('matches'), value: z.string() }),
  z.strictObject({ field: name, is: z.literal('isBlank') }),
  z.strictObject({ field: name, is: z.literal('isNotBlank') }),
  z.strictObject({ field: name, is: z.literal('isChanged') }),
])
export type Condition = z.infer<typeof conditionSchema>

/** A rule that an administrator sets on an object. */
export const configuredRuleSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('validation'),
    name,
    object: name,
    /** All of them together are what is wrong with the record. */
    conditions: z.array(conditionSchema).min(1),
    message: z.string().min(1).max(255),
    /** The field that the message stands at; without one it stands at the top of the page. */
    errorField: name.optional(),
    active: z.boolean().default(true),
  }),
  z.strictObject({
    kind: z.literal('duplicate'),
    name,
    object: name,
    /** Records are duplicates where all of these are the same, whatever their case; blanks never are. */
    fields: z.array(name).min(1).max(5),
    /** `alert` lets a caller save nevertheless who asks for it. */
    action: z.enum(['block', 'alert']).default('block'),
    message: z
      .string()
      .min(1)
      .default(
        "You're creating a duplicate record. We recommend you use an existing record instead.",
      ),
    active: z.boolean().default(true),
  }),
])
export type ConfiguredRule = z.infer<typeof configuredRuleSchema>
export type ValidationRule = Extract<ConfiguredRule, { kind: 'validation' }>
export type DuplicateRule = Extract<ConfiguredRule, { kind: 'duplicate' }>

/** A rule under the number that the org gave it. */
export type StoredRule = ConfiguredRule & { readonly id: number }
