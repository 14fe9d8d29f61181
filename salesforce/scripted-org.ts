import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Tests only: an HTTP server that answers each route by the script of the test. */
export interface ScriptedOrg {
  readonly url: string
  /** Every request that came in, in order, with its body where a route read it. */
  readonly requests: readonly SeenRequest[]
  /** Answers of one route (`GET /path`, without the query), one a request; the last one repeats. */
  route(name: string, ...answers: readonly Answer[]): void
  count(name: string): number
  close(): Promise<void>
}

export interface SeenRequest {
  readonly route: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  body: string
}

export type Answer = (
  response: ServerResponse,
  seen: SeenRequest,
  request: IncomingMessage,
) => void | Promise<void>

export const ORG_15 = '00D5e000001ABCd'
const USER_15 = '0055e000003XyZa'

export async function startScriptedOrg(): Promise<ScriptedOrg> {
  const requests: SeenRequest[] = []
  const routes = new Map<string, Answer[]>()
  const server = createServer((request, response) => {
    const address = request.url ?? '/'
    const name = `${request.method} ${address.split('?', 1)[0]}`
    const seen: SeenRequest = { route: name, url: address, headers: request.headers, body: '' }
    requests.push(seen)
    const answers = routes.get(name)
    const answer = answers && answers.length > 1 ? answers.shift() : answers?.[0]
    void (answer ?? json(404, [{ errorCode: 'NOT_FOUND', message: `No script for ${name}` }]))(
      response,
      seen,
      request,
    )
  })
  await listen(server)
  const { port } = server.address() as AddressInfo // A TCP server that listens has one.
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    route: (name, ...answers) => void routes.set(name, [...answers]),
    count: (name) => requests.filter((request) => request.route === name).length,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
}

/** Reads the body, then answers with JSON. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return async (response, seen, request) => {
    seen.body = await readAll(request)
    response.writeHead(status, { 'content-type': 'application/json;charset=UTF-8', ...headers })
    response.end(JSON.stringify(body))
  }
}

export function text(status: number, body: string, headers: Record<string, string> = {}): Answer {
  return async (response, seen, request) => {
    seen.body = await readAll(request)
    response.writeHead(status, headers)
    response.end(body)
  }
}

/** Reads the whole body and cuts the connection without a word: the answer that is lost. */
export function cutAfterBody(): Answer {
  return async (_response, seen, request) => {
    seen.body = await readAll(request)
    request.socket.destroy()
  }
}

/** Never answers; the connection stays open. */
export function silence(): Answer {
  return async (_response, seen, request) => {
    seen.body = await readAll(request)
  }
}

/** Salesforce's token answer. */
export function token(
  org: { readonly url: string },
  accessToken: string,
  extra: Record<string, string> = {},
): Answer {
  return json(200, {
    access_token: accessToken,
    instance_url: org.url,
    id: `https://login.salesforce.com/id/${ORG_15}/${USER_15}`,
    token_type: 'Bearer',
    issued_at: '1278448384422',
    signature: 'c2lnbmF0dXJl',
    scope: 'api refresh_token',
    ...extra,
  })
}

export const TOKEN_ROUTE = 'POST /services/oauth2/token'
export const SESSION_EXPIRED = json(401, [
  { message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' },
])

export async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer) // No encoding is set.
  return Buffer.concat(chunks).toString('utf8')
}
