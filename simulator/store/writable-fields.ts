import { type FieldDefinition, isCustom, type ObjectDefinition } from '../schema/field.ts'
import { keyFields } from './database.ts'
import type { RecordFields } from './record-store.ts'

/** What a writer needs to know of an object again and again. */
export interface ObjectFields {
  readonly required: readonly string[]
  readonly lookups: readonly FieldDefinition[]
  readonly unique: readonly FieldDefinition[]
  readonly autoNumbers: readonly FieldDefinition[]
  readonly defaults: Readonly<RecordFields>
  readonly createable: ReadonlySet<string>
  readonly updateable: ReadonlySet<string>
  /** A custom object's record is called by its id where the caller gives no name. */
  readonly namedById: boolean
}

export type WritableFields = (object: ObjectDefinition) => ObjectFields

export function createWritableFields(): WritableFields {
  const known = new WeakMap<ObjectDefinition, ObjectFields>()
  return (object) => {
    const found = known.get(object)
    if (found !== undefined) return found
    const made = objectFields(object)
    known.set(object, made)
    return made
  }
}

function isOptionalName(field: FieldDefinition): boolean {
  return field.nameField && field.autoNumber === null && !field.required
}

function objectFields(object: ObjectDefinition): ObjectFields {
  const names = (fields: readonly FieldDefinition[]) => fields.map((field) => field.name)
  const defaults: RecordFields = {}
  for (const field of object.fields) {
    if (field.system === null && field.defaultValue !== null) {
      defaults[field.name] = field.defaultValue
    }
    if (field.name === 'OwnerId') defaults['OwnerId'] = null
  }
  return {
    required: names(object.fields.filter((field) => field.required)),
    lookups: object.fields.filter((field) => field.type === 'reference' && field.system === null),
    unique: keyFields(object).filter((field) => field.unique),
    autoNumbers: object.fields.filter((field) => field.autoNumber !== null),
    defaults,
    createable: new Set(names(object.fields.filter((field) => field.createable))),
    updateable: new Set(names(object.fields.filter((field) => field.updateable))),
    namedById: isCustom(object.name) && object.fields.some(isOptionalName),
  }
}
