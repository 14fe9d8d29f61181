import type { MiddlewareHandler } from 'hono'
import type { ApiEnv, ApiSettings } from '../dependencies.ts'

/** Headers that the Temporal UI sends with payloads. */
const ALLOWED_HEADERS = 'Content-Type, X-Namespace, Authorization, X-API-Key'

/** Lets pages of the Temporal UI, and of no other origin, read what the codec answers. */
export function codecCors({
  temporalUi,
}: Pick<ApiSettings, 'temporalUi'>): MiddlewareHandler<ApiEnv> {
  const origins = new Set(temporalUi === null ? [] : originsOf(temporalUi.url))
  return async (c, next) => {
    const origin = c.req.header('origin')
    const isAllowed = origin !== undefined && origins.has(origin)
    if (isAllowed) c.set('isFromTemporalUi', true)
    if (isAllowed && c.req.method === 'OPTIONS') {
      c.res = new Response(null, {
        status: 204,
        headers: {
          'Access-Control-Allow-Methods': 'POST',
          'Access-Control-Allow-Headers': ALLOWED_HEADERS,
          'Access-Control-Max-Age': '600',
        },
      })
    } else await next()
    c.header('Vary', 'Origin', { append: true })
    if (!isAllowed) return
    c.header('Access-Control-Allow-Origin', origin)
    c.header('Access-Control-Allow-Credentials', 'true')
  }
}

/** On the machine itself people write either name. */
function originsOf(url: string): readonly string[] {
  const { protocol, hostname, port, origin } = new URL(url)
  const names = ['localhost', '127.0.0.1']
  if (!names.includes(hostname)) return [origin]
  return names.map((name) => new URL(`${protocol}//${name}:${port}`).origin)
}
