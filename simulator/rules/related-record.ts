import { keyPrefixOf } from '../ids.ts'
import type { ObjectDefinition } from '../schema/field.ts'
import type { RecordFields, StoredRecord } from '../store/record-store.ts'
import type { RuleScope } from './object-rules.ts'
import { textIn } from './set-value.ts'

/** A record that a lookup leads to, with its object. */
export interface RelatedRecord extends StoredRecord {
  readonly object: ObjectDefinition
  readonly id: string
}

/** The live record that a lookup of a record points to; `null` where there is none. */
export function related(
  scope: Pick<RuleScope, 'schema' | 'store'>,
  fields: Readonly<RecordFields>,
  lookup: string,
): RelatedRecord | null {
  const id = textIn(fields, lookup)
  const object = id === null ? null : scope.schema.byKeyPrefix(keyPrefixOf(id))
  if (id === null || object === null) return null
  const record = scope.store.get(object, id)
  return record === null || record.deleted ? null : { ...record, object, id }
}

/** An object that rules are written for; an org without it is broken. */
export function needed(scope: Pick<RuleScope, 'schema'>, name: string): ObjectDefinition {
  const object = scope.schema.object(name)
  if (object === null) throw new Error(`the schema has no ${name}`)
  return object
}

/** Live records of an object whose lookup points to an id. */
export function childrenOf(
  scope: Pick<RuleScope, 'schema' | 'store'>,
  child: string,
  lookup: string,
  parentId: string,
): StoredRecord[] {
  const object = needed(scope, child)
  const field = scope.schema.field(object, lookup)
  if (field === null) throw new Error(`${child} has no ${lookup}`)
  return scope.store.childrenOf(object, field, parentId)
}
