import type { MiddlewareHandler } from 'hono'
import type { ApiContext, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { redactText } from '../redact-text.ts'

/** Headers that say how something was asked and answered, and nothing of what or by whom. */
const REQUEST_HEADERS = [
  ...['accept', 'content-type', 'content-length', 'content-encoding', 'user-agent', 'origin'],
] as const
const RESPONSE_HEADERS = [
  ...['content-type', 'content-length', 'retry-after', 'ratelimit', 'idempotency-replayed'],
] as const

/** Which of the two is logged. */
export interface RequestLogSettings {
  readonly logRequests: boolean
  readonly logResponses: boolean
}

/**
 * A line for each request as it comes, and one for each answer once its last byte has left or the caller has. Bodies
 * and the values of a query are never in it: they hold records.
 */
export function requestLog(settings: RequestLogSettings): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const { logger } = c.var
    const asked = { method: c.req.method, path: redactText(c.req.path) }
    if (settings.logRequests) {
      const query = Object.keys(c.req.query()).map(redactText)
      const headers = pick(REQUEST_HEADERS, (name) => c.req.header(name))
      logger.info({ ...asked, query, headers, address: c.var.address }, 'request')
    }
    const began = performance.now()
    const socket = c.env.incoming?.socket
    const sentBefore = socket?.bytesWritten ?? 0
    await next()
    if (!settings.logResponses) return

    const { outgoing } = c.env
    const status = c.res.status
    const headers = pick(RESPONSE_HEADERS, (name) => c.res.headers.get(name) ?? undefined)
    const log = () => {
      logger.info(
        {
          ...{ ...asked, status, headers, ...whoOf(c) },
          code: c.error instanceof ApiError ? c.error.code : null,
          // With the headers, as they went over the wire.
          bytes: socket === undefined ? null : socket.bytesWritten - sentBefore,
          ms: Math.round(performance.now() - began),
          // False where the caller left first, or the answer broke off.
          complete: outgoing?.writableFinished ?? true,
        },
        'response',
      )
    }
    if (outgoing === undefined || outgoing.closed) log()
    else outgoing.once('close', log)
  }
}

/** Nobody, where the request was refused before it was known whose it is. */
function whoOf(c: ApiContext): { keyId: string | null; workspaceId: string | null } {
  const caller = c.var.caller as ApiContext['var']['caller'] | undefined
  return { keyId: caller?.keyId ?? null, workspaceId: caller?.workspaceId ?? null }
}

function pick(
  names: readonly string[],
  read: (name: string) => string | undefined,
): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = read(name)
      return value === undefined ? [] : [[name, redactText(value)]]
    }),
  )
}
