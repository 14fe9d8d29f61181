import { canonicalId, keyPrefixOf, makeId } from '../ids.ts'
import type { FieldDefinition, FieldValue, ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import { type RowError, rowError } from '../values/row-error.ts'
import { keyFields } from './database.ts'
import type { RecordFields, RecordStore, StoredRecord } from './record-store.ts'

/** What a write did, or why it was refused. */
export type WriteResult =
  | { readonly ok: true; readonly id: string; readonly created: boolean }
  | { readonly ok: false; readonly error: RowError; readonly id: string | null }

/**
 * The org's rules for one record, the same for REST and Bulk. Values are coerced before; `null`
 * clears a field. Must run inside a transaction.
 */
export interface RecordWriter {
  insert(object: ObjectDefinition, values: RecordFields): WriteResult
  update(object: ObjectDefinition, id: FieldValue, values: RecordFields): WriteResult
  /** Finds the record by an external id field (or `Id`); makes it where there is none. */
  upsert(object: ObjectDefinition, key: FieldDefinition, values: RecordFields): WriteResult
  delete(object: ObjectDefinition, id: FieldValue, hard: boolean): WriteResult
}

export interface RecordWriterDeps {
  readonly schema: Schema
  readonly store: RecordStore
  /** The user whom new records belong to. */
  readonly userId: string
  readonly now: () => number
}

export function createRecordWriter(deps: RecordWriterDeps): RecordWriter {
  const { schema, store } = deps
  const rules = new Map<string, ObjectRules>()

  function rulesOf(object: ObjectDefinition): ObjectRules {
    const known = rules.get(object.name)
    if (known !== undefined) return known
    const made = objectRules(object)
    rules.set(object.name, made)
    return made
  }

  /** A value to write into a field that callers may not write. */
  function refusedField(
    object: ObjectDefinition,
    values: RecordFields,
    right: 'createable' | 'updateable',
  ): RowError | null {
    const writable = rulesOf(object)[right]
    for (const name in values) {
      if (writable.has(name)) continue
      return rowError(
        'INVALID_FIELD_FOR_INSERT_UPDATE',
        `Unable to create/update fields: ${name}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
        name,
      )
    }
    return null
  }

  function missingFields(object: ObjectDefinition, fields: RecordFields): RowError | null {
    const required = rulesOf(object).required
    const missing = required.filter((name) => fields[name] === undefined || fields[name] === null)
    if (missing.length === 0) return null
    return rowError(
      'REQUIRED_FIELD_MISSING',
      `Required fields are missing: [${missing.join(', ')}]`,
      ...missing,
    )
  }

  function brokenLookup(object: ObjectDefinition, values: RecordFields): RowError | null {
    for (const field of rulesOf(object).lookups) {
      const value = values[field.name]
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
      if (record === null)
        return rowError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')
      if (record.deleted) return rowError('ENTITY_IS_DELETED', 'entity is deleted')
    }
    return null
  }

  function duplicate(object: ObjectDefinition, values: RecordFields, own: number): RowError | null {
    for (const field of rulesOf(object).unique) {
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
  }

  function withDerived(object: ObjectDefinition, fields: RecordFields): RecordFields {
    if (!object.personName) return fields
    const parts = [fields['FirstName'], fields['LastName']].filter((part) => part != null)
    fields['Name'] = parts.join(' ')
    return fields
  }

  function insert(object: ObjectDefinition, values: RecordFields): WriteResult {
    const fields: RecordFields = { ...rulesOf(object).defaults }
    if ('OwnerId' in fields) fields['OwnerId'] = deps.userId
    for (const name in values) {
      const value = values[name]
      if (value !== undefined && value !== null) fields[name] = value
    }
    const error =
      refusedField(object, values, 'createable') ??
      missingFields(object, fields) ??
      brokenLookup(object, values) ??
      duplicate(object, values, 0)
    if (error !== null) return { ok: false, error, id: null }
    const id = store.insert(object, withDerived(object, fields), deps.now())
    return { ok: true, id, created: true }
  }

  function find(object: ObjectDefinition, id: FieldValue): StoredRecord | RowError {
    const known = typeof id === 'string' ? canonicalId(id) : null
    if (id === null) return rowError('MISSING_ARGUMENT', 'Id not specified in an update call', 'Id')
    if (known === null) return rowError('MALFORMED_ID', `bad id ${String(id)}`, 'Id')
    if (keyPrefixOf(known) !== object.keyPrefix) {
      return rowError('MALFORMED_ID', `Record ID: id value of incorrect type: ${known}`, 'Id')
    }
    const record = store.get(object, known)
    if (record === null)
      return rowError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')
    return record.deleted ? rowError('ENTITY_IS_DELETED', 'entity is deleted') : record
  }

  function update(object: ObjectDefinition, id: FieldValue, values: RecordFields): WriteResult {
    const record = find(object, id)
    const shown = typeof id === 'string' ? id : null
    if ('code' in record) return { ok: false, error: record, id: shown }
    const fields: RecordFields = { ...record.fields }
    for (const name in values) {
      const value = values[name]
      if (value === undefined) continue
      if (value === null) delete fields[name]
      else fields[name] = value
    }
    for (const [name, value] of Object.entries(rulesOf(object).defaults)) {
      if (fields[name] === undefined && typeof value === 'boolean') fields[name] = value
    }
    const error =
      refusedField(object, values, 'updateable') ??
      missingFields(object, fields) ??
      brokenLookup(object, values) ??
      duplicate(object, values, record.n)
    if (error !== null) return { ok: false, error, id: shown }
    store.update(object, record.n, withDerived(object, fields), deps.now())
    return { ok: true, id: makeId(object.keyPrefix, record.n), created: false }
  }

  return {
    insert,
    update,
    upsert(object, key, values) {
      const value = values[key.name] ?? null
      if (key.system === 'id') {
        const { [key.name]: id, ...others } = values
        return id === undefined || id === null ? insert(object, others) : update(object, id, others)
      }
      if (value === null) {
        const error = rowError('MISSING_ARGUMENT', `${key.name} not specified`, key.name)
        return { ok: false, error, id: null }
      }
      const [found, second] = store.withKey(object, key.name, value)
      if (found === undefined) return insert(object, values)
      if (second !== undefined) {
        const error = rowError(
          'DUPLICATE_EXTERNAL_ID',
          `${key.label}: more than one record found for external id field: [${[found, second]
            .map((n) => makeId(object.keyPrefix, n))
            .join(', ')}]`,
        )
        return { ok: false, error, id: null }
      }
      return update(object, makeId(object.keyPrefix, found), values)
    },
    delete(object, id, hard) {
      const record = find(object, id)
      if ('code' in record) {
        return { ok: false, error: record, id: typeof id === 'string' ? id : null }
      }
      if (hard) store.remove(object, record.n)
      else store.softDelete(object, record.n, deps.now())
      return { ok: true, id: makeId(object.keyPrefix, record.n), created: false }
    },
  }
}

interface ObjectRules {
  readonly required: readonly string[]
  readonly lookups: readonly FieldDefinition[]
  readonly unique: readonly FieldDefinition[]
  readonly defaults: Readonly<RecordFields>
  readonly createable: ReadonlySet<string>
  readonly updateable: ReadonlySet<string>
}

function objectRules(object: ObjectDefinition): ObjectRules {
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
    defaults,
    createable: new Set(names(object.fields.filter((field) => field.createable))),
    updateable: new Set(names(object.fields.filter((field) => field.updateable))),
  }
}
