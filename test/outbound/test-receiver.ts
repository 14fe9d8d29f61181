import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer, type Server, type Socket } from 'node:net'
import { generate } from 'selfsigned'

export interface Listening {
  readonly port: number
  /** Connections so far. */
  readonly connections: () => number
  close(): Promise<void>
}

/** Takes connections on every address of the machine, and counts them. */
export async function startForbidden(): Promise<Listening> {
  return counted(
    createServer((socket) => socket.end()),
    undefined,
  )
}

export interface Receiver extends Listening {
  /** What the receiver's certificate is checked by. */
  readonly ca: string
  readonly requests: { readonly method: string; readonly url: string; readonly host: string }[]
}

/** An HTTPS server whose certificate, of an authority of its own, is for `names`. */
export async function startReceiver(
  names: readonly string[],
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  validUntil?: Date,
): Promise<Receiver> {
  const authority = await generate([{ name: 'commonName', value: 'Authority of the test' }], {
    ...{ keyType: 'ec', algorithm: 'sha256' },
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  const [first = ''] = names
  const made = await generate([{ name: 'commonName', value: first }], {
    ...{ keyType: 'ec', algorithm: 'sha256' },
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'subjectAltName', altNames: names.map((value) => ({ type: 2, value }) as const) },
    ],
    ...(validUntil === undefined
      ? {}
      : { notBeforeDate: new Date(validUntil.getTime() - 86_400_000), notAfterDate: validUntil }),
  })
  const requests: { method: string; url: string; host: string }[] = []
  const server = createTlsServer({ key: made.private, cert: made.cert }, (request, response) => {
    const { method = '', url = '' } = request
    requests.push({ method, url, host: request.headers.host ?? '' })
    answer(request, response)
  })
  return { ...(await counted(server, '127.0.0.1')), ca: authority.cert, requests }
}

async function counted(server: Server, host: string | undefined): Promise<Listening> {
  let connections = 0
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    connections += 1
    open.add(socket)
    socket.on('error', () => {}).once('close', () => open.delete(socket))
  })
  server.listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a port.')
  return {
    port: address.port,
    connections: () => connections,
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}
