import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.close())
beforeEach(async () => {
  await fetch(`${simulator.url}/__simulator/reset`, { method: 'POST' })
  client = await createTestClient(simulator.url)
  await client.admin('PATCH', '/settings', { bulkStartDelayMs: 0 })
})

/** A machine that does much else needs more than the usual second. */
const PATIENT = { timeout: 15_000, interval: 5 }

const fault = (action: object, rest: object = {}) =>
  client.admin('POST', '/faults', { action, ...rest })

const names = (count: number) =>
  `Name\n${Array.from({ length: count }, (_, index) => `N${index}\n`).join('')}`

describe('rows that fail', () => {
  test('those that lock a chosen record, by whichever column they name it', async () => {
    const accounts = await client.run(
      { object: 'Account', operation: 'insert' },
      'Name,External_Id__c\nChosen,k1\nOther,k2\n',
    )
    const saved = await client.results(accounts.id, 'successfulResults')
    const chosen = saved.find((row) => row['Name'] === 'Chosen')?.['sf__Id'] ?? ''
    await fault(
      { type: 'row_error', rows: { locks: [chosen.slice(0, 15)] }, firstTries: null },
      { times: 'always' },
    )
    const contacts = { object: 'Contact', operation: 'insert' }
    const byKey = await client.run(contacts, 'LastName,Account.External_Id__c\nA,k1\nB,k2\nC,\n')
    const failed = await client.results(byKey.id, 'failedResults')
    expect(failed.map((row) => [row['LastName'], row['sf__Error']])).toEqual([
      [
        'A',
        `UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 1 records: ${chosen.slice(0, 15)}:--`,
      ],
    ])
    // The parent itself, and children that are found by what is stored of them.
    const update = await client.run(
      { object: 'Account', operation: 'update' },
      `Id,Phone\n${saved.map((row) => `${row['sf__Id']},1\n`).join('')}`,
    )
    expect(update.numberRecordsFailed).toBe(1)
  })

  test('a share of them', async () => {
    await fault(
      { type: 'row_error', rows: { share: 0.2 }, firstTries: null, code: 'UNKNOWN_EXCEPTION' },
      { times: 'always' },
    )
    const insert = { object: 'Account', operation: 'insert' }
    const info = await client.run(insert, names(500))
    expect(info.numberRecordsFailed).toBeGreaterThan(60)
    expect(info.numberRecordsFailed).toBeLessThan(140)
  })

  test('only as often as asked for, over all jobs that try them', async () => {
    await fault({ type: 'row_error', rows: { share: 1 }, firstTries: 2 }, { times: 2 })
    const insert = { object: 'Account', operation: 'insert' }
    expect(await client.run(insert, names(3))).toMatchObject({ numberRecordsFailed: 3 })
    expect(await client.run(insert, names(3))).toMatchObject({ numberRecordsFailed: 3 })
    expect(await client.run(insert, names(3))).toMatchObject({ numberRecordsFailed: 0 })
  })
})

describe('jobs that break off', () => {
  const insert = { object: 'Account', operation: 'insert' }

  test.each([1, 3])('fail after some rows, with %i batches at once', async (parallel) => {
    await client.admin('PATCH', '/settings', {
      internalBatchRows: 4,
      bulkParallelBatches: parallel,
    })
    await fault({ type: 'fail_job', afterRows: 10, retries: 20 })
    const info = await client.run(insert, names(30))
    expect(info).toMatchObject({
      state: 'Failed',
      numberRecordsProcessed: 10,
      retries: 20,
      errorMessage: 'InternalServerError : Batch failed. Retry limit exceeded for the job',
    })
    const rest = await client.results(info.id, 'unprocessedrecords')
    expect(rest.map((row) => row['Name']).toSorted()).toEqual(
      Array.from({ length: 20 }, (_, index) => `N${index + 10}`).toSorted(),
    )
  })

  async function started(csv: string): Promise<string> {
    const { id } = await client.createJob(insert)
    await client.upload(id, csv)
    await client.close(id)
    return id
  }
  const processed = async (id: string) => (await client.info(id)).numberRecordsProcessed

  test('stand still after some rows until they are aborted', async () => {
    await client.admin('PATCH', '/settings', { internalBatchRows: 2, bulkParallelBatches: 5 })
    await fault({ type: 'stuck', ms: 60_000, afterRows: 10 })
    const id = await started(names(30))
    await expect.poll(() => processed(id), PATIENT).toBe(10)
    await client.abort(id)
    expect(await client.results(id, 'unprocessedrecords')).toHaveLength(20)
  })

  test('leave rows of the middle unprocessed where batches run side by side', async () => {
    await client.admin('PATCH', '/settings', {
      internalBatchRows: 2,
      bulkParallelBatches: 5,
      bulkRowsPerSecond: 15,
    })
    const all = names(30).trim().split('\n').slice(1)
    let gap = false
    // Chance may take the batches of one job in their order, hardly those of ten.
    for (let round = 0; round < 10 && !gap; round += 1) {
      const id = await started(names(30))
      await expect.poll(() => processed(id), PATIENT).toBeGreaterThan(1)
      await client.abort(id)
      const rest = (await client.results(id, 'unprocessedrecords')).map((row) => row['Name'] ?? '')
      const done = (await client.results(id, 'successfulResults')).map((row) => row['Name'] ?? '')
      expect([...rest, ...done].toSorted()).toEqual(all.toSorted())
      gap = all.slice(0, done.length).some((name) => !done.includes(name))
    }
    expect(gap).toBe(true)
  })

  test('a ragged row fails the job after what was in process is committed', async () => {
    await client.admin('PATCH', '/settings', { internalBatchRows: 2, bulkParallelBatches: 4 })
    const info = await client.run(insert, `${names(5)}a,b\n${names(3)}`)
    expect(info).toMatchObject({
      state: 'Failed',
      numberRecordsProcessed: 4,
      errorMessage: 'InvalidBatch : Row 6 has 2 values, the header has 1 names',
    })
  })
})

test('an empty result file can be answered with 204, by a fault or always', async () => {
  const { id } = await client.run({ object: 'Account', operation: 'insert' }, names(1))
  const status = async (which: string) =>
    (await client.call('GET', `/jobs/ingest/${id}/${which}`)).status
  await fault({ type: 'no_content' }, { match: { call: 'bulk.results', path: 'failed' } })
  expect(await status('successfulResults')).toBe(200)
  expect(await status('failedResults')).toBe(204)
  expect(await status('failedResults')).toBe(200)
  await client.admin('PATCH', '/settings', { emptyResults204: true })
  expect(await status('failedResults')).toBe(204)
  expect(await status('successfulResults')).toBe(200)
})
