import type { Org } from '../http/org-context.ts'
import { describeObject } from '../schema/describe.ts'
import type { ObjectDefinition } from '../schema/field.ts'
import { recordTypesOf } from './record-types.ts'

/** The describe of an object, with what the org itself adds to the definition. */
export function describeOf(org: Org, object: ObjectDefinition, version: number): object {
  return describeObject(org.schema, object, {
    version,
    baseUrl: org.baseUrl(),
    recordTypes: recordTypesOf(org, object),
  })
}
