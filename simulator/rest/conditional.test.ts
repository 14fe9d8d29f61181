import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  simulator = await startSimulator()
  client = await createTestClient(simulator.url)
})
afterAll(() => simulator.close())

const JSON_TYPE = { 'content-type': 'application/json' }

const createdSchema = z.object({ id: z.string(), success: z.literal(true), errors: z.tuple([]) })

async function create(object: string, fields: object): Promise<string> {
  const answer = await client.call('POST', `/sobjects/${object}`, fields)
  expect(answer.status).toBe(201)
  return createdSchema.parse(await answer.json()).id
}

describe('conditional headers', () => {
  test('of an account', async () => {
    const id = await create('Account', { Name: 'Tagged' })
    const path = `/sobjects/Account/${id}`
    const first = await client.call('GET', path)
    const etag = first.headers.get('etag') ?? ''
    const modified = first.headers.get('last-modified') ?? ''
    const status = async (method: string, headers: Record<string, string>, body?: object) =>
      (await client.call(method, path, body, { ...headers, ...JSON_TYPE })).status

    expect(await status('GET', { 'if-none-match': etag })).toBe(304)
    expect(await status('GET', { 'if-none-match': '"other"' })).toBe(200)
    expect(await status('GET', { 'if-modified-since': modified })).toBe(304)
    expect(await status('GET', { 'if-unmodified-since': modified })).toBe(200)
    expect(await status('GET', { 'if-unmodified-since': new Date(0).toUTCString() })).toBe(412)
    expect(await status('PATCH', { 'if-match': '"other"' }, { Name: 'No' })).toBe(412)
    expect(await status('PATCH', { 'if-match': etag }, { Name: 'Yes' })).toBe(204)
    expect(await status('DELETE', { 'if-match': etag })).toBe(412)
    expect(await client.json('GET', path)).toMatchObject({ Name: 'Yes' })
  })

  test('no other record has an ETag, but all have a date', async () => {
    const id = await create('Contact', { LastName: 'C' })
    const path = `/sobjects/Contact/${id}`
    const answer = await client.call('GET', path)
    expect([answer.headers.get('etag'), answer.headers.get('last-modified')]).toEqual([null, null])
    const status = async (header: string, days: number) => {
      const date = new Date(Date.now() + days * 86_400_000).toUTCString()
      return (await client.call('GET', path, undefined, { [header]: date })).status
    }
    expect(await status('if-modified-since', 1)).toBe(304)
    expect(await status('if-modified-since', -1)).toBe(200)
    expect(await status('if-unmodified-since', -1)).toBe(412)
  })
})
