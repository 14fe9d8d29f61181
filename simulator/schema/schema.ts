import type { FieldDefinition, ObjectDefinition } from './field.ts'
import { account } from './objects/account.ts'
import { contact } from './objects/contact.ts'
import { customObject } from './objects/custom-object.ts'
import { lead } from './objects/lead.ts'
import { opportunity } from './objects/opportunity.ts'
import { user } from './objects/user.ts'

/** The objects of a new org. */
export const STANDARD_OBJECTS: readonly ObjectDefinition[] = [
  account,
  contact,
  lead,
  opportunity,
  customObject,
  user,
]

/** All objects of an org, found as Salesforce finds them: whatever the case of the name. */
export interface Schema {
  readonly objects: readonly ObjectDefinition[]
  /** `null` when there is no such object. */
  object(name: string): ObjectDefinition | null
  /** `null` when the object has no such field. */
  field(object: ObjectDefinition, name: string): FieldDefinition | null
  /** The object whose ids begin with this prefix. */
  byKeyPrefix(prefix: string): ObjectDefinition | null
}

export function createSchema(objects: readonly ObjectDefinition[] = STANDARD_OBJECTS): Schema {
  const byName = new Map(objects.map((object) => [object.name.toLowerCase(), object]))
  const byPrefix = new Map(objects.map((object) => [object.keyPrefix, object]))
  const fields = new Map(
    objects.map((object) => [
      object.name,
      new Map(object.fields.map((field) => [field.name.toLowerCase(), field])),
    ]),
  )
  return {
    objects,
    object: (name) => byName.get(name.toLowerCase()) ?? null,
    field: (object, name) => fields.get(object.name)?.get(name.toLowerCase()) ?? null,
    byKeyPrefix: (prefix) => byPrefix.get(prefix) ?? null,
  }
}
