import { sql } from 'slonik'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { accountFor, distinctNames, expectExact } from '../setup/accounting.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'

let conveyor: TestConveyor

beforeAll(async () => {
  conveyor = await startTestConveyor({
    environment: { CONVEYOR_LOAD_MAX_ROWS: '200', CONVEYOR_BULK_LANES: '1' },
  })
  await conveyor.startWorker()
})
afterEach(async () => {
  await conveyor.org.clearFaults()
  await conveyor.org.set({ bulkRowsPerSecond: null, internalBatchRows: 10_000 })
})
afterAll(() => conveyor.stop())

async function wish(jobId: string, what: 'run' | 'pause' | 'cancel') {
  await createBulkJobQueries(conveyor.pool).setWish(DEFAULT_WORKSPACE_ID, jobId, what)
  expect(await conveyor.starters.wakeBulkJob(jobId)).toBe(true)
}

async function slowInsert(prefix: string, count: number) {
  await conveyor.org.set({ bulkRowsPerSecond: 400, internalBatchRows: 50 })
  const names = distinctNames(count, prefix)
  const jobId = await conveyor.stage({ columns: ['Name'], rows: names.map((name) => [name]) })
  return { jobId, names }
}

test('pause takes effect between loads, and the job goes on where it stood', async () => {
  const { jobId, names } = await slowInsert('Paused', 800)
  await until(async () => (await conveyor.org.count('Account')) > 0, 20_000)
  await wish(jobId, 'pause')
  await conveyor.waitForState(jobId, 'Paused')
  const written = await conveyor.org.count('Account')
  expect(written).toBeLessThan(800)
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(await conveyor.org.count('Account')).toBe(written)
  await wish(jobId, 'run')
  expect((await conveyor.waitForEnd(jobId)).state).toBe('Completed')
  expectExact(await accountFor(conveyor, jobId, names))
})

test('cancel aborts upstream and settles what was written', async () => {
  const { jobId, names } = await slowInsert('Cancelled', 800)
  await until(async () => (await conveyor.job(jobId)).processedRecords > 0, 20_000)
  await wish(jobId, 'cancel')
  const job = await conveyor.waitForEnd(jobId)
  expect(job.state).toBe('Aborted')
  const accounting = await accountFor(conveyor, jobId, names)
  expectExact(accounting)
  expect(accounting.outcomes.unprocessed).toBeGreaterThanOrEqual(400)
})

test('cancelling the run in Temporal cancels the job', async () => {
  const { jobId, names } = await slowInsert('Stopped', 800)
  await until(async () => (await conveyor.job(jobId)).processedRecords > 0, 20_000)
  const handle = conveyor.temporal.client.workflow.getHandle(conveyor.workflowId(jobId))
  await handle.cancel()
  expect((await conveyor.waitForEnd(jobId)).state).toBe('Aborted')
  expectExact(await accountFor(conveyor, jobId, names))
  await until(async () => (await handle.describe()).status.name === 'CANCELLED', 10_000)
})

test('refused credentials hold the job, and it goes on by itself at a wake', async () => {
  await conveyor.org.addFault({
    match: { call: 'token' },
    times: 'always',
    action: {
      type: 'status',
      status: 400,
      errorCode: 'invalid_grant',
      message: 'authentication failure',
    },
  })
  await conveyor.org.expireSessions()
  const names = distinctNames(100, 'Refused')
  const jobId = await conveyor.stage({ columns: ['Name'], rows: names.map((name) => [name]) })
  const held = await conveyor.waitForState(jobId, 'Blocked')
  expect(held.blockedReason).toBe('authentication_failed')
  await conveyor.org.clearFaults()
  await conveyor.starters.wakeBulkJob(jobId)
  expect((await conveyor.waitForEnd(jobId)).state).toBe('Completed')
  expectExact(await accountFor(conveyor, jobId, names))
})

