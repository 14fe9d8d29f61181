import { makeId } from '../ids.ts'
import type { FieldDefinition, FieldValue, ObjectDefinition } from '../schema/field.ts'
import type { StoredRecord } from '../store/record-store.ts'
import { renderJson } from '../values/render.ts'
import { renderAddress } from '../values/render-address.ts'

/** A field's value in the form that the store keeps, system fields included. */
export function fieldValue(
  object: ObjectDefinition,
  record: StoredRecord,
  field: FieldDefinition,
): FieldValue {
  switch (field.system) {
    case 'id':
      return makeId(object.keyPrefix, record.n)
    case 'created':
      return wholeSeconds(record.created)
    case 'modified':
      return wholeSeconds(record.modified)
    case 'deleted':
      return record.deleted
    case 'createdBy':
      return makeId('005', record.createdBy)
    case 'modifiedBy':
      return makeId('005', record.modifiedBy)
    case null:
      return record.fields[field.name] ?? null
  }
}

/** System dates have no milliseconds. */
function wholeSeconds(ms: number): string {
  return new Date(Math.floor(ms / 1_000) * 1_000).toISOString()
}

/** A record as REST answers show it, with its type and address. */
export function recordJson(
  object: ObjectDefinition,
  record: StoredRecord,
  fields: readonly FieldDefinition[],
  version: number,
): Record<string, unknown> {
  const id = makeId(object.keyPrefix, record.n)
  const shown: Record<string, unknown> = {
    attributes: {
      type: object.name,
      url: `/services/data/v${version}.0/sobjects/${object.name}/${id}`,
    },
  }
  for (const field of fields) {
    shown[field.name] =
      field.type === 'address'
        ? renderAddress(object, field, record.fields)
        : renderJson(field, fieldValue(object, record, field))
  }
  return shown
}
