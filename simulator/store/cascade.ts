import { makeId } from '../ids.ts'
import type { SavedChange, WriteContext } from '../rules/object-rules.ts'
import type { ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import { type RowError, rowError } from '../values/row-error.ts'
import type { RecordStore, StoredRecord } from './record-store.ts'

interface Scope {
  readonly schema: Schema
  readonly store: RecordStore
}

/** Why a record cannot be deleted: a child that forbids it. */
export function restrictedChild(
  { schema, store }: Scope,
  object: ObjectDefinition,
  id: string,
): RowError | null {
  for (const { child, field } of schema.children(object)) {
    if (!field.restrictedDelete) continue
    const [held] = store.childrenOf(child, field, id)
    if (held === undefined) continue
    return rowError(
      'DELETE_FAILED',
      `Your attempt to delete this record could not be completed because it is associated with the following ${child.labelPlural.toLowerCase()}: ${makeId(child.keyPrefix, held.n)}`,
    )
  }
  return null
}

/** Deletes a record and all that go with it, children first. */
export function cascadeDelete(
  scope: Scope & { readonly tell: (change: SavedChange) => void },
  object: ObjectDefinition,
  record: StoredRecord,
  hard: boolean,
  context: WriteContext,
): void {
  const { schema, store } = scope
  const id = makeId(object.keyPrefix, record.n)
  for (const { child, field } of schema.children(object)) {
    if (!field.cascadeDelete) continue
    for (const held of store.childrenOf(child, field, id)) {
      cascadeDelete(scope, child, held, hard, context)
    }
  }
  if (hard) store.remove(object, record.n)
  else store.softDelete(object, record.n, context.stamp)
  scope.tell({
    kind: 'deleted',
    object,
    n: record.n,
    id,
    before: record.fields,
    after: record.fields,
    context,
  })
}
