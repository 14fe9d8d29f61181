import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSalesforceClient } from './client.ts'
import { type ConnectedClient, connectClient } from './connected-client.ts'
import { toId18 } from './record-id.ts'
import {
  type Answer,
  cutAfterBody,
  json,
  ORG_15,
  SESSION_EXPIRED,
  silence,
  TOKEN_ROUTE,
  text,
} from './scripted-org.ts'
import type { SessionSource } from './session-flight.ts'
import type { SalesforceSession } from './token-answer.ts'

const LIMITS = 'GET /services/data/v67.0/limits/'
const QUERY = 'GET /services/data/v67.0/query'
const limitsBody = {
  DailyApiRequests: { Max: 5000, Remaining: 4937, 'Some App': { Max: 0, Remaining: 0 } },
}
const unavailable = json(503, [{ errorCode: 'SERVER_UNAVAILABLE', message: 'try later' }])

let connected: ConnectedClient
beforeEach(async () => {
  connected = await connectClient()
})
afterEach(() => connected.close())

describe('calls', () => {
  test('every answer is told of with its usage, and paths have no query string', async () => {
    const { org, client, answers } = connected
    org.route(LIMITS, json(200, limitsBody, { 'sforce-limit-info': 'api-usage=63/5000' }))
    org.route(
      QUERY,
      json(400, [{ errorCode: 'MALFORMED_QUERY', message: 'unexpected token' }], {
        'sforce-limit-info': 'api-usage=64/5000, per-app-api-usage=17/250(appName=x)',
      }),
    )
    expect(await client.limits()).toEqual({ DailyApiRequests: { Max: 5000, Remaining: 4937 } })
    await expect(collect(client.query("SELECT Id FROM A WHERE Name = 'x'"))).rejects.toMatchObject({
      kind: 'invalid_request',
      errorCode: 'MALFORMED_QUERY',
      retry: 'never',
    })
    expect(answers).toMatchObject([
      {
        method: 'GET',
        path: '/services/data/v67.0/limits/',
        httpStatus: 200,
        apiUsage: { used: 63, limit: 5000 },
      },
      { path: '/services/data/v67.0/query', httpStatus: 400, apiUsage: { used: 64, limit: 5000 } },
    ])
  })

  test('the organization comes with the session', async () => {
    expect(await connected.client.organizationId()).toBe(toId18(ORG_15))
    expect(connected.answers).toEqual([])
  })

  test('versions are asked for without a token', async () => {
    const { org, client } = connected
    const list = [{ label: "Summer '26", url: '/services/data/v67.0', version: '67.0' }]
    org.route('GET /services/data', json(200, list))
    expect(await client.versions()).toEqual(list)
    expect(org.requests.at(-1)?.headers.authorization).toBeUndefined()
  })

  test('an expired session is renewed once and the call sent again', async () => {
    const { org, client, answers } = connected
    org.route(LIMITS, SESSION_EXPIRED, json(200, limitsBody))
    await client.limits()
    const tokens = org.requests
      .filter((seen) => seen.route === LIMITS)
      .map((seen) => seen.headers.authorization)
    expect(tokens).toEqual(['Bearer t1', 'Bearer t2'])
    expect(answers.map((answer) => answer.httpStatus)).toEqual([401, 200])
  })

  test('twenty calls that meet an expired session renew it once', async () => {
    const { org, client } = connected
    org.route(LIMITS, (response, seen, request) =>
      (seen.headers.authorization === 'Bearer t2' ? json(200, limitsBody) : SESSION_EXPIRED)(
        response,
        seen,
        request,
      ),
    )
    await Promise.all(Array.from({ length: 20 }, () => client.limits()))
    expect(org.count(TOKEN_ROUTE)).toBe(2)
  })

  test('a session that stays invalid ends in authentication', async () => {
    const { org, client } = connected
    org.route(LIMITS, SESSION_EXPIRED)
    await expect(client.limits()).rejects.toMatchObject({
      kind: 'authentication',
      errorCode: 'INVALID_SESSION_ID',
      retry: 'person',
    })
    expect(org.count(LIMITS)).toBe(2)
    expect(org.count(TOKEN_ROUTE)).toBe(2)
  })

  test('a renewal that fails is not repeated with the GET around it', async () => {
    const { org, client } = connected
    org.route(LIMITS, SESSION_EXPIRED)
    await client.organizationId()
    org.route(TOKEN_ROUTE, cutAfterBody())
    await expect(client.limits()).rejects.toMatchObject({ kind: 'no_answer' })
    expect(org.count(TOKEN_ROUTE)).toBe(2)
    expect(org.count(LIMITS)).toBe(1)
  })

  test('a GET is repeated over a cut connection and a 503, twice at most', async () => {
    const { org, client } = connected
    org.route(LIMITS, cutAfterBody(), unavailable, json(200, limitsBody))
    await client.limits()
    expect(org.count(LIMITS)).toBe(3)
    org.route(LIMITS, unavailable)
    await expect(client.limits()).rejects.toMatchObject({
      kind: 'unavailable',
      httpStatus: 503,
      effect: 'none',
      retry: 'backoff',
    })
    expect(org.count(LIMITS)).toBe(6)
  })

  test('a long Retry-After is handed to the caller instead of waited for', async () => {
    const { org, client } = connected
    org.route(
      LIMITS,
      json(503, [{ errorCode: 'SERVER_UNAVAILABLE', message: '' }], { 'retry-after': '60' }),
    )
    await expect(client.limits()).rejects.toMatchObject({
      kind: 'unavailable',
      retryAfterMs: 60_000,
    })
    expect(org.count(LIMITS)).toBe(1)
  })

  test('a daily quota is not repeated', async () => {
    const { org, client } = connected
    org.route(
      LIMITS,
      json(403, [
        { errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' },
      ]),
    )
    await expect(client.limits()).rejects.toMatchObject({
      kind: 'quota_daily',
      retry: 'wait_for_quota',
    })
    expect(org.count(LIMITS)).toBe(1)
  })

  test('a redirect is not followed', async () => {
    const { org, client } = connected
    org.route(LIMITS, text(302, '', { location: `${org.url}/elsewhere` }))
    await expect(client.limits()).rejects.toMatchObject({ kind: 'invalid_answer', httpStatus: 302 })
    expect(org.count('GET /elsewhere')).toBe(0)
  })

  test('an answer that is no JSON, or lacks what it must have, is invalid', async () => {
    const { org, client } = connected
    org.route(LIMITS, text(200, '<html>'), json(200, { DailyApiRequests: { Max: 1 } }))
    await expect(client.limits()).rejects.toMatchObject({ kind: 'invalid_answer' })
    await expect(client.limits()).rejects.toThrow('DailyApiRequests.Remaining')
  })

  test('an error page of any size is cut short', async () => {
    const { org, client } = connected
    org.route(LIMITS, text(400, 'x'.repeat(5_000_000)))
    await expect(client.limits()).rejects.toMatchObject({ kind: 'invalid_answer', httpStatus: 400 })
  })

  test('the caller can give up, before and during a call', async () => {
    const { org, client } = connected
    org.route(LIMITS, silence())
    await client.organizationId()
    await expect(client.limits(AbortSignal.abort())).rejects.toMatchObject({
      kind: 'aborted',
      effect: 'none',
    })
    expect(org.count(LIMITS)).toBe(0)
    await expect(client.limits(AbortSignal.timeout(50))).rejects.toMatchObject({ kind: 'aborted' })
    expect(org.count(LIMITS)).toBe(1)
  })

  test('a body that is cut while the listener works is no answer, and a GET goes again', async () => {
    const { org } = connected
    const cutInBody: Answer = (response, _seen, request) => {
      response.writeHead(200, { 'content-type': 'text/csv', 'content-length': '100' })
      response.write('"sf__Id"', () => setTimeout(() => request.socket.destroy(), 5))
    }
    org.route(LIMITS, cutInBody, json(200, limitsBody))
    org.route('GET /services/data/v67.0/jobs/ingest/750x/failedResults', cutInBody)
    const slow = createSalesforceClient({
      sessions: sessionAt(org.url),
      apiVersion: '67.0',
      timeoutMs: 2000,
      onAnswer: async () => void (await sleep(60)),
    })
    await slow.limits()
    expect(org.count(LIMITS)).toBe(2)
    const results = await slow.ingest.results('750x', 'failed')
    await expect(readText(results)).rejects.toMatchObject({ kind: 'no_answer', effect: 'none' })
    await slow.close()
  })

  test('a listener that fails fails the call, and leaves no connection behind', async () => {
    const { org } = connected
    org.route(LIMITS, json(200, limitsBody))
    const failing = createSalesforceClient({
      sessions: sessionAt(org.url),
      apiVersion: '67.0',
      timeoutMs: 2000,
      onAnswer: () => Promise.reject(new Error('counter down')),
    })
    await expect(failing.limits()).rejects.toThrow('counter down')
    expect(org.count(LIMITS)).toBe(1)
    await failing.close()
  })
})

describe('connections', () => {
  test('a port where nobody listens is not_sent, for a mutating call too', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo // A TCP server that listens has one.
    await new Promise((resolve) => server.close(resolve))
    const client = createSalesforceClient({
      sessions: sessionAt(`http://127.0.0.1:${port}`),
      apiVersion: '67.0',
      timeoutMs: 1000,
      onAnswer: () => {},
    })
    await expect(client.ingest.close('750x')).rejects.toMatchObject({
      kind: 'not_sent',
      effect: 'none',
      retry: 'backoff',
      httpStatus: null,
    })
    await client.close()
  })

  test('a host that speaks no TLS is not_sent', async () => {
    const { org } = connected
    const client = createSalesforceClient({
      sessions: sessionAt(org.url.replace('http:', 'https:')),
      apiVersion: '67.0',
      timeoutMs: 1000,
      onAnswer: () => {},
    })
    await expect(client.ingest.close('750x')).rejects.toMatchObject({
      kind: 'not_sent',
      effect: 'none',
    })
    await client.close()
  })
})

function sessionAt(instanceUrl: string): SessionSource {
  const session: SalesforceSession = {
    accessToken: 't1',
    instanceUrl,
    organizationId: toId18(ORG_15),
    scope: null,
  }
  return { current: async () => session, renew: async () => session }
}

async function collect<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const page of pages) all.push(page)
  return all
}
