import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { BulkOperation, RowResult } from '../../contracts/bulk-job.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import {
  accountDescribe,
  cacheDescribe,
  endJob,
  jobOf,
  leftovers,
  postJson,
  problemOf,
  rowResult,
  stagedRecords,
  startTestApi,
  type TestApi,
} from './test-api.ts'

let api: TestApi

beforeAll(async () => {
  api = await startTestApi({ batchSize: 3 })
  await cacheDescribe(api.pool, 'Account', accountDescribe())
})
afterAll(() => api.stop())
beforeEach(() => {
  api.temporal.started.length = 0
})

const failed = (rowNumber: number, facts: Partial<RowResult> = {}) =>
  rowResult(rowNumber, {
    outcome: 'failed',
    salesforceId: null,
    created: null,
    errorCode: 'REQUIRED_FIELD_MISSING',
    errorMessage: 'Required fields are missing: [Name]',
    errorFields: ['Name'],
    ...facts,
  })
const locked = (rowNumber: number) =>
  failed(rowNumber, { errorCode: 'UNABLE_TO_LOCK_ROW', retryable: true })

async function makeJob(operation: BulkOperation, results: readonly RowResult[]): Promise<string> {
  const records = Array.from({ length: 10 }, (_, at) => ({
    Ext__c: `k${at + 1}`,
    Name: `N${at + 1}`,
  }))
  const job = await jobOf(
    await postJson(`${api.url}/v1/bulk-jobs`, {
      object: 'Account',
      operation,
      external_id_field: 'Ext__c',
      records,
    }),
  )
  await endJob(api.pool, job.id, 'CompletedWithErrors', results)
  return job.id
}

const retry = (jobId: string, body: object, headers: Record<string, string> = {}) =>
  postJson(`${api.url}/v1/bulk-jobs/${jobId}/retry`, body, headers)

describe('retry', () => {
  test('makes a linked job of the retryable rows, with their numbers and values', async () => {
    const parent = await makeJob('insert', [failed(2), locked(4), locked(9)])
    const response = await retry(parent, { rows: 'retryable' })
    expect(response.status).toBe(202)
    const job = await jobOf(response)
    expect(response.headers.get('location')).toBe(job.links.self)
    expect(job).toMatchObject({ retry_of: parent, links: { retry_of: `/v1/bulk-jobs/${parent}` } })
    expect(await stagedRecords(api.pool, job.id)).toEqual([
      { rowNumber: 4, record: { Ext__c: 'k4', Name: 'N4' } },
      { rowNumber: 9, record: { Ext__c: 'k9', Name: 'N9' } },
    ])
    expect(api.temporal.started).toContain(job.id)
  })

  test('gives the rest to a later retry of all failed rows, and then says who has them', async () => {
    const parent = await makeJob('insert', [failed(2), locked(4)])
    await retry(parent, { rows: 'retryable' })
    const rest = await jobOf(await retry(parent, { rows: 'failed' }))
    expect((await stagedRecords(api.pool, rest.id)).map((row) => row.rowNumber)).toEqual([2])
    const problem = await problemOf(await retry(parent, { rows: 'failed' }))
    expect(problem).toMatchObject({ status: 409, code: 'already_retried' })
    expect(problem.job_url).toBe(`/v1/bulk-jobs/${problem.job_id}`)
  })

  test('of many at once one makes a job; the others are told its id', async () => {
    const parent = await makeJob('insert', [locked(1), locked(5), locked(10)])
    const before = (await leftovers(api.pool)).jobs
    const responses = await Promise.all(
      Array.from({ length: 6 }, () => retry(parent, { rows: 'retryable' })),
    )
    const made = responses.filter((response) => response.status === 202)
    expect(made).toHaveLength(1)
    const [job] = await Promise.all(made.map(jobOf))
    const others = responses.filter((response) => response.status !== 202)
    for (const problem of await Promise.all(others.map(problemOf))) {
      expect(problem).toMatchObject({ status: 409, code: 'already_retried', job_id: job?.id })
    }
    expect(await leftovers(api.pool)).toEqual({ jobs: before + 1, staging: 0 })
  })

  test('takes corrected rows, which replace the old ones as a whole', async () => {
    const parent = await makeJob('insert', [failed(2), failed(3)])
    const rows = [
      { row_number: 3, record: { Name: 'right' } },
      { row_number: 2, record: { Name: 'too', Phone: '1' } },
    ]
    const job = await jobOf(await retry(parent, { rows }))
    expect(await stagedRecords(api.pool, job.id)).toEqual([
      { rowNumber: 2, record: { Name: 'too', Phone: '1' } },
      { rowNumber: 3, record: { Name: 'right', Phone: null } },
    ])
    const again = await problemOf(await retry(parent, { rows: rows.slice(0, 1) }))
    expect(again).toMatchObject({ code: 'already_retried', job_id: job.id })
  })

  test('gives the rows back where the corrected ones are refused', async () => {
    const parent = await makeJob('insert', [failed(2)])
    const wrong = { rows: [{ row_number: 2, record: { Name: 'x'.repeat(11) } }] }
    const problem = await problemOf(await retry(parent, wrong))
    expect(problem.errors?.[0]).toMatchObject({ code: 'field_too_long', row: 2, field: 'Name' })
    expect((await retry(parent, { rows: 'failed' })).status).toBe(202)
  })

  test.each([
    [
      'a row that succeeded',
      { rows: [{ row_number: 1, record: { Name: 'A' } }] },
      422,
      'row_not_retryable',
    ],
    [
      'a row twice',
      {
        rows: [
          { row_number: 2, record: {} },
          { row_number: 2, record: {} },
        ],
      },
      400,
      'invalid_request',
    ],
    ['another word', { rows: 'all' }, 400, 'invalid_request'],
    ['no rows', {}, 400, 'invalid_request'],
    ['a misspelt field', { rows: 'failed', confrm: 'x' }, 400, 'unknown_parameter'],
    ['nothing retryable', { rows: 'retryable' }, 409, 'nothing_to_retry'],
  ])('refuses %s', async (_what, body, status, code) => {
    const parent = await makeJob('insert', [failed(2)])
    expect(await problemOf(await retry(parent, body))).toMatchObject({ status, code })
  })

  test('refuses a job that has not ended, one that is not there, and one without its rows', async () => {
    const running = await jobOf(
      await postJson(`${api.url}/v1/bulk-jobs`, {
        object: 'Account',
        operation: 'insert',
        records: [{ Name: 'A' }],
      }),
    )
    const early = await problemOf(await retry(running.id, { rows: 'failed' }))
    expect(early).toMatchObject({ status: 409, code: 'job_not_terminal' })
    const missing = await problemOf(await retry('bulk_job_x', { rows: 'failed' }))
    expect(missing).toMatchObject({ status: 404, code: 'job_not_found' })
    const purged = await makeJob('insert', [failed(2)])
    await createBulkJobQueries(api.pool).setPurged(purged)
    const gone = await problemOf(await retry(purged, { rows: 'failed' }))
    expect(gone).toMatchObject({ status: 410, code: 'job_purged' })
  })
})

