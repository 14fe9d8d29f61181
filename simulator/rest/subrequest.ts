import { ApiError, notFound } from '../http/api-error.ts'
import type { Org } from '../http/org-context.ts'
import { normalisePath } from '../http/path.ts'
import { versionOf } from '../http/version.ts'
import { savepoint } from '../store/database.ts'
import { allowsDuplicates, DUPLICATE_RULE_HEADER } from './allows-duplicates.ts'
import { nestedBody } from './json-body.ts'
import type { RestAnswer, RestCall } from './resource.ts'
import { handlerOf, type ResourceTable } from './resource-table.ts'

/** A call inside another call's body. */
export interface Subrequest {
  readonly method: string
  /** As in an address: path and query. */
  readonly url: string
  /** `undefined` for none. */
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Runs a call inside `outer`'s transaction. A refusal is an answer like any other, and undoes what
 * the call itself did.
 */
export function runSubrequest(
  org: Org,
  table: ResourceTable,
  outer: RestCall,
  request: Subrequest,
): RestAnswer {
  try {
    return savepoint(org.database, () => run(table, outer, request))
  } catch (error) {
    if (error instanceof ApiError) return { status: error.status, body: error.body() }
    throw error
  }
}

function run(table: ResourceTable, outer: RestCall, request: Subrequest): RestAnswer {
  const [path = '', ...query] = request.url.split('?')
  const [, version = '', rest = ''] =
    /^\/services\/data\/([^/]+)(\/.*)?$/.exec(normalisePath(path)) ?? []
  const number = versionOf(version)
  const found = table.find(rest)
  if (found === null) throw notFound()
  if (found.resource.holdsSubrequests === true) {
    throw new ApiError(400, 'INVALID_INPUT', 'The resource is not supported in a subrequest')
  }
  const headers = new Map(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const header = (name: string): string | null => headers.get(name.toLowerCase()) ?? null
  const duplicates = header(DUPLICATE_RULE_HEADER)
  return handlerOf(
    found.resource,
    request.method === 'HEAD' ? 'GET' : request.method,
  )({
    parameters: found.parameters,
    version: number,
    query: new URLSearchParams(query.join('?')),
    header,
    body: nestedBody(request.body),
    context:
      duplicates === null
        ? outer.context
        : { ...outer.context, allowDuplicates: allowsDuplicates(duplicates) },
    allOrNone: outer.allOrNone,
  })
}
