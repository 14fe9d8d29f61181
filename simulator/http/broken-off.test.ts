import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

const failures: unknown[] = []
let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  simulator = await startSimulator({ onError: (error) => failures.push(error) })
  client = await createTestClient(simulator.url)
})
afterAll(() => simulator.close())
beforeEach(() => {
  failures.length = 0
})

/** For machines that are busy with other things. */
const PATIENT = { timeout: 8_000 }
const ROOT = '/services/data/v64.0'

/** Sends the head of a call and a part of its body; gives what cuts the connection. */
async function begin(method: string, path: string, type: string): Promise<() => void> {
  const socket = connect(simulator.port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  const head = [
    `${method} ${path} HTTP/1.1`,
    'Host: org',
    `Authorization: Bearer ${client.token}`,
    `Content-Type: ${type}`,
    'Content-Length: 100',
  ]
  const sent = `${head.join('\r\n')}\r\n\r\n{"Name"`
  await new Promise<void>((resolve) => socket.write(sent, () => resolve()))
  return () => socket.destroy()
}

async function answeredCalls(path: string): Promise<number> {
  const log = z.object({ calls: z.array(z.unknown()) })
  return log.parse(await client.admin('GET', `/calls?path=${path}`)).calls.length
}

describe('a client that leaves', () => {
  test.each([
    ['POST', `${ROOT}/sobjects/Account`, 'application/json'],
    ['POST', `${ROOT}/composite`, 'application/json'],
    ['POST', `${ROOT}/jobs/ingest`, 'application/json'],
    ['POST', `${ROOT}/jobs/ingest`, 'multipart/form-data; boundary=x'],
    ['POST', `${ROOT}/jobs/query`, 'application/json'],
    ['PATCH', `${ROOT}/jobs/ingest/750`, 'application/json'],
    ['POST', '/services/oauth2/token', 'application/x-www-form-urlencoded'],
  ])('in the middle of %s %s is no failure of the org', async (method, path, type) => {
    const before = await answeredCalls(path)
    const cut = await begin(method, path, type)
    cut()
    await expect.poll(() => answeredCalls(path), PATIENT).toBe(before + 1)
    expect(failures).toEqual([])
  })

  test('under a fault that waits for the whole body is none either', async () => {
    const fault = { match: { call: 'record.create' }, action: { type: 'status', status: 503 } }
    await client.admin('POST', '/faults', fault)
    const before = await answeredCalls('sobjects')
    const cut = await begin('POST', `${ROOT}/sobjects/Account`, 'application/json')
    cut()
    await expect.poll(() => answeredCalls('sobjects'), PATIENT).toBe(before + 1)
    expect(failures).toEqual([])
  })

  test('while its call is held up does not count as a long call for ever', async () => {
    const fault = { match: { path: '/tabs$' }, action: { type: 'delay', ms: 200 } }
    await client.admin('POST', '/faults', fault)
    const before = await answeredCalls('tabs')
    const cut = await begin('GET', `${ROOT}/tabs`, 'application/json')
    cut()
    await expect.poll(() => answeredCalls('tabs'), PATIENT).toBe(before + 1)
    await client.admin('PATCH', '/settings', { longCallMs: 0, longCallMax: 1 })
    expect((await client.call('GET', '/limits')).status).toBe(200)
  })
})
