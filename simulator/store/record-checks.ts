import { keyPrefixOf, makeId } from '../ids.ts'
import type { PendingChange } from '../rules/object-rules.ts'
import type { ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import { type RowError, rowError } from '../values/row-error.ts'
import type { RecordFields, RecordStore } from './record-store.ts'
import type { WritableFields } from './writable-fields.ts'

/** What every record must keep to, whatever its object. */
export interface RecordChecks {
  /** A change that callers may not make to any record of an object. */
  refusedObject(object: ObjectDefinition, kind: 'created' | 'updated' | 'deleted'): RowError | null
  /** A value for a field that callers may not write. */
  refusedField(change: PendingChange): RowError | null
  missingFields(object: ObjectDefinition, fields: Readonly<RecordFields>): RowError | null
  /** A lookup to what is not there, is of another kind, or may own nothing. */
  brokenLookup(change: PendingChange): RowError | null
  /** A unique value that another record than number `own` has. */
  duplicate(object: ObjectDefinition, values: Readonly<RecordFields>, own: number): RowError | null
}

export function createRecordChecks(
  schema: Schema,
  store: RecordStore,
  fieldsOf: WritableFields,
): RecordChecks {
  return {
    refusedObject(object, kind) {
      const word = { created: 'inserted', updated: 'updated', deleted: 'deleted' }[kind]
      const allowed = {
        created: object.createable,
        updated: object.updateable,
        deleted: object.deletable,
      }[kind]
      if (allowed) return null
      return rowError(
        'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
        `entity type cannot be ${word}: ${object.label}`,
      )
    },
    refusedField({ object, kind, given }) {
      const fields = fieldsOf(object)
      const writable = kind === 'created' ? fields.createable : fields.updateable
      for (const name in given) {
        if (writable.has(name)) continue
        return rowError(
          'INVALID_FIELD_FOR_INSERT_UPDATE',
          `Unable to create/update fields: ${name}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
          name,
        )
      }
      return null
    },
    missingFields(object, fields) {
      const missing = fieldsOf(object).required.filter(
        (name) => fields[name] === undefined || fields[name] === null,
      )
      if (missing.length === 0) return null
      return rowError(
        'REQUIRED_FIELD_MISSING',
        `Required fields are missing: [${missing.join(', ')}]`,
        ...missing,
      )
    },
    brokenLookup({ object, given, before }) {
      for (const field of fieldsOf(object).lookups) {
        const value = given[field.name]
        if (typeof value !== 'string') continue
        const target = schema.byKeyPrefix(keyPrefixOf(value))
        if (target === null || !field.referenceTo.includes(target.name)) {
          return rowError(
            'MALFORMED_ID',
            `${field.label}: id value of incorrect type: ${value}`,
            field.name,
          )
        }
        const record = store.get(target, value)
        if (record === null) {
          return rowError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')
        }
        if (record.deleted) return rowError('ENTITY_IS_DELETED', 'entity is deleted')
        const isNew = before?.[field.name] !== value
        if (field.name === 'OwnerId' && isNew && record.fields['IsActive'] === false) {
          return rowError(
            'INACTIVE_OWNER_OR_USER',
            `operation performed with inactive user [${value.slice(0, 15)}] as owner of ${object.label.toLowerCase()}`,
            field.name,
          )
        }
      }
      return null
    },
    duplicate(object, values, own) {
      for (const field of fieldsOf(object).unique) {
        const value = values[field.name]
        if (value === undefined || value === null) continue
        const other = store.withKey(object, field.name, value).find((n) => n !== own)
        if (other === undefined) continue
        const id15 = makeId(object.keyPrefix, other).slice(0, 15)
        return rowError(
          'DUPLICATE_VALUE',
          `duplicate value found: ${field.name} duplicates value on record with id: ${id15}`,
        )
      }
      return null
    },
  }
}
