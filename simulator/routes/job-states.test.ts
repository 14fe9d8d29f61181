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

const insert = { object: 'Account', operation: 'insert' }
const DAY_MS = 24 * 3_600_000

async function messageOf(response: Response): Promise<string> {
  expect(response.status).toBe(400)
  const [error] = errorSchema.parse(await response.json())
  expect(error?.errorCode).toBe('INVALIDJOBSTATE')
  return error?.message ?? ''
}

type Change = 'UploadComplete' | 'Aborted'
const patch = (id: string, state: Change) => client.call('PATCH', `/jobs/ingest/${id}`, { state })
const remove = (id: string) => client.call('DELETE', `/jobs/ingest/${id}`)

/** A job that stays in progress until it is aborted. */
async function running(): Promise<string> {
  await client.admin('POST', '/faults', { action: { type: 'stuck', ms: 60_000 } })
  const { id } = await client.createJob(insert)
  await client.upload(id, 'Name\nA\n')
  await client.close(id)
  await expect
    .poll(async () => (await client.info(id)).state, { timeout: 15_000 })
    .toBe('InProgress')
  return id
}

async function failed(): Promise<string> {
  const { id } = await client.createJob(insert)
  await client.close(id)
  await client.finished(id)
  return id
}

describe('what each state allows', () => {
  test('Open: no results, no delete', async () => {
    const { id } = await client.createJob(insert)
    expect(await messageOf(await remove(id))).toBe('Deleting Open Job not allowed')
    for (const name of ['successfulResults', 'failedResults', 'unprocessedrecords']) {
      await messageOf(await client.call('GET', `/jobs/ingest/${id}/${name}`))
    }
  })

  test('UploadComplete: no data, no second close, but abort and delete', async () => {
    await client.admin('PATCH', '/settings', { bulkStartDelayMs: 60_000 })
    const closed = async () => {
      const { id } = await client.createJob(insert)
      await client.upload(id, 'Name\nA\n')
      expect((await client.close(id)).state).toBe('UploadComplete')
      return id
    }
    const id = await closed()
    expect(await messageOf(await client.upload(id, 'Name\nB\n'))).toBe(
      "Failed to upload data, since the Job is not Open. Current job state is 'Closed'",
    )
    expect(await messageOf(await patch(id, 'UploadComplete'))).toBe(
      'Closing already Closed Job not allowed',
    )
    expect((await client.abort(id)).state).toBe('Aborted')
    expect((await remove(await closed())).status).toBe(204)
    expect(await client.count('Account')).toBe(0)
  })

  test('InProgress: abort and no delete', async () => {
    const id = await running()
    expect(await messageOf(await remove(id))).toBe('Deleting InProgress Job not allowed')
    expect(await messageOf(await patch(id, 'UploadComplete'))).toBe(
      'Closing already InProgress Job not allowed',
    )
    expect((await client.abort(id)).state).toBe('Aborted')
  })

  test.each([
    ['JobComplete', 'Completed', async () => (await client.run(insert, 'Name\nA\n')).id],
    ['Failed', 'Failed', failed],
    [
      'Aborted',
      'Aborted',
      async () => {
        const { id } = await client.createJob(insert)
        await client.abort(id)
        return id
      },
    ],
  ])('%s: results and delete, nothing else', async (state, name, reach) => {
    const id = await reach()
    expect((await client.info(id)).state).toBe(state)
    expect(await messageOf(await patch(id, 'Aborted'))).toBe(
      `Aborting already ${name} Job not allowed`,
    )
    expect(await messageOf(await patch(id, 'UploadComplete'))).toBe(
      `Closing already ${name} Job not allowed`,
    )
    expect(await messageOf(await client.upload(id, 'Name\nB\n'))).toContain(name)
    expect((await client.call('GET', `/jobs/ingest/${id}/failedResults`)).status).toBe(200)
    expect((await remove(id)).status).toBe(204)
    expect((await remove(id)).status).toBe(404)
    expect((await client.call('GET', `/jobs/ingest/${id}/failedResults`)).status).toBe(404)
  })

  test('other states and other bodies are refused', async () => {
    const { id } = await client.createJob(insert)
    const response = await client.call('PATCH', `/jobs/ingest/${id}`, { state: 'JobComplete' })
    expect(errorSchema.parse(await response.json())[0]?.errorCode).toBe('INVALIDJOB')
    expect((await client.info(id)).state).toBe('Open')
  })
})

