import { canonicalId, keyPrefixOf, makeId, recordNumber } from '../ids.ts'
import type {
  ChangeObserver,
  PendingChange,
  RuleBook,
  RuleScope,
  SavedChange,
  WriteContext,
} from '../rules/object-rules.ts'
import type { FieldDefinition, FieldValue, ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import { type RowError, rowError } from '../values/row-error.ts'
import { cascadeDelete, cascadeUndelete, heldBack, orphan } from './cascade.ts'
import { createRecordChecks, type RecordChecks } from './record-checks.ts'
import type { RecordFields, RecordStore, StoredRecord } from './record-store.ts'
import { createWritableFields, type WritableFields } from './writable-fields.ts'

/** What a write did, or why it was refused. */
export type WriteResult =
  | { readonly ok: true; readonly id: string; readonly created: boolean }
  | { readonly ok: false; readonly error: RowError; readonly id: string | null }

/**
 * The org's rules for one record, the same for REST and Bulk. Values are coerced before; `null`
 * clears a field. Must run inside a transaction.
 */
export interface RecordWriter {
  insert(object: ObjectDefinition, values: RecordFields, context: WriteContext): WriteResult
  update(
    object: ObjectDefinition,
    id: FieldValue,
    values: RecordFields,
    context: WriteContext,
  ): WriteResult
  /** Finds the record by an external id field (or `Id`); makes it where there is none. */
  upsert(
    object: ObjectDefinition,
    key: FieldDefinition,
    values: RecordFields,
    context: WriteContext,
  ): WriteResult
  delete(
    object: ObjectDefinition,
    id: FieldValue,
    hard: boolean,
    context: WriteContext,
  ): WriteResult
  undelete(object: ObjectDefinition, id: FieldValue, context: WriteContext): WriteResult
}

export interface RecordWriterDeps {
  readonly schema: Schema
  readonly store: RecordStore
  readonly rules: RuleBook
  readonly observers: readonly ChangeObserver[]
}

export function createRecordWriter(deps: RecordWriterDeps): RecordWriter {
  const { store } = deps
  const fieldsOf: WritableFields = createWritableFields()
  const checks: RecordChecks = createRecordChecks(deps.schema, store, fieldsOf)
  const scope: RuleScope = {
    schema: deps.schema,
    store,
    get writer() {
      return writer
    },
  }

  function derived(change: PendingChange): RowError | null {
    for (const rules of deps.rules(change.object)) {
      const error = rules.derive?.(change, scope) ?? null
      if (error !== null) return error
    }
    if (change.object.personName) {
      const { after } = change
      const parts = [after['FirstName'], after['LastName']].filter((part) => part != null)
      after['Name'] = parts.join(' ')
    }
    return null
  }

  function forbidden(change: PendingChange): RowError | null {
    for (const rules of deps.rules(change.object)) {
      const error = rules.validate?.(change, scope) ?? null
      if (error !== null) return error
    }
    return null
  }

  /** The first thing that speaks against a record; the org's own writes obey no rights. */
  function refusal(change: PendingChange): RowError | null {
    const byOrg = change.context.source === 'org'
    return (
      (byOrg
        ? null
        : (checks.refusedObject(change.object, change.kind) ?? checks.refusedField(change))) ??
      derived(change) ??
      checks.missingFields(change.object, change.after) ??
      checks.brokenLookup(change) ??
      checks.duplicate(change.object, change.given, change.n) ??
      (byOrg ? null : forbidden(change))
    )
  }

  function tell(change: SavedChange): void {
    for (const rules of deps.rules(change.object)) rules.saved?.(change, scope)
    for (const observe of deps.observers) observe(change)
  }

  function insert(
    object: ObjectDefinition,
    values: RecordFields,
    context: WriteContext,
  ): WriteResult {
    const after: RecordFields = { ...fieldsOf(object).defaults }
    if ('OwnerId' in after) after['OwnerId'] = makeId('005', context.stamp.by)
    for (const name in values) {
      const value = values[name]
      if (value !== undefined && value !== null) after[name] = value
    }
    const change: PendingChange = {
      kind: 'created',
      object,
      n: 0,
      before: null,
      given: values,
      after,
      context,
    }
    const error = refusal(change)
    if (error !== null) return { ok: false, error, id: null }
    for (const field of fieldsOf(object).autoNumbers) {
      after[field.name] ??= numbered(field, store.nextNumberOf(object, field))
    }
    const id = store.insert(object, after, context.stamp)
    if (after['Name'] === undefined && fieldsOf(object).namedById) {
      after['Name'] = id
      store.update(object, recordNumber(id) ?? 0, after, context.stamp)
    }
    if (isHeard(object)) tell({ ...change, n: recordNumber(id) ?? 0, id })
    return { ok: true, id, created: true }
  }

  /** Most objects of a large load have nobody who wants to know. */
  function isHeard(object: ObjectDefinition): boolean {
    return (
      deps.observers.length > 0 || deps.rules(object).some((rules) => rules.saved !== undefined)
    )
  }

  function find(
    object: ObjectDefinition,
    id: FieldValue,
    wanted: 'live' | 'deleted' = 'live',
  ): StoredRecord | RowError {
    const known = typeof id === 'string' ? canonicalId(id) : null
    if (id === null) return rowError('MISSING_ARGUMENT', 'Id not specified in an update call', 'Id')
    if (known === null) return rowError('MALFORMED_ID', `bad id ${String(id)}`, 'Id')
    if (keyPrefixOf(known) !== object.keyPrefix) {
      return rowError('MALFORMED_ID', `Record ID: id value of incorrect type: ${known}`, 'Id')
    }
    const record = store.get(object, known)
    if (record === null)
      return rowError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')
    if (wanted === 'deleted' && !record.deleted) {
      return rowError('UNDELETE_FAILED', 'Entity is not in the recycle bin')
    }
    return wanted === 'live' && record.deleted
      ? rowError('ENTITY_IS_DELETED', 'entity is deleted')
      : record
  }

  function update(
    object: ObjectDefinition,
    id: FieldValue,
    values: RecordFields,
    context: WriteContext,
  ): WriteResult {
    const record = find(object, id)
    const shown = typeof id === 'string' ? id : null
    if ('code' in record) return { ok: false, error: record, id: shown }
    const after: RecordFields = { ...record.fields }
    for (const name in values) {
      const value = values[name]
      if (value === undefined) continue
      if (value === null) delete after[name]
      else after[name] = value
    }
    for (const [name, value] of Object.entries(fieldsOf(object).defaults)) {
      if (after[name] === undefined && typeof value === 'boolean') after[name] = value
    }
    const change: PendingChange = {
      kind: 'updated',
      object,
      n: record.n,
      before: record.fields,
      given: values,
      after,
      context,
    }
    const error = refusal(change)
    if (error !== null) return { ok: false, error, id: shown }
    store.update(object, record.n, after, context.stamp)
    const known = makeId(object.keyPrefix, record.n)
    if (isHeard(object)) tell({ ...change, id: known })
    return { ok: true, id: known, created: false }
  }

  const writer: RecordWriter = {
    insert,
    update,
    upsert(object, key, values, context) {
      const value = values[key.name] ?? null
      if (key.system === 'id') {
        const { [key.name]: id, ...others } = values
        return id === undefined || id === null
          ? insert(object, others, context)
          : update(object, id, others, context)
      }
      if (value === null) {
        const error = rowError('MISSING_ARGUMENT', `${key.name} not specified`, key.name)
        return { ok: false, error, id: null }
      }
      const [found, second] = store.withKey(object, key.name, value)
      if (found === undefined) return insert(object, values, context)
      if (second !== undefined) {
        const error = rowError(
          'DUPLICATE_EXTERNAL_ID',
          `${key.label}: more than one record found for external id field: [${[found, second]
            .map((n) => makeId(object.keyPrefix, n))
            .join(', ')}]`,
        )
        return { ok: false, error, id: null }
      }
      return update(object, makeId(object.keyPrefix, found), values, context)
    },
    delete(object, id, hard, context) {
      const shown = typeof id === 'string' ? id : null
      const refused = context.source === 'org' ? null : checks.refusedObject(object, 'deleted')
      if (refused !== null) return { ok: false, error: refused, id: shown }
      const record = find(object, id)
      if ('code' in record) return { ok: false, error: record, id: shown }
      const known = makeId(object.keyPrefix, record.n)
      const held = heldBack({ ...scope, rules: deps.rules }, object, record)
      if (held !== null) return { ok: false, error: held, id: known }
      cascadeDelete({ ...scope, tell }, object, record, hard, context)
      return { ok: true, id: known, created: false }
    },
    undelete(object, id, context) {
      const record = find(object, id, 'deleted')
      if ('code' in record) {
        return { ok: false, error: record, id: typeof id === 'string' ? id : null }
      }
      const known = makeId(object.keyPrefix, record.n)
      const orphaned = orphan(scope, object, record)
      if (orphaned !== null) return { ok: false, error: orphaned, id: known }
      cascadeUndelete({ ...scope, tell }, object, record, context)
      return { ok: true, id: known, created: false }
    },
  }
  return writer
}

/** `CASE-{0000}` and 12 give `CASE-0012`. */
function numbered(field: FieldDefinition, number: number): string {
  return (field.autoNumber ?? '{0}').replace(/\{(0+)\}/, (_, zeros: string) =>
    String(number).padStart(zeros.length, '0'),
  )
}
