import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { BulkJobSchema } from '../../contracts/http/bulk-jobs.ts'
import { accountFor, distinctNames, expectExact } from '../setup/accounting.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'

let conveyor: TestConveyor
let apiUrl: string

beforeAll(async () => {
  conveyor = await startTestConveyor({
    environment: {
      CONVEYOR_LOAD_MAX_ROWS: '100',
      CONVEYOR_BULK_LANES: '2',
      CONVEYOR_QUOTA_LOOK_AGAIN: '1',
    },
  })
  const [api] = await Promise.all([conveyor.startApi(), conveyor.startWorker()])
  apiUrl = api.url
})
afterEach(async () => {
  await conveyor.org.clearFaults()
  await conveyor.org.set({ bulkRowsPerSecond: null, internalBatchRows: 10_000 })
})
afterAll(() => conveyor.stop())

async function insert(prefix: string) {
  const names = distinctNames(250, prefix)
  const rows = names.map((name) => [name])
  const jobId = await conveyor.stage({ columns: ['Name'], rows }, { batchRows: 50 })
  return { names, jobId }
}

async function shown(jobId: string) {
  return BulkJobSchema.parse(await (await fetch(`${apiUrl}/v1/bulk-jobs/${jobId}`)).json())
}

/** What an operator reads at the steps that are being repeated. */
async function pendingMessages(jobId: string): Promise<string[]> {
  const handle = conveyor.temporal.client.workflow.getHandle(conveyor.workflowId(jobId))
  const { pendingActivities } = (await handle.describe()).raw
  return (pendingActivities ?? []).map((pending) => pending.lastFailure?.message ?? '')
}

test('loads wait for daily calls below the reserve, say so, and go on by themselves', async () => {
  await conveyor.org.set({ apiUsed: 950, apiMax: 1_000 })
  const { names, jobId } = await insert('Reserve')
  const wait = /^API calls 9\d\d of 1000 used; 10 % stay in reserve$/
  await until(async () => wait.test((await shown(jobId)).waiting_for ?? ''), 20_000, 'the wait')
  await until(
    async () => (await pendingMessages(jobId)).every((message) => wait.test(message)),
    10_000,
    'the message of the step',
  )
  const legacy = await fetch(`${apiUrl}/api/salesforce/bulk/jobs/${jobId}`)
  expect(await legacy.text()).toContain('"state_detail":"Waiting: API calls 9')

  // Several looks later there is still nothing in Salesforce, and the looks have cost next to nothing.
  const before = (await conveyor.org.calls()).length
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  expect(await conveyor.org.jobs()).toEqual([])
  const looks = (await conveyor.org.calls()).slice(before).length
  expect(looks).toBeGreaterThanOrEqual(1)
  expect(looks).toBeLessThanOrEqual(10)
  expect((await shown(jobId)).state).toBe('InProgress')

  await conveyor.org.set({ apiMax: 100_000 })
  expect((await conveyor.waitForEnd(jobId, 20_000)).state).toBe('Completed')
  expect((await conveyor.job(jobId)).waitingFor).toBeNull()
  expectExact(await accountFor(conveyor, jobId, names))
})

test('a limit that is met in the middle of a job blocks it, and every row is written once', async () => {
  await conveyor.org.set({ bulkRowsPerSecond: 150, internalBatchRows: 25 })
  const { names, jobId } = await insert('Exceeded')
  await until(async () => (await conveyor.job(jobId)).processedRecords > 0, 20_000)
  await conveyor.org.addFault({
    match: { path: '/services/data/' },
    times: 'always',
    action: { type: 'limit_exceeded' },
  })
  await conveyor.waitForState(jobId, 'Blocked')
  expect((await shown(jobId)).blocked).toMatchObject({
    reason: 'quota_exhausted',
    detail: expect.stringContaining('REQUEST_LIMIT_EXCEEDED'),
  })
  expect(await conveyor.org.count('Account')).toBeLessThan(2 * names.length)
  await conveyor.org.clearFaults()
  const resumed = await fetch(`${apiUrl}/v1/bulk-jobs/${jobId}/resume`, { method: 'POST' })
  expect(resumed.status).toBe(202)
  expect((await conveyor.waitForEnd(jobId, 20_000)).state).toBe('Completed')
  const accounting = await accountFor(conveyor, jobId, names)
  expectExact(accounting)
  expect(accounting.outcomes.success).toBe(names.length)
})
