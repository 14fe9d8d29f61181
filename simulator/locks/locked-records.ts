import { makeId } from '../ids.ts'
import type { FieldDefinition, FieldValue, ObjectDefinition } from '../schema/field.ts'
import type { RecordFields, RecordStore } from '../store/record-store.ts'

/** Standard lookups whose parent is locked by a write to the child, as Salesforce documents it. */
const STANDARD: Readonly<Record<string, readonly string[]>> = {
  Case: ['AccountId'],
  CampaignMember: ['CampaignId'],
  Contact: ['AccountId'],
  Opportunity: ['AccountId'],
  OpportunityLineItem: ['OpportunityId'],
}

const known = new WeakMap<ObjectDefinition, readonly FieldDefinition[]>()

/**
 * Lookups by which a write locks the parent: the standard ones, those of master-detail, and those
 * that keep their parent from being deleted. A lookup that is only cleared locks nothing.
 */
function lockingLookups(object: ObjectDefinition): readonly FieldDefinition[] {
  const found = known.get(object)
  if (found !== undefined) return found
  const standard = STANDARD[object.name] ?? []
  const made = object.fields.filter(
    (field) =>
      field.type === 'reference' &&
      field.system === null &&
      (field.cascadeDelete || field.restrictedDelete || standard.includes(field.name)),
  )
  known.set(object, made)
  return made
}

/** What a write is about to do: `id` is `null` for a record that is being made. */
export interface LockingWrite {
  readonly object: ObjectDefinition
  readonly id: FieldValue
  readonly values: Readonly<RecordFields>
}

/** Ids of the records that a write locks: the record itself, its parents of before and of after. */
export function lockedRecords(store: RecordStore, write: LockingWrite): string[] {
  const { object, id, values } = write
  const before = typeof id === 'string' ? store.get(object, id) : null
  const records = new Set<string>()
  if (before !== null) records.add(makeId(object.keyPrefix, before.n))
  for (const field of lockingLookups(object)) {
    for (const parent of [before?.fields[field.name], values[field.name]]) {
      if (typeof parent === 'string') records.add(parent)
    }
  }
  return [...records]
}

/** The record that an upsert will write, `null` where it makes one or where none can be told. */
export function upsertedId(
  store: RecordStore,
  object: ObjectDefinition,
  key: FieldDefinition,
  values: Readonly<RecordFields>,
): FieldValue {
  const value = values[key.name] ?? null
  if (key.system === 'id') return value
  const [n] = store.withKey(object, key.name, value)
  return n === undefined ? null : makeId(object.keyPrefix, n)
}
