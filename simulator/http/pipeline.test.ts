import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient, errorSchema, type TestClient } from '../testing/test-client.ts'

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

/** For machines that are busy with other things. */
const PATIENT = { timeout: 8_000 }

const insert = { object: 'Account', operation: 'insert' }
const rows = (count: number): string =>
  `Name\n${Array.from({ length: count }, (_, index) => `Row ${index}`).join('\n')}\n`

describe('faults on calls', () => {
  test('a status strikes before the effect, and only as often as it says', async () => {
    await client.admin('POST', '/faults', {
      match: { call: 'bulk.upload' },
      times: 1,
      action: { type: 'status', status: 503 },
    })
    const { id } = await client.createJob(insert)
    const answer = await client.upload(id, rows(2))
    expect(answer.status).toBe(503)
    expect(errorSchema.parse(await answer.json())[0]?.errorCode).toBe('SERVER_UNAVAILABLE')
    expect((await client.upload(id, rows(2))).status).toBe(201)
  })

  test('a status strikes calls without a body too', async () => {
    await client.admin('POST', '/faults', {
      match: { call: 'describe', object: 'Lead' },
      action: { type: 'status', status: 500, errorCode: 'UNKNOWN_EXCEPTION' },
    })
    expect((await client.call('GET', '/sobjects/Account/describe')).status).toBe(200)
    expect((await client.call('GET', '/sobjects/Lead/describe')).status).toBe(500)
    expect((await client.call('GET', '/sobjects/Lead/describe')).status).toBe(200)
  })

  test('a cut after the effect leaves the effect', async () => {
    await client.admin('POST', '/faults', {
      match: { call: 'bulk.close' },
      action: { type: 'cut_after' },
    })
    const { id } = await client.createJob(insert)
    await client.upload(id, rows(3))
    await expect(client.close(id)).rejects.toThrow()
    expect(await client.finished(id)).toMatchObject({ numberRecordsProcessed: 3 })
    const log = await client.admin('GET', '/calls?name=bulk.close')
    expect(log).toMatchObject({ calls: [{ status: 0, faults: ['cut_after'] }] })
  })

  test('a cut before the effect leaves nothing', async () => {
    await client.admin('POST', '/faults', {
      match: { call: 'record.create' },
      action: { type: 'cut_before' },
    })
    await expect(client.json('POST', '/sobjects/Account', { Name: 'A' })).rejects.toThrow()
    expect(await client.count('Account')).toBe(0)
  })

  test('an expired session stays expired, a new one works', async () => {
    await client.admin('POST', '/faults', {
      match: { path: '/limits$' },
      action: { type: 'expire_session' },
    })
    expect((await client.call('GET', '/limits')).status).toBe(401)
    const second = await client.call('GET', '/limits')
    expect(errorSchema.parse(await second.json())[0]?.errorCode).toBe('INVALID_SESSION_ID')
    client = await createTestClient(simulator.url)
    expect((await client.call('GET', '/limits')).status).toBe(200)
  })

  test('results break off in the middle of their body', async () => {
    const info = await client.run(insert, rows(5_000))
    await client.admin('POST', '/faults', {
      match: { call: 'bulk.results' },
      action: { type: 'truncate', afterBytes: 1_000 },
    })
    const broken = await client.call('GET', `/jobs/ingest/${info.id}/successfulResults`)
    expect(broken.status).toBe(200)
    await expect(broken.text()).rejects.toThrow('terminated')
    expect(await client.results(info.id, 'successfulResults')).toHaveLength(5_000)
  })

  test('the daily limit counts every call and then refuses', async () => {
    await client.admin('PATCH', '/settings', { apiUsed: 10, apiMax: 12 })
    const first = await client.call('GET', '/limits')
    expect(first.headers.get('sforce-limit-info')).toBe('api-usage=11/12')
    expect((await client.call('GET', '/limits')).status).toBe(200)
    const refused = await client.call('GET', '/limits')
    expect(refused.status).toBe(403)
    expect(refused.headers.get('sforce-limit-info')).toBe('api-usage=12/12')
    expect(errorSchema.parse(await refused.json())[0]?.errorCode).toBe('REQUEST_LIMIT_EXCEEDED')
  })
})

