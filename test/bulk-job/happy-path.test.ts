import { afterAll, beforeAll, expect, test } from 'vitest'
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
