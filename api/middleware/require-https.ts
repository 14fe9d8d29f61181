import type { MiddlewareHandler } from 'hono'
import type { ApiContext, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { mayHoldCredential } from '../http/key-in-query.ts'

/** A year: browsers come by HTTPS from then on. */
const STRICT_TRANSPORT = 'max-age=31536000'
const HOST = /^[a-z0-9.-]+(?::\d{1,5})?$/i

/**
 * Behind proxies that end TLS: what reached the outermost one in clear is sent to HTTPS where it is a page's plain
 * GET, and refused where it carries a credential or does something. What says nothing of its scheme came from
 * inside, as a probe does.
 */
export function requireHttps(trustedProxies: number): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const scheme = schemeOf(c, trustedProxies)
    if (scheme === 'http') return turnAway(c)
    await next()
    if (scheme === 'https') c.header('Strict-Transport-Security', STRICT_TRANSPORT)
    return undefined
  }
}

/** As the outermost trusted proxy saw it; proxies either add to the list or put their own word in its place. */
function schemeOf(c: ApiContext, trustedProxies: number): string | null {
  const seen = (c.req.header('x-forwarded-proto') ?? '')
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
  return seen[Math.max(0, seen.length - trustedProxies)] ?? null
}

function turnAway(c: ApiContext): Response {
  const host = c.req.header('host') ?? ''
  const url = new URL(c.req.url)
  const isPlain = ['authorization', 'x-api-key', 'cookie'].every(
    (name) => c.req.header(name) === undefined,
  )
  // Sent on, a caller would go on putting it into a query, and in clear first.
  if (!isPlain || mayHoldCredential(url.searchParams)) {
    const message =
      'This came in clear with a credential. Use https://, and replace the credential.'
    throw new ApiError('https_required', message)
  }
  // Hono gives handlers of GET what is asked by HEAD, under its own name.
  if (!['GET', 'HEAD'].includes(c.req.method) || !HOST.test(host)) {
    throw new ApiError('https_required', 'Use https://.')
  }
  return c.body(null, 308, { Location: `https://${host}${url.pathname}${url.search}` })
}
