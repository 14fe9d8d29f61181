import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  simulator = await startSimulator()
  client = await createTestClient(simulator.url)
  await client.admin('PATCH', '/settings', { bulkStartDelayMs: 0 })
})
afterAll(() => simulator.close())

test('the versions need no session', async () => {
  const answer = await fetch(`${simulator.url}/services/data/`)
  expect(answer.headers.get('sforce-limit-info')).toBeNull()
  const versions: unknown = await answer.json()
  expect(versions).toHaveLength(37)
  expect(versions).toEqual(
    expect.arrayContaining([
      { label: "Summer '14", url: '/services/data/v31.0', version: '31.0' },
      { label: "Winter '15", url: '/services/data/v32.0', version: '32.0' },
      { label: "Spring '24", url: '/services/data/v60.0', version: '60.0' },
      { label: "Summer '26", url: '/services/data/v67.0', version: '67.0' },
    ]),
  )
})

test('the resources of a version do, and name the identity in full', async () => {
  const path = '/services/data/v50.0/'
  expect((await fetch(simulator.url + path)).status).toBe(401)
  const answer = await client.call('GET', path)
  expect(answer.headers.get('sforce-limit-info')).toMatch(/^api-usage=\d+\/5000000$/)
  expect(await answer.json()).toMatchObject({
    identity: expect.stringMatching(new RegExp(`^${simulator.url}/id/00D\\w{15}/005\\w{15}$`)),
    sobjects: '/services/data/v50.0/sobjects',
    composite: '/services/data/v50.0/composite',
  })
})

test.each(['v30.0', 'v68.0', 'v64.1', 'v64', 'x'])('%s is not served', async (version) => {
  const answer = await client.call('GET', `/services/data/${version}/limits`)
  expect(answer.status).toBe(404)
  expect(await answer.json()).toEqual([
    { errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' },
  ])
})

const limitsSchema = z.record(z.string(), z.object({ Max: z.number(), Remaining: z.number() }))

test('the limits count calls, batches and query jobs', async () => {
  const limits = async () => limitsSchema.parse(await client.json('GET', '/limits/'))
  const before = await limits()
  expect(Object.keys(before)).toEqual(Object.keys(before).toSorted())
  await client.run({ object: 'Account', operation: 'insert' }, 'Name\nA\n')
  await client.json('POST', '/jobs/query', { operation: 'query', query: 'SELECT Id FROM Account' })
  const after = await limits()
  const used = (name: string) => (before[name]?.Remaining ?? 0) - (after[name]?.Remaining ?? 0)
  // The parent batch, which is empty, and the one with the row.
  expect(used('DailyBulkApiBatches')).toBe(2)
  expect(used('DailyBulkV2QueryJobs')).toBe(1)
  expect(used('DailyApiRequests')).toBeGreaterThan(4)
  expect(used('DailyWorkflowEmails')).toBe(0)
})

test('query jobs count for a day of the clock of jobs', async () => {
  const jobs = async () =>
    limitsSchema.parse(await client.json('GET', '/limits'))['DailyBulkV2QueryJobs']
  await client.json('POST', '/jobs/query', { operation: 'query', query: 'SELECT Id FROM Account' })
  expect((await jobs())?.Remaining).toBeLessThan(10_000)
  await client.admin('PATCH', '/settings', { jobClockOffsetMs: 2 * 86_400_000 })
  expect(await jobs()).toEqual({ Max: 10_000, Remaining: 10_000 })
  await client.admin('PATCH', '/settings', { jobClockOffsetMs: 0 })
})

test('the numbers of records', async () => {
  await client.json('POST', '/sobjects/Lead', { LastName: 'L', Company: 'C' })
  expect(await client.json('GET', '/limits/recordCount?sObjects=lead,Contact')).toEqual({
    sObjects: [{ count: 1, name: 'Lead' }],
  })
})
