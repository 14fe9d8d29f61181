import { ApiError } from '../http/api-error.ts'
import { REST_METHODS, type RestHandler, type RestMethod, type RestResource } from './resource.ts'

export interface FoundResource {
  readonly resource: RestResource
  readonly parameters: Readonly<Record<string, string>>
}

/** Finds the resource of a path. The first pattern that fits wins: words stand before names. */
export interface ResourceTable {
  /** `path` is what follows the version, as in `/sobjects/Account`, normalised and still encoded. */
  find(path: string): FoundResource | null
}

export function createResourceTable(resources: readonly RestResource[]): ResourceTable {
  const patterns = resources.map((resource) => ({ resource, parts: split(resource.pattern) }))
  return {
    find(path) {
      const segments = split(path)
      for (const { resource, parts } of patterns) {
        const parameters = match(parts, segments)
        if (parameters !== null) return { resource, parameters }
      }
      return null
    },
  }
}

function split(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '')
}

function match(
  parts: readonly string[],
  segments: readonly string[],
): Record<string, string> | null {
  const parameters: Record<string, string> = {}
  for (const [index, part] of parts.entries()) {
    const segment = segments[index]
    if (segment === undefined) return null
    if (part.endsWith('+')) {
      parameters[part.slice(1, -1)] = segments.slice(index).map(decode).join('/')
      return parameters
    }
    if (part.startsWith(':')) parameters[part.slice(1)] = decode(segment)
    else if (part !== segment) return null
  }
  return parts.length === segments.length ? parameters : null
}

/** A broken percent code stands for itself: it names nothing, and the answer is a plain 404. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** The handler of a method. Throws ApiError 405 where the resource has none. */
export function handlerOf({ methods }: RestResource, method: string): RestHandler {
  const known = REST_METHODS.find((candidate): candidate is RestMethod => candidate === method)
  const handler = known === undefined ? undefined : methods[known]
  if (handler !== undefined) return handler
  const names = REST_METHODS.filter((candidate) => methods[candidate] !== undefined)
  const allowed = names.includes('GET') ? ['HEAD', ...names] : names
  throw new ApiError(
    405,
    'METHOD_NOT_ALLOWED',
    `HTTP Method '${method}' not allowed. Allowed are ${allowed.join(',')}`,
  )
}
