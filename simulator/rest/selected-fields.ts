import type { Org } from '../http/org-context.ts'
import { canonicalId, keyPrefixOf, makeId } from '../ids.ts'
import { type FieldDefinition, lookupNamed, type ObjectDefinition } from '../schema/field.ts'
import { fieldValue, recordJson } from '../soql/record-json.ts'
import type { StoredRecord } from '../store/record-store.ts'
import { noSuchColumn } from './find-object.ts'

/** Fields that a caller asked for, and those of parents (`Account.Name`) by their lookup. */
interface Selection {
  readonly fields: readonly FieldDefinition[]
  readonly parents: ReadonlyMap<FieldDefinition, readonly string[]>
}

/** Lookups that a path may go through, as in SOQL. */
export const DEEPEST_PATH = 5

/**
 * A record as a read answers it: all its fields, or those that `names` asks for. Throws ApiError
 * for a name that is no field.
 */
export function readAnswer(
  org: Org,
  object: ObjectDefinition,
  record: StoredRecord,
  names: readonly string[] | null,
  version: number,
): Record<string, unknown> {
  if (names === null) return recordJson(object, record, object.fields, version)
  const { fields, parents } = select(org, object, names)
  const shown = recordJson(object, record, fields, version)
  for (const [lookup, below] of parents) {
    const parent = parentOf(org, object, record, lookup)
    shown[lookup.relationshipName ?? lookup.name] =
      parent === null ? null : readAnswer(org, parent.object, parent.record, below, version)
  }
  return shown
}

/** Throws ApiError for a name that is no field, also where there is no record to read it from. */
export function checkFields(org: Org, object: ObjectDefinition, names: readonly string[]): void {
  select(org, object, names)
}

/** The names of a `fields` parameter; `null` where the caller did not limit the fields. */
export function askedFields(parameter: string | null): string[] | null {
  const names = (parameter ?? '').split(',').map((name) => name.trim())
  const asked = names.filter((name) => name !== '')
  return asked.length === 0 ? null : asked
}

/** The live record that a lookup of a record points to. */
export function parentOf(
  org: Org,
  object: ObjectDefinition,
  record: StoredRecord,
  lookup: FieldDefinition,
): {
  readonly object: ObjectDefinition
  readonly record: StoredRecord
  readonly id: string
} | null {
  const value = fieldValue(object, record, lookup)
  const id = typeof value === 'string' ? canonicalId(value) : null
  const target = id === null ? null : org.schema.byKeyPrefix(keyPrefixOf(id))
  const parent = id === null || target === null ? null : org.store.get(target, id)
  if (target === null || parent === null || parent.deleted) return null
  return { object: target, record: parent, id: makeId(target.keyPrefix, parent.n) }
}

function select(org: Org, object: ObjectDefinition, names: readonly string[]): Selection {
  const fields = new Set<FieldDefinition>()
  const parents = new Map<FieldDefinition, string[]>()
  for (const name of names) {
    const [first = '', ...rest] = name.split('.')
    const field = org.schema.field(object, name)
    if (field !== null) {
      fields.add(field)
      continue
    }
    const lookup = lookupNamed(object, first)
    if (lookup === null || rest.length === 0 || rest.length > DEEPEST_PATH) {
      throw noSuchColumn(object, name)
    }
    checkPath(org, lookup, rest)
    parents.set(lookup, [...(parents.get(lookup) ?? []), rest.join('.')])
  }
  return { fields: [...fields], parents }
}

/** Refuses a path that ends nowhere also where the record has no parent to try it on. */
function checkPath(org: Org, lookup: FieldDefinition, path: readonly string[]): void {
  const target = org.schema.object(lookup.referenceTo[0] ?? '')
  if (target !== null) select(org, target, [path.join('.')])
}
