import { once } from 'node:events'
import { Server } from 'node:http'
import type { Socket } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'
import type { ApiEnv } from './dependencies.ts'

export interface ListenLimits {
  /** Milliseconds that a caller gets for its headers; bodies have their own idle limit. */
  readonly headersMs: number
  /** Milliseconds that a connection may lie idle between requests. */
  readonly keepAliveMs: number
  /** Milliseconds in which not a byte goes either way before a connection is cut, in the middle of a request too. */
  readonly silentMs: number
  /** Connections at once; more are closed as they come. */
  readonly connections: number
}

const LIMITS: ListenLimits = {
  headersMs: 30_000,
  // Longer than load balancers keep idle connections, so that they close first.
  keepAliveMs: 65_000,
  silentMs: 120_000,
  connections: 10_000,
}
/** How often connections are looked over: for headers that take too long, and at the end for idle ones. */
const LOOK_MS = 5_000
const LAST_LOOK_MS = 50

export interface Listening {
  readonly port: number
  /** Takes no more connections and waits for the requests under way, at most `graceMs`; what goes on then is cut. */
  close(graceMs: number): Promise<void>
}

/** Listens. Uploads of any length are fine: only a body that stands still is cut off. */
export async function listen(
  app: Hono<ApiEnv>,
  host: string,
  port: number,
  limits: Partial<ListenLimits> = {},
): Promise<Listening> {
  const { headersMs, keepAliveMs, silentMs, connections } = { ...LIMITS, ...limits }
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: { connectionsCheckingInterval: Math.min(LOOK_MS, headersMs) },
  })
  if (!(server instanceof Server)) throw new Error('Expected a plain HTTP server.')
  // Node's default of 300 s for a whole request would cut large uploads.
  server.requestTimeout = 0
  server.headersTimeout = headersMs
  server.keepAliveTimeout = keepAliveMs
  server.maxConnections = connections
  server.setTimeout(silentMs)
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const closeUnused = () => {
    server.closeIdleConnections()
    // Node counts as idle only what has been used once.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
  }
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a port.')

  return {
    port: address.port,
    async close(graceMs) {
      const closed = once(server, 'close')
      server.close()
      closeUnused()
      // A connection becomes idle when its last request has been answered.
      const look = setInterval(closeUnused, LAST_LOOK_MS)
      const cut = setTimeout(() => server.closeAllConnections(), graceMs)
      await closed
      clearInterval(look)
      clearTimeout(cut)
    },
  }
}
