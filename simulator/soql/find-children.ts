import type { FieldDefinition, ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import { SoqlError } from './soql-error.ts'
import type { Source } from './source.ts'
import type { FromItem } from './statement.ts'

export interface FoundChildren {
  readonly child: ObjectDefinition
  /** The child's lookup to the parent. */
  readonly field: FieldDefinition
  /** The relationship's name as the schema writes it. */
  readonly name: string
}

/** The way down that the FROM of a child query names: `Contacts`, `Account.Contacts`, `a.Contacts`. */
export function findChildren(schema: Schema, parent: Source, from: FromItem): FoundChildren {
  const names = parent.names(from.name)
  const wanted = names.length === 1 ? (names[0] ?? '').toLowerCase() : ''
  for (const { child, field } of schema.children(parent.object)) {
    const name = field.childRelationshipName
    if (name !== null && name.toLowerCase() === wanted) return { child, field, name }
  }
  throw new SoqlError(
    'INVALID_TYPE',
    `Didn't understand relationship '${from.name}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
    from.at,
  )
}
