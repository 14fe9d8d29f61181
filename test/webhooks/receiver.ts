import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** Milliseconds since 1970. */
  readonly at: number
}

export interface Receiver {
  readonly url: string
  readonly received: Received[]
  /** Those that were answered with 2xx. */
  readonly acknowledged: Received[]
  /** How requests are answered from now on; by default 204. */
  answer(how: (request: Received, response: ServerResponse) => void): void
  close(): Promise<void>
}

/** An endpoint of a subscriber, which keeps what it gets. */
export async function startReceiver(port = 0): Promise<Receiver> {
  const received: Received[] = []
  const acknowledged: Received[] = []
  let how = (_request: Received, response: ServerResponse) => {
    response.writeHead(204).end()
  }
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('error', () => {})
    request.on('end', () => {
      const got: Received = {
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(parts).toString(),
        at: Date.now(),
      }
      received.push(got)
      response.on('finish', () => {
        if (response.statusCode < 300) acknowledged.push(got)
      })
      how(got, response)
    })
  })
  server.keepAliveTimeout = 30_000
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const { port: chosen } = server.address() as AddressInfo // Listening on TCP.
  return {
    url: `http://127.0.0.1:${chosen}`,
    received,
    acknowledged,
    answer(next) {
      how = next
    },
    async close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
