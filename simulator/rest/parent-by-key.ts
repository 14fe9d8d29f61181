import type { Org } from '../http/org-context.ts'
import { canonicalId, makeId } from '../ids.ts'
import type { FieldDefinition, ObjectDefinition } from '../schema/field.ts'
import { coerceJson } from '../values/coerce-json.ts'
import { isRowError } from '../values/coerce-text.ts'
import { type RowError, rowError } from '../values/row-error.ts'
import { keyFieldNamed, noSuchColumn } from './find-object.ts'
import { isJsonObject } from './json-body.ts'

/**
 * The id of the record that a lookup is set to by another key than its id. Throws ApiError where
 * the key is none of that object's.
 */
export function parentByKey(
  org: Org,
  lookup: FieldDefinition,
  reference: Readonly<Record<string, unknown>>,
): string | RowError {
  const { attributes, ...keys } = reference
  const type = isJsonObject(attributes) ? attributes['type'] : undefined
  const target = org.schema.object(typeof type === 'string' ? type : (lookup.referenceTo[0] ?? ''))
  if (target === null || !lookup.referenceTo.includes(target.name)) {
    return rowError(
      'INVALID_FIELD',
      `${String(type)} is not a valid type for ${lookup.relationshipName}`,
    )
  }
  const [entry, second] = Object.entries(keys)
  if (entry === undefined || second !== undefined) {
    return rowError(
      'INVALID_FIELD',
      `${entry === undefined ? 'No' : 'More than 1'} field provided an external foreign key reference in entity: ${target.name}`,
    )
  }
  return byKey(org, target, ...entry)
}

function byKey(
  org: Org,
  target: ObjectDefinition,
  name: string,
  value: unknown,
): string | RowError {
  if (org.schema.field(target, name) === null) throw noSuchColumn(target, name)
  const field = keyFieldNamed(org.schema, target, name)
  if (field === null) {
    return rowError(
      'INVALID_FIELD',
      `Field name provided, ${name} does not match an External ID, Salesforce Id, or indexed field for ${target.name}`,
    )
  }
  const text = String(value)
  const key = coerceJson(field, value)
  if (field.system === 'id') {
    return (
      canonicalId(text) ??
      rowError(
        'MALFORMED_ID',
        `${target.label} ID: id value of incorrect type: ${text}`,
        field.name,
      )
    )
  }
  if (isRowError(key)) return key
  const [n, second] = org.store.withKey(target, field.name, key)
  if (n === undefined) {
    return rowError(
      'INVALID_FIELD',
      `Foreign key external ID: ${text} not found for field ${field.name} in entity ${target.name}`,
    )
  }
  if (second === undefined) return makeId(target.keyPrefix, n)
  return rowError(
    'DUPLICATE_EXTERNAL_ID',
    `${field.label}: more than one record found for external id field: [${[n, second]
      .map((each) => makeId(target.keyPrefix, each))
      .join(', ')}]`,
  )
}
