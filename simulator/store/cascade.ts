import { keyPrefixOf, makeId } from '../ids.ts'
import type { RuleBook, RuleScope, SavedChange, WriteContext } from '../rules/object-rules.ts'
import type { ObjectDefinition } from '../schema/field.ts'
import type { ChildRelationship, Schema } from '../schema/schema.ts'
import { type RowError, rowError } from '../values/row-error.ts'
import type { StoredRecord } from './record-store.ts'

/** Names that a refusal lists. */
const LISTED = 5

interface CascadeScope extends RuleScope {
  readonly tell: (change: SavedChange) => void
}

interface DeleteScope extends RuleScope {
  readonly rules: RuleBook
}

/** Lookups that a delete has to look at. Users are never deleted, and nor is what only the org writes. */
const relationsOf = new WeakMap<readonly ChildRelationship[], readonly ChildRelationship[]>()

function relations(schema: Schema, parent: ObjectDefinition): readonly ChildRelationship[] {
  const all = schema.children(parent)
  const known = relationsOf.get(all)
  if (known !== undefined) return known
  const made = parent.deletable ? all.filter(({ field }) => field.system === null) : []
  relationsOf.set(all, made)
  return made
}

/** Why a record cannot be deleted: something that hangs on it, or on what would go with it. */
export function heldBack(
  scope: DeleteScope,
  object: ObjectDefinition,
  record: StoredRecord,
): RowError | null {
  const { schema, store } = scope
  const id = makeId(object.keyPrefix, record.n)
  const lookups = relations(schema, object)
  if (!store.hasChildren(lookups, id)) return null
  for (const rules of scope.rules(object)) {
    const refused = rules.removable?.(object, record, scope) ?? null
    if (refused !== null) return refused
  }
  for (const { child, field } of lookups) {
    if (!field.restrictedDelete && !field.cascadeDelete) continue
    const held = store.childrenOf(child, field, id)
    if (field.restrictedDelete && held.length > 0) return heldBy(object, record, child, held)
    for (const going of held) {
      const refused = heldBack(scope, child, going)
      if (refused !== null) return refused
    }
  }
  return null
}

function heldBy(
  object: ObjectDefinition,
  record: StoredRecord,
  child: ObjectDefinition,
  held: readonly StoredRecord[],
): RowError {
  const names = held.slice(0, LISTED).map((one) => shownName(child, one))
  return rowError(
    'DELETE_FAILED',
    `Your attempt to delete ${shownName(object, record)} could not be completed because it is associated with the following ${child.labelPlural.toLowerCase()}.: ${names.join(', ')}`,
  )
}

/** What people call a record: its name, or its id where it has none. */
export function shownName(object: ObjectDefinition, record: StoredRecord): string {
  const nameField = object.fields.find((field) => field.nameField)
  const name = nameField === undefined ? undefined : record.fields[nameField.name]
  return name === undefined || name === null ? makeId(object.keyPrefix, record.n) : String(name)
}

/**
 * Deletes a record and all that go with it; lookups of the others are cleared. All are told of when all
 * are gone, children first: what a rule keeps up on a parent must not be kept up on one that goes too.
 */
export function cascadeDelete(
  scope: CascadeScope,
  object: ObjectDefinition,
  record: StoredRecord,
  hard: boolean,
  context: WriteContext,
): void {
  const changes: SavedChange[] = []
  removeAll(scope, object, record, hard, context, changes)
  for (const change of changes) scope.tell(change)
}

function removeAll(
  scope: RuleScope,
  object: ObjectDefinition,
  record: StoredRecord,
  hard: boolean,
  context: WriteContext,
  changes: SavedChange[],
): void {
  const { schema, store } = scope
  const id = makeId(object.keyPrefix, record.n)
  const lookups = relations(schema, object)
  if (store.hasChildren(lookups, id)) {
    for (const { child, field } of lookups) {
      for (const held of store.childrenOf(child, field, id)) {
        if (field.cascadeDelete) removeAll(scope, child, held, hard, context, changes)
        else store.clearLookup(child, held, field, context.stamp)
      }
    }
  }
  if (hard) store.remove(object, record.n)
  else store.softDelete(object, record.n, context.stamp)
  const { fields } = record
  changes.push({ kind: 'deleted', object, n: record.n, id, before: fields, after: fields, context })
}

/** Why a record cannot leave the recycle bin: a parent that it is part of is still there. */
export function orphan(
  { schema, store }: Pick<RuleScope, 'schema' | 'store'>,
  object: ObjectDefinition,
  record: StoredRecord,
): RowError | null {
  for (const field of object.fields) {
    const parentId = record.fields[field.name]
    if (!field.masterDetail || typeof parentId !== 'string') continue
    const parent = schema.byKeyPrefix(keyPrefixOf(parentId))
    const found = parent === null ? null : store.get(parent, parentId)
    if (found === null || found.deleted) {
      return rowError('ENTITY_IS_DELETED', `entity is deleted: ${parentId}`, field.name)
    }
  }
  return null
}

/**
 * Takes a record out of the recycle bin with what went there with it, and gives it back the lookups
 * that its delete cleared. All are told of when all are back.
 */
export function cascadeUndelete(
  scope: CascadeScope,
  object: ObjectDefinition,
  record: StoredRecord,
  context: WriteContext,
): void {
  const back: { readonly object: ObjectDefinition; readonly record: StoredRecord }[] = []
  restoreAll(scope, object, record, context, back)
  for (const one of back) {
    const id = makeId(one.object.keyPrefix, one.record.n)
    const before = one.record.fields
    const after = scope.store.byNumber(one.object, one.record.n)?.fields ?? before
    const { n } = one.record
    scope.tell({ kind: 'undeleted', object: one.object, n, id, before, after, context })
  }
}

/** What went into the bin with a record carries the same moment of deletion. */
function restoreAll(
  scope: RuleScope,
  object: ObjectDefinition,
  record: StoredRecord,
  context: WriteContext,
  back: { readonly object: ObjectDefinition; readonly record: StoredRecord }[],
): void {
  const { schema, store } = scope
  const id = makeId(object.keyPrefix, record.n)
  store.undelete(object, record.n, context.stamp)
  for (const field of object.fields) {
    const target = record.fields[field.name]
    if (field.type !== 'reference' || typeof target !== 'string') continue
    const parent = schema.byKeyPrefix(keyPrefixOf(target))
    // A parent that is still in the bin gets this record back when it leaves the bin itself.
    const live = parent === null ? null : store.get(parent, target)
    if (live === null || live.deleted) store.clearLookup(object, record, field, context.stamp)
  }
  for (const { child, field } of relations(schema, object)) {
    if (!field.cascadeDelete) continue
    for (const gone of store.deletedChildrenOf(child, field, id, record.modified)) {
      // A record that hangs on two of those that went is back already.
      if (store.byNumber(child, gone.n)?.deleted === true) {
        restoreAll(scope, child, gone, context, back)
      }
    }
  }
  store.restoreLookups(schema, id, context.stamp)
  back.push({ object, record })
}
