import { checkValues, customField } from './custom-field.ts'
import type { CustomField, CustomObject, PicklistChange, SchemaFile } from './custom-schema.ts'
import type { FieldDefinition, ObjectDefinition } from './field.ts'
import * as f from './field-builders.ts'
import type { Schema } from './schema.ts'
import { SchemaProblem } from './schema-problem.ts'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** Parents that an object can be a part of. */
const MASTERS = 2

/** The first free prefix of a custom object: a00, a01 and so on. */
function nextKeyPrefix(schema: Schema): string {
  for (let n = 0; n < DIGITS.length ** 2; n += 1) {
    const prefix = `a${DIGITS.charAt(Math.floor(n / DIGITS.length))}${DIGITS.charAt(n % DIGITS.length)}`
    if (schema.byKeyPrefix(prefix) === null) return prefix
  }
  throw new SchemaProblem('all key prefixes of custom objects are taken')
}

/** A custom object without the fields that are its own. Throws SchemaProblem where the name is taken. */
function bareObject(schema: Schema, custom: CustomObject): ObjectDefinition {
  const { name, label, labelPlural, nameField } = custom
  if (schema.object(name) !== null) throw new SchemaProblem(`there is an object ${name} already`)
  const named = {
    nameField: true,
    label: nameField.label ?? `${label ?? name.replace(/__c$/, '').replaceAll('_', ' ')} Name`,
  }
  return f.object(
    name,
    nextKeyPrefix(schema),
    [
      nameField.type === 'text'
        ? f.text('Name', 80, named)
        : f.autoNumber('Name', nameField.format, named),
      f.lookup('OwnerId', 'User', { label: 'Owner ID' }),
    ],
    {
      ...(label === undefined ? {} : { label }),
      ...(labelPlural === undefined ? {} : { labelPlural }),
    },
  )
}

/** An object with more fields. Throws SchemaProblem where one cannot be. */
export function withFields(
  schema: Schema,
  object: ObjectDefinition,
  added: readonly CustomField[],
  hasRecords: boolean,
): ObjectDefinition {
  let fields: readonly FieldDefinition[] = object.fields
  for (const custom of added) {
    const lower = custom.name.toLowerCase()
    if (fields.some((field) => field.name.toLowerCase() === lower)) {
      throw new SchemaProblem(`${object.name} has a field ${custom.name} already`)
    }
    if (hasRecords && custom.required) {
      throw new SchemaProblem(
        `${custom.name}: ${object.name} has records, which would lack a required value`,
      )
    }
    const field = customField(object, custom, schema.object)
    const { childRelationshipName } = field
    if (childRelationshipName !== null) refuseTaken(schema, field, childRelationshipName, fields)
    // Parts belong to whom their parent belongs to.
    const kept = field.masterDetail ? fields.filter(({ name }) => name !== 'OwnerId') : fields
    fields = [...kept, field]
  }
  if (fields.filter((field) => field.masterDetail).length > MASTERS) {
    throw new SchemaProblem(`${object.name}: an object is part of at most ${MASTERS} others`)
  }
  if (!object.name.endsWith('__c') && fields.some((field) => field.masterDetail)) {
    throw new SchemaProblem(`${object.name}: only custom objects can be part of others`)
  }
  return { ...object, fields }
}

function refuseTaken(
  schema: Schema,
  field: FieldDefinition,
  name: string,
  siblings: readonly FieldDefinition[],
): void {
  const lower = name.toLowerCase()
  const target = schema.object(field.referenceTo[0] ?? '')
  const others = target === null ? [] : schema.children(target).map((child) => child.field)
  const taken = [...others, ...siblings].some(
    (other) =>
      other.childRelationshipName?.toLowerCase() === lower &&
      other.referenceTo.some((parent) => field.referenceTo.includes(parent)),
  )
  if (taken) {
    throw new SchemaProblem(
      `${field.name}: ${target?.name ?? 'the parent'} has a child relationship ${name} already; name another as childRelationshipName`,
    )
  }
}

/** Defines a new object with its fields. */
export function newObject(schema: Schema, custom: CustomObject): ObjectDefinition {
  const bare = bareObject(schema, custom)
  const lower = bare.name.toLowerCase()
  // A lookup may point to the object itself.
  const itself: Schema = {
    ...schema,
    object: (name) => (name.toLowerCase() === lower ? bare : schema.object(name)),
  }
  return withFields(itself, bare, custom.fields, false)
}

/**
 * What a file adds to a schema. Objects that point to each other may stand in any order. What is
 * there already stays as it is, so that an org can be started again with its file.
 */
export function definitionsOf(
  schema: Schema,
  file: SchemaFile,
  hasRecords: (object: ObjectDefinition) => boolean,
  define: (object: ObjectDefinition) => void,
): void {
  for (const custom of file.objects) {
    if (schema.object(custom.name) === null) define(bareObject(schema, custom))
  }
  for (const { name, fields } of [...file.objects, ...file.extend]) {
    const object = schema.object(name)
    if (object === null) throw new SchemaProblem(`there is no object ${name}`)
    const missing = fields.filter((field) => schema.field(object, field.name) === null)
    if (missing.length > 0) define(withFields(schema, object, missing, hasRecords(object)))
  }
}

/** An object with another list of values of one of its picklists. */
export function withPicklist(
  object: ObjectDefinition,
  field: FieldDefinition,
  change: PicklistChange,
): ObjectDefinition {
  const isPicklist = ['picklist', 'multipicklist', 'combobox'].includes(field.type)
  if (!isPicklist) throw new SchemaProblem(`${object.name}.${field.name} is no picklist`)
  const values = change.values ?? field.picklist
  const restricted = change.restricted ?? field.restricted
  const defaultValue = change.default === undefined ? field.defaultValue : change.default
  checkValues(
    field.name,
    values,
    restricted,
    typeof defaultValue === 'string' ? defaultValue : null,
  )
  const changed: FieldDefinition = {
    ...field,
    picklist: values,
    restricted,
    defaultValue,
    revised: true,
  }
  return {
    ...object,
    fields: object.fields.map((other) => (other.name === field.name ? changed : other)),
  }
}
