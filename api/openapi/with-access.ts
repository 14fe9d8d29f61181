import { ROUTE_ACCESS } from '../access.ts'
import { isLegacyPath } from '../error-response.ts'
import { legacyErrors, problems } from './responses.ts'

/** The parts of an OpenAPI operation that access adds to. */
interface Operation {
  security?: readonly Readonly<Record<string, readonly string[]>>[]
  responses: Record<string, unknown>
  [extension: `x-${string}`]: unknown
}

export const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description:
      'An API key, `cvy_…`. Not asked for where only the machine itself reaches the server.',
  },
  header: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The same key.' },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-conveyor_session',
    description:
      'The cookie of POST /v1/session, for pages of this server. All but GET needs the session’s `csrf_token` as X-CSRF-Token as well.',
  },
} as const

/** Draft 10 of draft-ietf-httpapi-ratelimit-headers. */
const RATE_LIMIT_HEADERS = {
  'Retry-After': {
    description: 'Seconds until it is worth trying again.',
    schema: { type: 'integer' },
  },
  RateLimit: {
    description: 'What is left (`r`), and the seconds until it is all there again (`t`).',
    schema: { type: 'string', example: '"key";r=0;t=42' },
  },
  'RateLimit-Policy': {
    description: 'The limit (`q`) and its window in seconds (`w`).',
    schema: { type: 'string', example: '"key";q=600;w=60' },
  },
} as const

/** Says of an operation which key it needs, and what is answered without: from the one table that decides it. */
export function describeAccess(method: string, path: string, operation: Operation): void {
  const access = ROUTE_ACCESS[`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`]
  if (access === undefined) throw new Error(`api/access.ts does not know ${method} ${path}.`)
  if (access === 'public') {
    operation.security = []
    return
  }
  operation.security = [{ bearer: [] }, { header: [] }, { session: [] }]
  if (access !== 'any') operation['x-required-scope'] = access
  const errors = isLegacyPath(path) ? legacyErrors : problems
  const refusals = errors(
    ...(['unauthorized', 'insufficient_scope', 'key_in_query', 'rate_limited'] as const),
    ...(['origin_not_allowed', 'csrf_token_invalid'] as const),
  )
  for (const [status, answer] of Object.entries(refusals)) operation.responses[status] ??= answer
  Object.assign(operation.responses['429'] ?? {}, { headers: RATE_LIMIT_HEADERS })
}
