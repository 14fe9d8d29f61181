import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { accountFor, distinctNames, expectExact } from '../setup/accounting.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'

let conveyor: TestConveyor

beforeAll(async () => {
  conveyor = await startTestConveyor({ environment: { CONVEYOR_LOAD_MAX_ROWS: '400' } })
  await conveyor.startWorker()
})
afterEach(async () => {
  await conveyor.org.clearFaults()
  await conveyor.org.set({ internalBatchRows: 10_000, bulkRowsPerSecond: null })
})
afterAll(() => conveyor.stop())

async function insert(prefix: string, count = 1_000) {
  const names = distinctNames(count, prefix)
  const jobId = await conveyor.stage({ columns: ['Name'], rows: names.map((name) => [name]) })
  return { names, jobId }
}

describe('answers cut after the effect', () => {
  test.each([
    'bulk.create',
    'bulk.upload',
    'bulk.close',
    'bulk.get',
    'bulk.results',
    'token',
    'describe',
  ])('%s', async (call) => {
    if (call === 'token') await conveyor.org.expireSessions()
    await conveyor.org.addFault({ match: { call }, times: 2, action: { type: 'cut_after' } })
    const { jobId, names } = await insert(`Cut ${call}`)
    const job = await conveyor.waitForEnd(jobId)
    const accounting = await accountFor(conveyor, jobId, names)
    expectExact(accounting)
    expect(job.state).toBe('Completed')
  })
})

test('a session that expires in the middle of a job is renewed', async () => {
  await conveyor.org.addFault({
    match: { call: 'bulk.upload' },
    times: 2,
    action: { type: 'expire_session' },
  })
  await conveyor.org.addFault({
    match: { call: 'bulk.results' },
    times: 1,
    action: { type: 'expire_session' },
  })
  const { jobId, names } = await insert('Expired')
  expect((await conveyor.waitForEnd(jobId)).state).toBe('Completed')
  expectExact(await accountFor(conveyor, jobId, names))
})

test('a storm of 503 delays and loses nothing', async () => {
  await conveyor.org.addFault({
    match: { path: '/jobs/ingest' },
    // It ends: without a bound the unluckiest of runs would take minutes.
    times: 30,
    probability: 0.3,
    action: { type: 'status', status: 503 },
  })
  const { jobId, names } = await insert('Storm')
  expect((await conveyor.waitForEnd(jobId, 100_000)).state).toBe('Completed')
  expectExact(await accountFor(conveyor, jobId, names))
})

test('rows that met a lock go again alone, and then succeed', async () => {
  await conveyor.org.addFault({
    match: { call: 'bulk.close' },
    times: 'always',
    action: { type: 'row_error', rows: { everyKth: 10 }, firstTries: 1 },
  })
  const { jobId, names } = await insert('Locked')
  const job = await conveyor.waitForEnd(jobId)
  expect(job.state).toBe('Completed')
  expectExact(await accountFor(conveyor, jobId, names))
  const jobs = (await conveyor.org.jobs()).filter((upstream) => upstream['object'] === 'Account')
  const retried = jobs.slice(0, 3).map((upstream) => upstream['numberRecordsProcessed'])
  expect(retried).toEqual(expect.arrayContaining([40, 40, 20]))
})

test('a row that stays locked is reported as retryable after the last round', async () => {
  await conveyor.org.addFault({
    match: { call: 'bulk.close' },
    times: 'always',
    action: {
      type: 'row_error',
      rows: { field: 'Name', equals: ['Stubborn 0000007'] },
      firstTries: null,
    },
  })
  const { jobId, names } = await insert('Stubborn', 20)
  const job = await conveyor.waitForEnd(jobId)
  expect(job.state).toBe('CompletedWithErrors')
  const accounting = await accountFor(conveyor, jobId, names)
  expectExact(accounting)
  expect(accounting.outcomes).toEqual({ success: 19, failed: 1, unprocessed: 0, unknown: 0 })
  const row = (await conveyor.results(jobId))[6]
  expect(row).toMatchObject({ outcome: 'failed', errorCode: 'UNABLE_TO_LOCK_ROW', retryable: true })
})

test('a job that hangs upstream is waited for', async () => {
  await conveyor.org.addFault({
    match: { call: 'bulk.close' },
    times: 1,
    action: { type: 'stuck', ms: 4_000, afterRows: 0 },
  })
  const { jobId, names } = await insert('Stuck', 300)
  const heardAt = async () => (await conveyor.job(jobId)).lastUpstreamAt?.getTime() ?? 0
  await until(async () => (await heardAt()) > 0, 10_000, 'an answer')
  const first = await heardAt()
  // Nothing is settled yet, and Salesforce is heard again all the same.
  await until(async () => (await heardAt()) > first, 10_000, 'another answer')
  const job = await conveyor.job(jobId)
  expect(job.counts).toEqual({ success: 0, failed: 0, unprocessed: 0, unknown: 0 })
  expect((await conveyor.waitForEnd(jobId)).state).toBe('Completed')
  expectExact(await accountFor(conveyor, jobId, names))
})

test('rows that a failed job did not come to go again, the written ones do not', async () => {
  await conveyor.org.set({ internalBatchRows: 100 })
  await conveyor.org.addFault({
    match: { call: 'bulk.close' },
    times: 1,
    action: { type: 'fail_job', afterRows: 200 },
  })
  const { jobId, names } = await insert('Half')
  expect((await conveyor.waitForEnd(jobId)).state).toBe('Completed')
  expectExact(await accountFor(conveyor, jobId, names))
})

test('result files that break off are read again', async () => {
  await conveyor.org.addFault({
    match: { call: 'bulk.results' },
    times: 3,
    action: { type: 'truncate', afterBytes: 2_000 },
  })
  const { jobId, names } = await insert('Truncated')
  expect((await conveyor.waitForEnd(jobId)).state).toBe('Completed')
  expectExact(await accountFor(conveyor, jobId, names))
})

test('an abort in Setup doubles nothing, with batches that commit after it', async () => {
  await conveyor.org.set({ internalBatchRows: 50, bulkRowsPerSecond: 200 })
  await conveyor.org.addFault({
    match: { call: 'bulk.close' },
    times: 'always',
    action: { type: 'late_commits', batches: 2, delayMs: 500 },
  })
  const { jobId, names } = await insert('Aborted', 400)
  await conveyor.waitForState(jobId, 'InProgress')
  let upstream: string | undefined
  for (let look = 0; look < 100 && upstream === undefined; look += 1) {
    const running = (await conveyor.org.jobs()).find(
      (candidate) =>
        candidate['state'] === 'InProgress' && Number(candidate['numberRecordsProcessed']) > 0,
    )
    upstream = running && String(running['id'])
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await conveyor.org.abortJob(upstream ?? '')
  const job = await conveyor.waitForEnd(jobId)
  expect(job.state).toBe('Aborted')
  const accounting = await accountFor(conveyor, jobId, names)
  expectExact(accounting)
  expect(accounting.outcomes.unprocessed).toBeGreaterThan(0)
  const left = (await conveyor.results(jobId)).find((result) => result.outcome === 'unprocessed')
  expect(left).toMatchObject({ errorCode: 'upstream_aborted', retryable: false })
})