describe('faults inside jobs', () => {
  test('chosen rows are locked for their first tries, over several jobs', async () => {
    await client.admin('POST', '/faults', {
      match: { object: 'Account' },
      times: 'always',
      action: { type: 'row_error', rows: { everyKth: 3 }, firstTries: 2 },
    })
    let csv = rows(9)
    for (const expected of [3, 3]) {
      const info = await client.run(insert, csv)
      const failed = await client.results(info.id, 'failedResults')
      expect(failed).toHaveLength(expected)
      expect(failed[0]?.['sf__Error']).toBe(
        'UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--',
      )
      csv = `Name\n${failed.map((row) => row['Name']).join('\n')}\n`
    }
    expect(await client.run(insert, csv)).toMatchObject({ numberRecordsFailed: 0 })
    expect(await client.count('Account')).toBe(9)
  })

  test('rows are chosen by a field’s value, with a code of choice', async () => {
    await client.admin('POST', '/faults', {
      action: {
        type: 'row_error',
        rows: { field: 'Name', equals: ['Row 1', 'Row 3'] },
        code: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
        message: 'no',
        fields: ['Name'],
        firstTries: null,
      },
    })
    const info = await client.run(insert, rows(5))
    const failed = await client.results(info.id, 'failedResults')
    expect(failed.map((row) => [row['Name'], row['sf__Error']]).toSorted()).toEqual([
      ['Row 1', 'FIELD_CUSTOM_VALIDATION_EXCEPTION:no:Name --'],
      ['Row 3', 'FIELD_CUSTOM_VALIDATION_EXCEPTION:no:Name --'],
    ])
  })

  test('a stuck job goes on by itself', async () => {
    await client.admin('POST', '/faults', { action: { type: 'stuck', ms: 3_000, afterRows: 2 } })
    const { id } = await client.createJob(insert)
    await client.upload(id, rows(5))
    await client.close(id)
    await expect
      .poll(async () => (await client.info(id)).numberRecordsProcessed, {
        interval: 10,
        timeout: 8_000,
      })
      .toBe(2)
    expect((await client.info(id)).state).toBe('InProgress')
    expect(await client.finished(id)).toMatchObject({ numberRecordsProcessed: 5 })
  })

  test('a job fails with a part unprocessed', async () => {
    await client.admin('POST', '/faults', { action: { type: 'fail_job', afterRows: 4 } })
    const info = await client.run(insert, rows(10))
    expect(info).toMatchObject({ state: 'Failed', numberRecordsProcessed: 4, retries: 20 })
    const saved = await client.results(info.id, 'successfulResults')
    const rest = await client.results(info.id, 'unprocessedrecords')
    const names = [...saved, ...rest].map((row) => row['Name'])
    expect(saved).toHaveLength(4)
    expect(new Set(names).size).toBe(10)
  })

  test('batches may still commit after Aborted was answered', async () => {
    await client.admin('PATCH', '/settings', { internalBatchRows: 10 })
    await client.admin('POST', '/faults', {
      action: { type: 'late_commits', batches: 2, delayMs: 100 },
    })
    await client.admin('POST', '/faults', { action: { type: 'stuck', ms: 5_000, afterRows: 10 } })
    const { id } = await client.createJob(insert)
    await client.upload(id, rows(100))
    await client.close(id)
    await expect.poll(async () => (await client.info(id)).numberRecordsProcessed, PATIENT).toBe(10)
    expect(await client.abort(id)).toMatchObject({ state: 'Aborted', numberRecordsProcessed: 10 })
    await expect.poll(async () => client.count('Account'), PATIENT).toBe(30)
    await new Promise((resolve) => setTimeout(resolve, 250))
    expect(await client.info(id)).toMatchObject({ state: 'Aborted', numberRecordsProcessed: 30 })
    expect(await client.results(id, 'successfulResults')).toHaveLength(30)
    expect(await client.results(id, 'unprocessedrecords')).toHaveLength(70)
  })

  test('without that fault an abort stops the job between batches', async () => {
    await client.admin('PATCH', '/settings', { internalBatchRows: 10, bulkRowsPerSecond: 100 })
    const { id } = await client.createJob(insert)
    await client.upload(id, rows(1_000))
    await client.close(id)
    await expect
      .poll(async () => (await client.info(id)).numberRecordsProcessed, PATIENT)
      .toBeGreaterThan(0)
    await client.abort(id)
    const count = await client.count('Account')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await client.count('Account')).toBe(count)
    expect(await client.results(id, 'unprocessedrecords')).toHaveLength(1_000 - count)
  })
})