describe('a retry under an Idempotency-Key', () => {
  test('is answered as the first time, with one job', async () => {
    const parent = await makeJob('insert', [locked(2), locked(5)])
    const before = (await leftovers(api.pool)).jobs
    const send = () => retry(parent, { rows: 'retryable' }, { 'idempotency-key': 'again' })
    const first = await send()
    const second = await send()
    expect(first.status).toBe(202)
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(second.headers.get('location')).toBe(first.headers.get('location'))
    expect([second.status, await second.text()]).toEqual([first.status, await first.text()])
    expect(await leftovers(api.pool)).toEqual({ jobs: before + 1, staging: 0 })
    expect(api.temporal.started).toHaveLength(2)
  })

  test('refuses the key for another body, and for another job', async () => {
    const parent = await makeJob('insert', [failed(2), locked(5)])
    const other = await makeJob('insert', [locked(5)])
    const headers = { 'idempotency-key': 'once' }
    const job = await jobOf(await retry(parent, { rows: 'retryable' }, headers))
    for (const response of [
      await retry(parent, { rows: 'failed' }, headers),
      await retry(other, { rows: 'retryable' }, headers),
    ]) {
      expect(await problemOf(response)).toMatchObject({
        ...{ status: 422, code: 'idempotency_key_reused', job_id: job.id },
      })
    }
    // Nothing of the refused ones holds its rows.
    expect((await retry(parent, { rows: 'failed' })).status).toBe(202)
    expect((await retry(other, { rows: 'retryable' })).status).toBe(202)
  })

  test('keeps the key free where it came to nothing, and other keys from the same rows', async () => {
    const parent = await makeJob('insert', [locked(5)])
    const wrong = { rows: [{ row_number: 5, record: { Name: 'x'.repeat(11) } }] }
    expect((await retry(parent, wrong, { 'idempotency-key': 'mine' })).status).toBe(422)
    const job = await jobOf(await retry(parent, { rows: 'failed' }, { 'idempotency-key': 'mine' }))
    const theirs = await retry(parent, { rows: 'failed' }, { 'idempotency-key': 'theirs' })
    expect(await problemOf(theirs)).toMatchObject({ code: 'already_retried', job_id: job.id })
  })

  test('of many at once one makes a job, and all that are answered name it', async () => {
    const parent = await makeJob('insert', [locked(1), locked(10)])
    const before = (await leftovers(api.pool)).jobs
    const responses = await Promise.all(
      Array.from({ length: 6 }, () =>
        retry(parent, { rows: 'retryable' }, { 'idempotency-key': 'crowd' }),
      ),
    )
    const locations = new Set<string | null>()
    for (const response of responses) {
      if (response.status === 202) locations.add(response.headers.get('location'))
      else expect((await problemOf(response)).code).toBe('idempotency_in_progress')
    }
    expect(locations.size).toBe(1)
    expect(await leftovers(api.pool)).toEqual({ jobs: before + 1, staging: 0 })
  })
})

describe('rows that Salesforce may still have made', () => {
  const risky = [
    failed(2),
    rowResult(3, { outcome: 'unknown', errorCode: 'not_tied' }),
    rowResult(4, { outcome: 'unprocessed', errorCode: 'upstream_aborted' }),
  ]

  test('an insert of them needs a word', async () => {
    const parent = await makeJob('insert', risky)
    const problem = await problemOf(await retry(parent, { rows: 'failed' }))
    expect(problem).toMatchObject({ status: 409, code: 'confirmation_required' })
    const one = { rows: [{ row_number: 3, record: { Name: 'A' } }] }
    expect((await problemOf(await retry(parent, one))).code).toBe('confirmation_required')
    const job = await jobOf(await retry(parent, { rows: 'failed', confirm: 'may_duplicate' }))
    expect(job.counts.total).toBe(3)
  })

  test('an upsert does not, and neither do rows that were never sent', async () => {
    expect((await retry(await makeJob('upsert', risky), { rows: 'failed' })).status).toBe(202)
    const cancelled = [rowResult(4, { outcome: 'unprocessed', errorCode: 'job_cancelled' })]
    expect((await retry(await makeJob('insert', cancelled), { rows: 'failed' })).status).toBe(202)
  })
})
