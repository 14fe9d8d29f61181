import type { MiddlewareHandler } from 'hono'
import type { ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'

const LOCAL_HOST = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d{1,5})?$/i

/**
 * On a machine's own address the API is open to every program there, so it must be closed to web pages that a
 * browser on it shows: a page that had its name pointed here gives itself away by Host, any other by Origin,
 * unless its origin was named in the settings.
 */
export function loopbackGuard(allowedOrigins: readonly string[]): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const host = c.req.header('host') ?? new URL(c.req.url).host
    if (!LOCAL_HOST.test(host)) {
      const message = 'This server answers to localhost only.'
      throw new ApiError('host_not_allowed', message)
    }
    const origin = c.var.isFromTemporalUi ? undefined : c.req.header('origin')
    const isOurs =
      origin === undefined ||
      origin.toLowerCase() === `http://${host.toLowerCase()}` ||
      allowedOrigins.includes(origin)
    if (!isOurs) {
      throw new ApiError('origin_not_allowed', 'Pages of other origins may not use this server.')
    }
    await next()
  }
}
