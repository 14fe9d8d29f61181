import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT_CONNECTION_ID } from '../../contracts/tenancy.ts'
import { createApiCallCounterQueries } from '../../db/api-call-counters.ts'
import { createBulkJobStateChangeQueries } from '../../db/bulk-job-state-changes.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'

let conveyor: TestConveyor

beforeAll(async () => {
  conveyor = await startTestConveyor()
  await conveyor.startWorker()
})
afterAll(() => conveyor.stop())

test('every row of an insert ends in Salesforce once, with its id', async () => {
  const rows = Array.from({ length: 1_000 }, (_, index) => [`Account ${index}`, 'Boston'])
  const jobId = await conveyor.stage({ columns: ['Name', 'BillingCity'], rows })
  const job = await conveyor.waitForEnd(jobId)
  expect(job.state).toBe('Completed')
  expect(job.counts).toEqual({ success: 1_000, failed: 0, unprocessed: 0, unknown: 0 })
  const results = await conveyor.results(jobId)
  const records = new Map((await conveyor.org.records('Account')).map((r) => [r['Id'], r['Name']]))
  expect(records.size).toBe(1_000)
  expect(results.map((result) => records.get(result.salesforceId ?? ''))).toEqual(
    rows.map((row) => row[0]),
  )
})

test('each change of state is in the outbox, in order', async () => {
  const jobId = await conveyor.stage({ columns: ['Name'], rows: [['Told']] })
  await conveyor.waitForEnd(jobId)
  const changes = await createBulkJobStateChangeQueries(conveyor.pool).listOf(jobId, 10)
  expect(changes.map(({ fromState, toState }) => [fromState, toState])).toEqual([
    [null, 'Queued'],
    ['Queued', 'InProgress'],
    ['InProgress', 'Completed'],
  ])
})

test('calls are counted from the first one on, and the limits are kept', async () => {
  // Neither asking for versions nor for tokens counts as use of the API.
  const seen = (await conveyor.org.calls()).filter(
    ({ name }) => name !== 'versions' && name !== 'token',
  )
  const counters = createApiCallCounterQueries(conveyor.pool)
  // Counts are written behind the calls.
  await expect.poll(() => counters.today(DEFAULT_CONNECTION_ID)).toBe(seen.length)
  const connection = await createConnectionQueries(conveyor.pool).get(DEFAULT_CONNECTION_ID)
  expect(connection?.apiUsage?.limit).toBe(5_000_000)
})
