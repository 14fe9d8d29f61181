import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Registry } from 'prom-client'

export interface MetricsServer {
  /** Begins to serve. A port that is taken is told, and stops nothing else. */
  start(): Promise<void>
  /** Where it serves; null where it does not. */
  port(): number | null
  stop(): Promise<void>
}

export interface MetricsServerOptions {
  readonly registry: Registry
  readonly host: string
  /** 0 takes any free one. */
  readonly port: number
  readonly logger: {
    info(fields: object, message: string): void
    warn(fields: object, message: string): void
    error(fields: object, message: string): void
  }
}

/** Scrapes are short and few; whoever is slower than this is cut off. */
const REQUEST_MS = 10_000

/** Serves `GET /metrics`, on a port of its own. Nobody is asked who they are: reach it from inside alone. */
export function createMetricsServer(options: MetricsServerOptions): MetricsServer {
  const { registry, host, logger } = options
  let listening: { readonly server: Server; readonly port: number } | null = null

  return {
    async start() {
      const server = createMetricsApp(registry, (error) =>
        logger.warn({ err: error }, 'metrics could not be gathered'),
      )
      server.listen(options.port, host)
      try {
        await once(server, 'listening')
      } catch (error) {
        // As with a second worker on a machine: better one without metrics than none.
        const { port } = options
        logger.error(
          { err: error, host, port },
          'metrics are not served: this port is not to be had',
        )
        return
      }
      // A scrape must not keep a process that is done.
      server.unref()
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('Expected a port.')
      listening = { server, port: address.port }
      logger.info({ host, port: address.port }, 'metrics are served')
    },

    port: () => listening?.port ?? null,

    async stop() {
      if (listening === null) return
      const { server } = listening
      listening = null
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function createMetricsApp(registry: Registry, onError: (error: unknown) => void): Server {
  return createServer({ requestTimeout: REQUEST_MS }, (request, response) => {
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
}