describe('methods', () => {
  test.each([
    ['DELETE', '', 'HEAD,GET,POST'],
    ['PUT', '/{id}', 'HEAD,GET,PATCH,DELETE'],
    ['POST', '/{id}/batches', 'PUT'],
    ['GET', '/{id}/batches', 'PUT'],
    ['DELETE', '/{id}/failedResults/', 'HEAD,GET'],
  ])('%s of jobs/ingest%s is answered 405', async (method, path, allowed) => {
    const { id } = await client.createJob(insert)
    const response = await client.call(method, `/jobs/ingest${path.replace('{id}', id)}`)
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe(allowed)
    expect(await response.json()).toEqual([
      {
        errorCode: 'METHOD_NOT_ALLOWED',
        message: `HTTP Method '${method}' not allowed. Allowed are ${allowed}`,
      },
    ])
  })
})

test('a job goes by its id of 15 characters too', async () => {
  const { id } = await client.run(insert, 'Name\nA\n')
  const short = id.slice(0, 15)
  expect(await client.info(short)).toMatchObject({ id, state: 'JobComplete' })
  expect(await client.results(short, 'successfulResults')).toHaveLength(1)
  expect((await remove(short)).status).toBe(204)
  expect((await client.call('GET', `/jobs/ingest/${id}`)).status).toBe(404)
})

describe('times', () => {
  test('a job tells how long it took, how often it was retried and when it changed', async () => {
    await client.admin('POST', '/faults', { action: { type: 'retries', retries: 3 } })
    await client.admin('PATCH', '/settings', { bulkRowsPerSecond: 50 })
    const info = await client.run(insert, `Name\n${'A\n'.repeat(5)}`)
    expect(info).toMatchObject({ state: 'JobComplete', retries: 3, numberRecordsFailed: 0 })
    expect(info['totalProcessingTime']).toBeGreaterThanOrEqual(90)
    expect((await client.info(info.id))['totalProcessingTime']).toBe(info['totalProcessingTime'])
    expect(info['createdDate']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/)
  })

  test('seven days after its end a job is gone, before that and while it is open it is not', async () => {
    const { id } = await client.run(insert, 'Name\nA\n')
    const { id: open } = await client.createJob(insert)
    const status = async (path: string) => (await client.call('GET', path)).status
    await client.admin('PATCH', '/settings', { jobClockOffsetMs: 7 * DAY_MS - 60_000 })
    expect(await status(`/jobs/ingest/${id}`)).toBe(200)
    await client.admin('PATCH', '/settings', { jobClockOffsetMs: 7 * DAY_MS })
    expect(await status(`/jobs/ingest/${id}`)).toBe(404)
    expect(await status(`/jobs/ingest/${id}/successfulResults`)).toBe(404)
    expect((await remove(id)).status).toBe(404)
    const list = (await client.json('GET', '/jobs/ingest')) as { records: { id: string }[] }
    expect(list.records.map((job) => job.id)).toEqual([open])
    // A job of now ends now.
    const later = await client.run(insert, 'Name\nB\n')
    expect(await status(`/jobs/ingest/${later.id}`)).toBe(200)
    expect(later['createdDate']).toBe((await client.info(later.id))['createdDate'])
    expect(await client.count('Account')).toBe(2)
  })
})

describe('the list of jobs', () => {
  test('tells what jobs are, not how far they got, and can be narrowed to a type', async () => {
    const { id } = await client.run(insert, 'Name\nA\n')
    const records = async (query: string) =>
      ((await client.json('GET', `/jobs/ingest${query}`)) as { records: object[] }).records
    const [job] = await records('?jobType=V2Ingest')
    expect(job).toMatchObject({ id, state: 'JobComplete', jobType: 'V2Ingest', apiVersion: 64 })
    expect(job).not.toHaveProperty('numberRecordsProcessed')
    expect(await records('?jobType=Classic')).toEqual([])
    expect(await records('?isPkChunkingEnabled=true')).toEqual([])
    expect(await records('?isPkChunkingEnabled=false')).toHaveLength(1)
    const wrong = await client.call('GET', '/jobs/ingest?queryLocator=x')
    expect(errorSchema.parse(await wrong.json())[0]?.errorCode).toBe('INVALID_QUERY_LOCATOR')
  })

  test('gives at most a thousand a page', async () => {
    const set = (jobListPageSize: number) => client.admin('PATCH', '/settings', { jobListPageSize })
    expect(await client.admin('GET', '/settings')).toMatchObject({ jobListPageSize: 1_000 })
    await expect(set(1_001)).rejects.toThrow('400')
    await set(2)
    for (let made = 0; made < 5; made += 1) await client.createJob(insert)
    type Page = { done: boolean; records: { id: string }[]; nextRecordsUrl?: string }
    const sizes: number[] = []
    let url: string | undefined = '/jobs/ingest?jobType=V2Ingest'
    while (url !== undefined) {
      const page = (await client.json('GET', url)) as Page
      expect(page.done).toBe(page.nextRecordsUrl === undefined)
      sizes.push(page.records.length)
      url = page.nextRecordsUrl
    }
    expect(sizes).toEqual([2, 2, 1])
  })
})
