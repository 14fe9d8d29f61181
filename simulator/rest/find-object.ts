import { ApiError, notFound } from '../http/api-error.ts'
import type { FieldDefinition, ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import { parameter, type RestCall } from './resource.ts'

/** The object that a path names as `:object`. Throws ApiError 404 when there is none. */
export function calledObject(schema: Schema, call: RestCall): ObjectDefinition {
  const object = schema.object(parameter(call, 'object'))
  if (object === null) throw notFound()
  return object
}

/** A field that records can be found by: `Id` or an external id. `null` where the name is none. */
export function keyFieldNamed(
  schema: Schema,
  object: ObjectDefinition,
  name: string,
): FieldDefinition | null {
  const field = schema.field(object, name)
  return field !== null && (field.externalId || field.system === 'id') ? field : null
}

/** Like `keyFieldNamed`, for paths. Throws ApiError 404. */
export function keyField(schema: Schema, object: ObjectDefinition, name: string): FieldDefinition {
  return keyFieldNamed(schema, object, name) ?? noSuchKey(name)
}

/** 404 in the words that Salesforce has for anything that it cannot find a record by. */
export function noSuchKey(text: string): never {
  throw notFound(`Provided external ID field does not exist or is not accessible: ${text}`)
}

/** What the API says of a field that is not there. */
export function noSuchColumn(object: ObjectDefinition, name: string): ApiError {
  return new ApiError(
    400,
    'INVALID_FIELD',
    `No such column '${name}' on sobject of type ${object.name}`,
  )
}
