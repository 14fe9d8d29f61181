import { ORG_CREATED } from '../org.ts'
import { type FieldDefinition, MASTER_RECORD, type ObjectDefinition } from './field.ts'
import { STANDARD_OBJECTS } from './standard-objects.ts'

/** A lookup seen from its parent. */
export interface ChildRelationship {
  readonly child: ObjectDefinition
  readonly field: FieldDefinition
}

/**
 * All objects of an org, found as Salesforce finds them: whatever the case of the name. Objects and
 * fields may be added while the org runs. A definition never changes: whoever keeps something for an
 * object keys it by the definition itself, and a changed object is a new one.
 */
export interface Schema {
  readonly objects: readonly ObjectDefinition[]
  /** `null` when there is no such object. */
  object(name: string): ObjectDefinition | null
  /** `null` when the object has no such field. */
  field(object: ObjectDefinition, name: string): FieldDefinition | null
  /** The object whose ids begin with this prefix. */
  byKeyPrefix(prefix: string): ObjectDefinition | null
  /** All lookups that point to an object, those of the system included. */
  children(parent: ObjectDefinition): readonly ChildRelationship[]
  /** When the object's definition last changed, or that of any, in milliseconds since 1970. */
  changed(object?: ObjectDefinition): number
  /** Adds an object, or puts it in the place of the one with its name. */
  define(object: ObjectDefinition, at: number): void
  /** Back to the objects of a new org. */
  clear(): void
}

interface ObjectIndex {
  readonly definition: ObjectDefinition
  readonly fields: ReadonlyMap<string, FieldDefinition>
  readonly changed: number
}

export function createSchema(standard: readonly ObjectDefinition[] = STANDARD_OBJECTS): Schema {
  const byName = new Map<string, ObjectIndex>()
  const byPrefix = new Map<string, ObjectDefinition>()
  let objects: readonly ObjectDefinition[] = []
  let childrenOf = new Map<string, ChildRelationship[]>()

  function define(object: ObjectDefinition, changed: number): void {
    const fields = new Map(object.fields.map((field) => [field.name.toLowerCase(), field]))
    byName.set(object.name.toLowerCase(), { definition: object, fields, changed })
    byPrefix.set(object.keyPrefix, object)
    objects = [...byName.values()].map((index) => index.definition)
    childrenOf = new Map()
  }

  function clear(): void {
    byName.clear()
    byPrefix.clear()
    for (const object of standard) define(object, ORG_CREATED)
  }
  clear()

  return {
    get objects() {
      return objects
    },
    object: (name) => byName.get(name.toLowerCase())?.definition ?? null,
    field: (object, name) =>
      byName.get(object.name.toLowerCase())?.fields.get(name.toLowerCase()) ?? null,
    byKeyPrefix: (prefix) => byPrefix.get(prefix) ?? null,
    children(parent) {
      const known = childrenOf.get(parent.name)
      if (known !== undefined) return known
      const found = objects.flatMap((child) =>
        child.fields
          .filter(
            (field) => field.referenceTo.includes(parent.name) && field.name !== MASTER_RECORD,
          )
          .map((field) => ({ child, field })),
      )
      childrenOf.set(parent.name, found)
      return found
    },
    changed(object) {
      if (object !== undefined) return byName.get(object.name.toLowerCase())?.changed ?? ORG_CREATED
      return Math.max(...[...byName.values()].map((index) => index.changed))
    },
    define,
    clear,
  }
}
