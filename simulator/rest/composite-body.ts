import { z } from 'zod'
import { ApiError } from '../http/api-error.ts'
import { REST_METHODS, type RestCall } from './resource.ts'

const MOST_SUBREQUESTS = 25
/** Of these, collections and queries. */
const MOST_HEAVY = 5

const subrequestSchema = z.object({
  method: z.string(),
  url: z.string(),
  referenceId: z.string(),
  body: z.unknown().optional(),
  httpHeaders: z.record(z.string(), z.string()).nullish(),
})

const compositeSchema = z.object({
  allOrNone: z.boolean().nullish(),
  // Subrequests run in their order: that is right with and without it.
  collateSubrequests: z.boolean().nullish(),
  compositeRequest: z.array(subrequestSchema),
})

export type CompositeSubrequest = z.infer<typeof subrequestSchema>

export interface CompositeBody {
  readonly allOrNone: boolean
  readonly subrequests: readonly CompositeSubrequest[]
}

/** Reads the body of a composite call. Throws ApiError 400: nothing of it is run then. */
export function readComposite(call: RestCall): CompositeBody {
  const parsed = compositeSchema.safeParse(call.body.value())
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const path = issue?.path.map(String) ?? []
    const name = path.at(-1) ?? ''
    if (name === 'referenceId') throw badRequest("Provided referenceId ('null') must be set")
    throw call.body.refusal(`Invalid value for ${path.join('.')}: ${issue?.message}`, [])
  }
  const { allOrNone, compositeRequest } = parsed.data
  if (compositeRequest.length === 0) throw badRequest('compositeRequest must not be empty')
  if (compositeRequest.length > MOST_SUBREQUESTS) {
    throw limit(`The limit of ${MOST_SUBREQUESTS} subrequests was exceeded`)
  }
  if (compositeRequest.filter(({ url }) => HEAVY.test(url)).length > MOST_HEAVY) {
    throw limit(`The limit of ${MOST_HEAVY} sObject Collections and query subrequests was exceeded`)
  }
  const known = new Set<string>()
  for (const subrequest of compositeRequest) checkSubrequest(subrequest, known)
  return { allOrNone: allOrNone ?? false, subrequests: compositeRequest }
}

const HEAVY = /^\/services\/data\/v[^/]+\/(?:composite\/sobjects|query|queryall)(?:[/?]|$)/i
const INHERITED = ['accept', 'authorization', 'content-type']

function checkSubrequest(subrequest: CompositeSubrequest, known: Set<string>): void {
  const { method, url, referenceId, httpHeaders } = subrequest
  if (!/^[A-Za-z0-9]\w*$/.test(referenceId)) {
    throw badRequest(
      `Provided referenceId ('${referenceId}') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_').`,
    )
  }
  if (known.has(referenceId)) throw badRequest(`Duplicate referenceId: ${referenceId}`)
  known.add(referenceId)
  if (!REST_METHODS.some((candidate) => candidate === method)) {
    throw badRequest(`Unsupported method: ${method}`)
  }
  if (!/^\/services\/data\/v\d+\.\d+\//i.test(url)) {
    throw badRequest(`The url must start with /services/data/vXX.X/: ${url}`)
  }
  const own = Object.keys(httpHeaders ?? {}).find((name) => INHERITED.includes(name.toLowerCase()))
  if (own !== undefined) throw badRequest(`The header ${own} is not allowed in a subrequest`)
}

function badRequest(message: string): ApiError {
  return new ApiError(400, 'JSON_PARSER_ERROR', message)
}

function limit(message: string): ApiError {
  return new ApiError(400, 'LIMIT_EXCEEDED', message)
}
