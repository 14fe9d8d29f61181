import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sharedNow } from './clock.ts'
import { answerParent } from './helper-process.ts'
import { type Behaviour, listenSchema } from './receivers.ts'

/** A body that comes so slowly never ends within any patience. */
const DRIP_MS = 500
const RETRY_AFTER_SECONDS = '30'

let arrivals: [eventId: string, endpoint: number, at: number][] = []
let seen = new Set<string>()
let duplicates = 0
let misses = 0
let last = 0

/** Endpoints of subscribers: one port each, as subscribers have a host each. */
answerParent({
  async listen(input) {
    const { behaviours } = listenSchema.parse(input)
    return Promise.all(behaviours.map((behaviour, endpoint) => listen(endpoint, behaviour)))
  },
  reset() {
    arrivals = []
    seen = new Set()
    duplicates = 0
    misses = 0
    last = 0
  },
  count: () => ({ arrived: arrivals.length, duplicates, misses, last }),
  arrivals: () => arrivals,
})

async function listen(endpoint: number, behaviour: Behaviour): Promise<number> {
  const server = createServer((request, response) => {
    if (behaviour === 'ok') note(endpoint, request)
    else misses += 1
    request.resume()
    request.on('error', () => {})
    response.on('error', () => {})
    request.on('end', () => answer(behaviour, response))
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Listening on TCP.
  return (server.address() as AddressInfo).port
}

function note(endpoint: number, { headers }: IncomingMessage): void {
  const at = sharedNow()
  const eventId = String(headers['webhook-id'])
  const key = `${eventId} ${endpoint}`
  if (seen.has(key)) {
    duplicates += 1
    return
  }
  seen.add(key)
  arrivals.push([eventId, endpoint, at])
  last = at
}

function answer(behaviour: Behaviour, response: ServerResponse): void {
  switch (behaviour) {
    case 'ok':
      response.writeHead(204).end()
      return
    case '500':
      response.writeHead(500).end()
      return
    case '410':
      response.writeHead(410).end()
      return
    case '429':
      response.writeHead(429, { 'retry-after': RETRY_AFTER_SECONDS }).end()
      return
    case 'hang':
      return
    case 'drip': {
      response.writeHead(200)
      const timer = setInterval(() => response.write('.'), DRIP_MS)
      response.on('close', () => clearInterval(timer))
    }
  }
}