test('a load is waited for at its own pace while another one holds the job', async () => {
  await conveyor.org.set({ bulkRowsPerSecond: 80, internalBatchRows: 50 })
  await conveyor.org.addFault({
    match: { call: 'bulk.results' },
    times: 1,
    action: { type: 'status', status: 403, errorCode: 'API_DISABLED_FOR_ORG', message: 'off' },
  })
  const names = distinctNames(400, 'Held')
  const jobId = await conveyor.stage({ columns: ['Name'], rows: names.map((name) => [name]) })
  expect((await conveyor.waitForState(jobId, 'Blocked')).blockedReason).toBe('api_disabled')
  // The second load is with Salesforce for two and a half seconds, and settled while the first holds the job.
  await until(async () => (await conveyor.job(jobId)).counts.success === 200, 20_000)
  expect((await conveyor.job(jobId)).state).toBe('Blocked')
  const handle = conveyor.temporal.client.workflow.getHandle(conveyor.workflowId(jobId))
  const { events } = await handle.fetchHistory()
  const polls = events?.filter(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'pollLoad',
  )
  expect(polls).toHaveLength(2)
  await conveyor.starters.wakeBulkJob(jobId)
  expect((await conveyor.waitForEnd(jobId)).state).toBe('Completed')
  expectExact(await accountFor(conveyor, jobId, names))
})

test('a connection that points to another organization holds the job', async () => {
  const { jobId, names } = await slowInsert('Moved', 600)
  await until(async () => (await conveyor.job(jobId)).organizationId !== null, 20_000)
  const { organizationId } = await conveyor.job(jobId)
  await conveyor.pool.query(sql.unsafe`
    update salesforce_bulk_jobs set organization_id = '00D000000000001EAA' where job_id = ${jobId}`)
  const held = await conveyor.waitForState(jobId, 'Blocked')
  expect(held.blockedReason).toBe('organization_changed')
  await conveyor.pool.query(sql.unsafe`
    update salesforce_bulk_jobs set organization_id = ${organizationId} where job_id = ${jobId}`)
  await conveyor.starters.wakeBulkJob(jobId)
  expect((await conveyor.waitForEnd(jobId)).state).toBe('Completed')
  expectExact(await accountFor(conveyor, jobId, names))
})

test('an unchecked job with an unknown field fails with the field and writes nothing', async () => {
  const jobId = await conveyor.stage({ columns: ['Name', 'Nmae'], rows: [['a', 'b']] })
  const job = await conveyor.waitForEnd(jobId)
  expect(job.state).toBe('Failed')
  expect(job.counts).toEqual({ success: 0, failed: 0, unprocessed: 1, unknown: 0 })
  expect(job.errorDetails).toMatchObject({ issues: [{ code: 'unknown_field', field: 'Nmae' }] })
  // It ended without a load that Salesforce could have been asked about.
  expect(job.lastUpstreamAt).toBeNull()
})

test('an operator reads the job from the workflow alone', async () => {
  const { jobId } = await slowInsert('Shown', 400)
  const handle = conveyor.temporal.client.workflow.getHandle(conveyor.workflowId(jobId))
  await until(async () => (await conveyor.job(jobId)).processedRecords > 0, 20_000)
  const progress = await handle.query('progress')
  expect(progress).toMatchObject({
    jobId,
    totalRecords: 400,
    loadsTotal: 2,
    label: 'insert 400 Account',
  })
  const description = await handle.describe()
  expect(description.typedSearchAttributes.toString).toBeTypeOf('function')
  expect(description.searchAttributes).toMatchObject({
    ConveyorObject: ['Account'],
    ConveyorOperation: ['insert'],
    ConveyorStatus: ['InProgress'],
  })
  await conveyor.waitForEnd(jobId)
  await until(
    async () => (await handle.describe()).searchAttributes['ConveyorStatus']?.[0] === 'Completed',
    10_000,
  )
})
