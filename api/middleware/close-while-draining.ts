import type { MiddlewareHandler } from 'hono'
import type { ApiEnv } from '../dependencies.ts'
import type { Drain } from '../drain.ts'

/** Ends each connection with the answer that is under way, so that the caller's next request goes elsewhere. */
export function closeWhileDraining(drain: Drain): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    await next()
    if (drain.isActive()) c.header('Connection', 'close')
  }
}
