import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient, errorSchema, type TestClient } from '../testing/test-client.ts'

/** For machines that are busy with other things. */
const PATIENT = { timeout: 8_000 }

let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.close())
beforeEach(async () => {
  await fetch(`${simulator.url}/__simulator/reset`, { method: 'POST' })
  client = await createTestClient(simulator.url)
})

const fault = (match: object, action: object, others: object = {}): Promise<unknown> =>
  client.admin('POST', '/faults', { match, action, ...others })

const callsSchema = z.object({
  calls: z.array(
    z.object({
      requestId: z.string(),
      name: z.string(),
      user: z.string().nullable(),
      status: z.number(),
      wire: z.object({ received: z.number(), sent: z.number() }),
      faults: z.array(z.string()),
    }),
  ),
})
const calls = async (query: string) =>
  callsSchema.parse(await client.admin('GET', `/calls?${query}`)).calls

describe('answers that say nothing of the effect', () => {
  test('503 after the record was made', async () => {
    await fault({ call: 'record.create' }, { type: 'status', status: 503, after: true })
    const answer = await client.call('POST', '/sobjects/Account', { Name: 'A' })
    expect(answer.status).toBe(503)
    expect(errorSchema.parse(await answer.json())[0]?.errorCode).toBe('SERVER_UNAVAILABLE')
    expect(await client.count('Account')).toBe(1)
    expect(await calls('name=record.create')).toMatchObject([{ status: 503, faults: ['status'] }])
  })

  test('503 after a job was closed: it runs', async () => {
    await fault({ call: 'bulk.close' }, { type: 'status', after: true })
    const { id } = await client.createJob({ object: 'Account', operation: 'insert' })
    await client.upload(id, 'Name\nA\n')
    const closing = client.call('PATCH', `/jobs/ingest/${id}`, { state: 'UploadComplete' })
    expect((await closing).status).toBe(503)
    expect(await client.finished(id)).toMatchObject({ numberRecordsProcessed: 1 })
  })

  test('a proxy’s page, half a JSON text, nothing at all', async () => {
    await fault({ call: 'limits' }, { type: 'status', status: 502, form: 'html' })
    const page = await client.call('GET', '/limits')
    expect(page.status).toBe(502)
    expect(page.headers.get('content-type')).toBe('text/html; charset=UTF-8')
    expect(await page.text()).toContain('502 Bad Gateway')
    expect(page.headers.get('sforce-limit-info')).toBeNull()
    await fault({ call: 'limits' }, { type: 'status', status: 200, form: 'html', after: true })
    const login = await client.call('GET', '/limits')
    expect(login.status).toBe(200)
    expect(await login.text()).toContain('<html>')
    await fault({ call: 'limits' }, { type: 'status', status: 500, form: 'malformed' })
    const half = await client.call('GET', '/limits')
    expect(half.headers.get('content-type')).toBe('application/json')
    const text = await half.text()
    expect(text).toMatch(/^\[/)
    expect(() => JSON.parse(text)).toThrow()
    await fault({ call: 'limits' }, { type: 'status', status: 503, form: 'empty' })
    expect(await (await client.call('GET', '/limits')).text()).toBe('')
  })

  test.each([409, 420, 429])('%i comes without a hint when to try again', async (status) => {
    await fault({ call: 'bulk.get' }, { type: 'status', status, errorCode: 'X', message: 'no' })
    const { id } = await client.createJob({ object: 'Account', operation: 'insert' })
    const answer = await client.call('GET', `/jobs/ingest/${id}`)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('retry-after')).toBeNull()
    expect(await answer.json()).toEqual([{ errorCode: 'X', message: 'no' }])
  })
})

describe('connections', () => {
  test('an answer that comes slowly comes whole', async () => {
    await fault({ call: 'describe' }, { type: 'slow_body', bytesPerSecond: 200_000 })
    const before = performance.now()
    const slow = await client.call('GET', '/sobjects/Account/describe')
    const headersAfter = performance.now() - before
    const text = await slow.text()
    const took = performance.now() - before
    expect(text).toBe(await (await client.call('GET', '/sobjects/Account/describe')).text())
    // Timers round down by up to a millisecond a piece.
    expect(took).toBeGreaterThan((text.length / 200_000) * 1_000 * 0.8)
    expect(headersAfter).toBeLessThan(took)
  })

  test('an upload is reset in its middle, and leaves nothing', async () => {
    await fault({ call: 'bulk.upload' }, { type: 'reset_upload', afterBytes: 1_000 })
    const { id } = await client.createJob({ object: 'Account', operation: 'insert' })
    const seen = await new Promise<string>((resolve) => {
      const { hostname, port } = new URL(simulator.url)
      const socket = connect(Number(port), hostname)
      let answer = ''
      socket.on('data', (chunk) => {
        answer += chunk.toString()
      })
      socket.on('error', (error) => resolve(`${answer}${error.message}`))
      socket.on('close', () => resolve(`${answer}closed`))
      socket.write(
        `PUT /services/data/v64.0/jobs/ingest/${id}/batches HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${client.token}\r\nContent-Type: text/csv\r\nContent-Length: 10000\r\n\r\nName\n${'A\n'.repeat(600)}`,
      )
    })
    expect(seen).toContain('ECONNRESET')
    expect((await client.upload(id, 'Name\nA\n')).status).toBe(201)
  })
})

