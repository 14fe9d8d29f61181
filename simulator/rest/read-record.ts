import type { Org } from '../http/org-context.ts'
import { type FieldDefinition, lookupNamed, type ObjectDefinition } from '../schema/field.ts'
import type { RecordFields } from '../store/record-store.ts'
import { coerceJson } from '../values/coerce-json.ts'
import { isRowError } from '../values/coerce-text.ts'
import { type RowError, rowError } from '../values/row-error.ts'
import { noSuchColumn } from './find-object.ts'
import { isJsonObject, type JsonBody } from './json-body.ts'
import type { JsonPath } from './json-scan.ts'
import { parentByKey } from './parent-by-key.ts'

/** A record of a body, brought to what the org stores. */
export interface ReadRecord {
  readonly values: RecordFields
  /** The first thing that speaks against the record alone. */
  readonly error: RowError | null
}

/**
 * Reads the record that stands at `path` of a body. What no record could hold (an unknown field, a
 * value that is no number) refuses the whole call: throws ApiError.
 */
export function readRecord(
  org: Org,
  object: ObjectDefinition,
  json: Readonly<Record<string, unknown>>,
  body: JsonBody,
  path: JsonPath,
): ReadRecord {
  const values: RecordFields = {}
  let error: RowError | null = null
  for (const [name, value] of Object.entries(json)) {
    if (name === 'attributes') continue
    const here = [...path, name]
    const field = org.schema.field(object, name)
    const read =
      field === null
        ? readParent(org, object, name, value)
        : { field, value: readValue(field, value, body, here) }
    if ('code' in read) error ??= read
    else if (isRowError(read.value)) error ??= read.value
    else values[read.field.name] = read.value
  }
  return { values, error }
}

function readValue(field: FieldDefinition, value: unknown, body: JsonBody, path: JsonPath) {
  if (field.type === 'address') {
    return rowError(
      'INVALID_FIELD_FOR_INSERT_UPDATE',
      `Unable to create/update fields: ${field.name}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
      field.name,
    )
  }
  const coerced = coerceJson(field, value)
  if (isRowError(coerced) && coerced.code === 'JSON_PARSER_ERROR') {
    throw body.refusal(coerced.message, path)
  }
  return coerced
}

/** A relationship in the place of a lookup: `"Account": {"External_Id__c": "x"}`. */
function readParent(
  org: Org,
  object: ObjectDefinition,
  name: string,
  value: unknown,
): { readonly field: FieldDefinition; readonly value: string } | RowError {
  const field = lookupNamed(object, name)
  if (field === null || !isJsonObject(value)) throw noSuchColumn(object, name)
  const found = parentByKey(org, field, value)
  return typeof found === 'string' ? { field, value: found } : found
}
