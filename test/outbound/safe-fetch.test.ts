import { Socket } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { freePort } from '../../dev/stack/free-port.ts'
import { createSafeFetch, type SafeFetch } from '../../outbound/safe-fetch.ts'
import { PUBLIC_ONLY } from '../../security/address-rules.ts'
import { type Receiver, startForbidden, startReceiver } from './test-receiver.ts'

const LIMITS = { connectMs: 5_000, totalMs: 10_000, maxResponseBytes: 1_000, connectionsPerHost: 2 }
/** As in production, but for the one address and the ports that a test can listen on. */
const RULES = {
  ...PUBLIC_ONLY,
  allowsAnyPort: true,
  refusalOf: (address: string) => (address === '127.0.0.1' ? null : PUBLIC_ONLY.refusalOf(address)),
}
let lookups = 0
const resolve = async () => {
  lookups += 1
  return [{ address: '127.0.0.1', family: 4 }]
}

let receiver: Receiver
let fetcher: SafeFetch
let forbiddenPort = 0
beforeAll(async () => {
  receiver = await startReceiver(['hook.example'], (request, response) => {
    switch (request.url?.split('?')[0]) {
      case '/ok':
        response.setHeader('x-told', 'yes')
        request.pipe(response)
        return
      case '/refuses':
        response.writeHead(503).end('busy')
        return
      case '/redirect':
        response.writeHead(307, { location: `https://127.0.0.1:${forbiddenPort}/` }).end()
        return
      case '/large':
        response.end('x'.repeat(1_001))
        return
      case '/endless':
        response.write('x'.repeat(900))
        setInterval(() => response.write('x'), 20).unref()
        return
      case '/headers':
        response.writeHead(200, { 'x-long': 'x'.repeat(20_000) }).end()
        return
      case '/cut':
        response.writeHead(200, { 'content-length': '100' }).write('half')
        setTimeout(() => request.socket.destroy(), 20)
        return
      case '/garbage':
        request.socket.end('220 mail.example ESMTP\r\n')
        return
      default:
        // Never answers.
        return
    }
  })
  fetcher = createSafeFetch({ ...LIMITS, rules: RULES, resolve, ca: receiver.ca })
})
afterAll(async () => {
  await receiver.close()
  await fetcher.close()
})

const to = (path: string, host = 'hook.example', port = receiver.port) => ({
  ...({ method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'hello' } as const),
  url: `https://${host}:${port}${path}`,
})

test('a good host is called by its name, at the address that was checked', async () => {
  lookups = 0
  const result = await fetcher.send(to('/ok?a=b'))
  if (result.kind === 'failure') throw new Error(result.message)
  expect([result.status, result.body.toString(), result.headers['x-told']]).toEqual([
    200,
    'hello',
    'yes',
  ])
  expect(receiver.requests.at(-1)).toEqual({
    ...{ method: 'POST', url: '/ok?a=b' },
    host: `hook.example:${receiver.port}`,
  })
  expect(lookups).toBe(1)
})

test('a refusal is an answer', async () => {
  expect(await fetcher.send(to('/refuses'))).toMatchObject({ kind: 'answer', status: 503 })
})

test('a redirect is a failure, and is not followed', async () => {
  const forbidden = await startForbidden()
  forbiddenPort = forbidden.port
  expect(await fetcher.send(to('/redirect'))).toMatchObject({ failure: 'redirect', status: 307 })
  expect(forbidden.connections()).toBe(0)
  await forbidden.close()
})

test.each([
  ['/large', 'too_large'],
  ['/endless', 'too_large'],
  ['/headers', 'too_large'],
  ['/cut', 'connection_lost'],
  ['/garbage', 'protocol'],
])('%s: %s', async (path, failure) => {
  expect(await fetcher.send(to(path))).toMatchObject({ failure, mayHaveArrived: true })
})

test('a host that does not answer, or drips, is given up in time', async () => {
  const hasty = createSafeFetch({
    ...{ ...LIMITS, totalMs: 400, maxResponseBytes: 1_000_000 },
    ...{ rules: RULES, resolve, ca: receiver.ca },
  })
  for (const path of ['/silent', '/endless']) {
    const result = await hasty.send(to(path))
    expect(result).toMatchObject({ failure: 'timeout', mayHaveArrived: true })
    expect(result.durationMs).toBeLessThan(5_000)
  }
  await hasty.close()
})

test("the caller's signal ends the call", async () => {
  const stop = new AbortController()
  const call = fetcher.send({ ...to('/silent'), signal: stop.signal })
  await expect.poll(() => receiver.requests.at(-1)?.url).toBe('/silent')
  stop.abort()
  expect(await call).toMatchObject({ failure: 'aborted' })
})

test('nobody listens', async () => {
  const result = await fetcher.send(to('/', 'hook.example', await freePort()))
  expect(result).toMatchObject({ failure: 'connection_refused', mayHaveArrived: false })
})

test('a connection that is dead as soon as it was made went to no bad address', async () => {
  // What Node has of the address then: nothing. Its own method, which no type tells of.
  const own = Socket.prototype as unknown as { _getpeername(): object }
  const look = vi.spyOn(own, '_getpeername').mockReturnValue({})
  const before = receiver.requests.length
  const fresh = createSafeFetch({ ...LIMITS, rules: RULES, resolve, ca: receiver.ca })
  try {
    expect(await fresh.send(to('/ok'))).toMatchObject({
      ...{ failure: 'connection_refused', mayHaveArrived: false },
      message: 'The host closed the connection at once.',
    })
    expect(look).toHaveBeenCalled()
    expect(receiver.requests).toHaveLength(before)
  } finally {
    look.mockRestore()
    await fresh.close()
  }
})

test('a certificate for another name, of an unknown authority, or out of date', async () => {
  const failure = { failure: 'tls', mayHaveArrived: false }
  expect(await fetcher.send(to('/ok', 'other.example'))).toMatchObject(failure)
  const strangers = createSafeFetch({ ...LIMITS, rules: RULES, resolve })
  expect(await strangers.send(to('/ok'))).toMatchObject(failure)
  await strangers.close()

  const stale = await startReceiver(
    ['hook.example'],
    (_, response) => response.end(),
    new Date(Date.now() - 60_000),
  )
  const today = createSafeFetch({ ...LIMITS, rules: RULES, resolve, ca: stale.ca })
  expect(await today.send(to('/', 'hook.example', stale.port))).toMatchObject(failure)
  expect(stale.requests).toEqual([])
  await today.close()
  await stale.close()
})

test('a server that speaks no TLS', async () => {
  const plain = await startForbidden()
  const result = await fetcher.send(to('/', 'hook.example', plain.port))
  expect(result).toMatchObject({ kind: 'failure', mayHaveArrived: false })
  await plain.close()
})
