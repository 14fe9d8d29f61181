import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Registry } from 'prom-client'

export interface MetricsServer {
  readonly port: number
  close(): Promise<void>
}

export interface MetricsAddress {
  readonly host: string
  /** 0 takes any free one. */
  readonly port: number
}

/** Scrapes are short and few; whoever is slower than this is cut off. */
const REQUEST_MS = 10_000

/** Serves `GET /metrics`, on a port of its own. Nobody is asked who they are: reach it from inside alone. */
export async function serveMetrics(
  registry: Registry,
  { host, port }: MetricsAddress,
  onError: (error: unknown) => void,
): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: REQUEST_MS }, (request, response) => {
    const [path] = (request.url ?? '').split('?', 1)
    if (path !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
      return
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      (error: unknown) => {
        onError(error)
        response.writeHead(500).end()
      },
    )
  })
  server.listen(port, host)
  await once(server, 'listening')
  // A scrape must not keep a process that is done.
  server.unref()
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a port.')
  return {
    port: address.port,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
