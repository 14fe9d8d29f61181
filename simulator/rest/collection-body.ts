import { ApiError } from '../http/api-error.ts'
import type { ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import { isJsonObject } from './json-body.ts'
import type { RestCall } from './resource.ts'

/** Records that one call of a collection may write. */
export const MOST_RECORDS = 200
/** Runs of records of one object in one call. */
const MOST_RUNS = 10

export interface CollectionEntry {
  readonly object: ObjectDefinition
  readonly json: Readonly<Record<string, unknown>>
}

export interface CollectionBody {
  readonly allOrNone: boolean
  readonly entries: readonly CollectionEntry[]
}

/** Reads the body of a write to several records. Throws ApiError 400 for one of another form. */
export function readCollection(schema: Schema, call: RestCall): CollectionBody {
  const { allOrNone = false, records } = call.body.object()
  if (typeof allOrNone !== 'boolean') throw malformed('allOrNone must be a boolean')
  if (!Array.isArray(records)) throw malformed('The request must contain a list of records')
  if (records.length > MOST_RECORDS) throw tooMany(MOST_RECORDS)
  const entries = records.map((json: unknown): CollectionEntry => {
    if (!isJsonObject(json)) throw malformed('Each record must be an object')
    return { object: typeOf(schema, json), json }
  })
  checkRuns(entries.map(({ object }) => object))
  return { allOrNone: allOrNone || call.allOrNone, entries }
}

/** Throws ApiError 400 where records of several objects alternate too often. */
export function checkRuns(objects: readonly (ObjectDefinition | null)[]): void {
  const runs = objects.filter((object, index) => index === 0 || object !== objects[index - 1])
  if (runs.length <= MOST_RUNS) return
  throw new ApiError(
    400,
    'LIMIT_EXCEEDED',
    `Cannot have more than ${MOST_RUNS} chunks in a single operation. Please rearrange the data to reduce chunking.`,
  )
}

export function tooMany(most: number): ApiError {
  return new ApiError(
    400,
    'EXCEEDED_ID_LIMIT',
    `record limit reached. cannot submit more than ${most} records into this call`,
  )
}

export function malformed(message: string): ApiError {
  return new ApiError(400, 'INVALID_INPUT', message)
}

function typeOf(schema: Schema, json: Readonly<Record<string, unknown>>): ObjectDefinition {
  const { attributes } = json
  const type = isJsonObject(attributes) ? attributes['type'] : undefined
  if (typeof type !== 'string') throw malformed('Include an entity type specification.')
  const object = schema.object(type)
  if (object !== null) return object
  throw new ApiError(400, 'INVALID_TYPE', `sObject type '${type}' is not supported.`)
}