describe('limits', () => {
  test('a call refused for the concurrent limit says so', async () => {
    await fault({ call: 'query' }, { type: 'limit_exceeded', limit: 'concurrent' })
    const refused = await client.call('GET', '/query?q=SELECT+Id+FROM+Account')
    expect(refused.status).toBe(403)
    expect(await refused.json()).toEqual([
      {
        errorCode: 'REQUEST_LIMIT_EXCEEDED',
        message: 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.',
      },
    ])
  })

  test('so many long calls at once, and the next is refused', async () => {
    await client.admin('PATCH', '/settings', { longCallMs: 30, longCallMax: 1 })
    const { id } = await client.createJob({ object: 'Account', operation: 'insert' })
    let end = (): void => {}
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('Name\nA\n'))
        end = () => controller.close()
      },
    })
    const upload = fetch(`${simulator.url}/services/data/v64.0/jobs/ingest/${id}/batches`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${client.token}`, 'content-type': 'text/csv' },
      body,
      duplex: 'half',
    })
    await expect.poll(async () => (await client.call('GET', '/limits')).status, PATIENT).toBe(403)
    end()
    expect((await upload).status).toBe(201)
    await expect.poll(async () => (await client.call('GET', '/limits')).status, PATIENT).toBe(200)
  })
})

describe('turns', () => {
  const statuses = async (count: number): Promise<number[]> => {
    const seen: number[] = []
    for (let index = 0; index < count; index += 1) {
      seen.push((await client.call('GET', '/limits')).status)
    }
    return seen
  }

  test('the first calls pass, then each third is struck, twice in all', async () => {
    await fault({ call: 'limits' }, { type: 'status' }, { after: 1, everyKth: 3, times: 2 })
    expect(await statuses(9)).toEqual([200, 200, 200, 503, 200, 200, 503, 200, 200])
  })

  test('chance is the same for the same seed', async () => {
    const runs: number[][] = []
    for (const seed of [7, 7, 8]) {
      await client.admin('PATCH', '/settings', { seed })
      await client.admin('DELETE', '/faults')
      await fault({ call: 'limits' }, { type: 'status' }, { probability: 0.5, times: 'always' })
      runs.push(await statuses(24))
    }
    expect(runs[1]).toEqual(runs[0])
    expect(runs[2]).not.toEqual(runs[0])
    expect(new Set(runs[0])).toEqual(new Set([200, 503]))
  })

  test('chance of one fault does not hang on what strikes other calls', async () => {
    const runs: number[][] = []
    for (const others of [0, 1]) {
      await client.admin('PATCH', '/settings', { seed: 7 })
      await client.admin('DELETE', '/faults')
      const chance = { probability: 0.5, times: 'always' }
      await fault({ call: 'limits' }, { type: 'status' }, chance)
      await fault({ call: 'resources' }, { type: 'status' }, chance)
      const seen: number[] = []
      for (let index = 0; index < 12; index += 1) {
        seen.push(...(await statuses(1)))
        for (let other = 0; other < others; other += 1) await client.call('GET', '/')
      }
      runs.push(seen)
    }
    expect(runs[1]).toEqual(runs[0])
  })
})

describe('the record of calls', () => {
  test('tells user, bytes and request id, and finds by them', async () => {
    const answer = await client.call('POST', '/sobjects/Account', { Name: 'A'.repeat(200) })
    const requestId = answer.headers.get('x-sfdc-request-id') ?? ''
    await answer.text()
    await client.call('GET', '/limits')
    const [found, ...others] = await calls(`requestId=${requestId}`)
    expect(others).toEqual([])
    expect(found).toMatchObject({ name: 'record.create', status: 201 })
    expect(found?.user).toMatch(/^005/)
    await expect
      .poll(async () => (await calls(`requestId=${requestId}`))[0]?.wire.received, PATIENT)
      .toBeGreaterThan(200)
    const wire = (await calls(`requestId=${requestId}`))[0]?.wire
    expect(wire?.received).toBeLessThan(2_000)
    expect(wire?.sent).toBeGreaterThan(100)
    const ofUser = await calls(`user=${found?.user}&status=200`)
    expect(ofUser.map((call) => call.name)).toEqual(['limits'])
    expect(await calls('user=nobody')).toEqual([])
  })

  test.each(['Query', 'LAYOUTS'])(
    'the value of an external id keeps its case, whatever word it is: %s',
    async (word) => {
      const answer = await client.call('PATCH', `/sobjects/Account/External_Id__c/${word}`, {
        Name: 'A',
      })
      expect(answer.status).toBe(201)
      const { id } = z.object({ id: z.string() }).parse(await answer.json())
      expect(await client.json('GET', `/sobjects/Account/${id}/`)).toMatchObject({
        External_Id__c: word,
      })
    },
  )
})
