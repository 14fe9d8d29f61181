import type { ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import { SoqlError } from './soql-error.ts'

/** The object that a FROM names. Throws SoqlError. */
export function findObject(
  schema: Schema,
  from: { readonly name: string; readonly at: number },
): ObjectDefinition {
  const object = schema.object(from.name)
  if (object !== null) return object
  throw new SoqlError(
    'INVALID_TYPE',
    `sObject type '${from.name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
    from.at,
  )
}
