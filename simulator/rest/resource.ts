import type { WriteContext } from '../rules/object-rules.ts'
import type { JsonBody } from './json-body.ts'

export const REST_METHODS = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'] as const
export type RestMethod = (typeof REST_METHODS)[number]

/** A call of one resource, whether it came alone or inside a composite call. */
export interface RestCall {
  /** What the resource's pattern names in the path, decoded. */
  readonly parameters: Readonly<Record<string, string>>
  readonly version: number
  readonly query: URLSearchParams
  /** `null` where the caller did not send it; the name's case does not matter. */
  readonly header: (name: string) => string | null
  readonly body: JsonBody
  readonly context: WriteContext
  /** A composite call around this one rolls back as a whole: so do the collections inside it. */
  readonly allOrNone: boolean
}

export interface RestAnswer {
  readonly status: number
  /** `undefined` for an answer without a body. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Whether a collection holds a refused record although its status is 200. */
  readonly hasRefusals?: boolean
}

/**
 * Answers a call, or throws ApiError. Synchronous, and inside the caller's transaction where it
 * writes, so that a composite call can hold several in one.
 */
export type RestHandler = (call: RestCall) => RestAnswer

/** One resource of the API and what can be done with it. */
export interface RestResource {
  /** The path below the version; `:name` takes one segment, `:name+` all that follow. */
  readonly pattern: string
  readonly methods: Readonly<Partial<Record<RestMethod, RestHandler>>>
  /** No method of it changes anything: it needs no transaction. */
  readonly readOnly?: boolean
  /** It runs other resources, and cannot be one of those that it runs. */
  readonly holdsSubrequests?: boolean
}

/** A parameter that the resource's own pattern names. */
export function parameter(call: RestCall, name: string): string {
  const value = call.parameters[name]
  if (value === undefined) throw new Error(`the pattern names no ${name}`)
  return value
}

/** The address of a record in answers. */
export function recordPath(version: number, object: string, id: string): string {
  return `/services/data/v${version}.0/sobjects/${object}/${id}`
}
