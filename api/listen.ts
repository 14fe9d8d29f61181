import { once } from 'node:events'
import { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'
import type { ApiEnv } from './dependencies.ts'

/** A caller gets this long for its headers; bodies have their own idle limit. */
const HEADERS_MS = 30_000
/** Longer than load balancers keep idle connections, so that they close first. */
const KEEP_ALIVE_MS = 65_000

export interface Listening {
  readonly port: number
  /** Takes no more requests and waits for those under way, at most `graceMs`. */
  close(graceMs: number): Promise<void>
}

/** Listens. Uploads of any length are fine: only a body that stands still is cut off. */
export async function listen(app: Hono<ApiEnv>, host: string, port: number): Promise<Listening> {
  const server = createAdaptorServer({ fetch: app.fetch })
  if (!(server instanceof Server)) throw new Error('Expected a plain HTTP server.')
  // Node's default of 300 s for a whole request would cut large uploads.
  server.requestTimeout = 0
  server.headersTimeout = HEADERS_MS
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a port.')

  return {
    port: address.port,
    async close(graceMs) {
      const closed = once(server, 'close')
      server.close()
      server.closeIdleConnections()
      const timer = setTimeout(() => server.closeAllConnections(), graceMs)
      await closed
      clearTimeout(timer)
    },
  }
}
