import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { BulkJobListSchema, ResultRowSchema } from '../../contracts/http/bulk-jobs.ts'
import { LegacyJobListSchema } from '../../contracts/http/legacy-bulk-jobs.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createWorkflowStartQueries } from '../../db/workflow-starts.ts'
import {
  accountDescribe,
  cacheDescribe,
  endJob,
  jobOf,
  postJson,
  postText,
  problemOf,
  rowResult,
  startTestApi,
  type TestApi,
} from './test-api.ts'

let api: TestApi

beforeAll(async () => {
  api = await startTestApi({ batchSize: 2 })
  await cacheDescribe(api.pool, 'Account', accountDescribe())
})
afterAll(() => api.stop())
beforeEach(() => {
  api.temporal.isDown = false
  api.temporal.runs = true
  api.temporal.woken.length = 0
  api.temporal.started.length = 0
})

const csv = 'Name,Phone\n=1+1,#N/A\n" b ",\n"c,""d""",3\nd,4\ne,5\n'

async function makeJob(): Promise<string> {
  const url = `${api.url}/v1/bulk-jobs?object=Account&operation=insert`
  return (await jobOf(await postText(url, 'text/csv', csv))).id
}

const failure = rowResult(3, {
  outcome: 'failed',
  salesforceId: null,
  created: null,
  errorCode: 'REQUIRED_FIELD_MISSING',
  errorMessage: 'Missing: [Name, Phone]',
  errorFields: ['Name', 'Phone'],
})

describe('results', () => {
  let jobId: string
  const results = (query: string, accept?: string) =>
    fetch(`${api.url}/v1/bulk-jobs/${jobId}/results${query}`, {
      headers: accept === undefined ? {} : { accept },
    })

  beforeAll(async () => {
    jobId = await makeJob()
    await endJob(api.pool, jobId, 'CompletedWithErrors', [failure])
  })

  test('come as CSV with the outcome before the columns of the input', async () => {
    const response = await results('')
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${jobId}.csv"`)
    const lines = (await response.text()).split('\n')
    expect(lines[0]).toBe(
      'row_number,outcome,salesforce_id,created,error_code,error_message,error_fields,retryable,upstream_job_id,Name,Phone',
    )
    expect(lines[1]).toBe('1,success,001000000000001AAA,true,,,,false,750000000000001AAA,=1+1,#N/A')
    expect(lines[3]).toBe(
      '3,failed,,,REQUIRED_FIELD_MISSING,"Missing: [Name, Phone]",Name Phone,false,750000000000001AAA,"c,""d""",3',
    )
    expect(lines).toHaveLength(7)
  })

  test('come as NDJSON, and by outcome', async () => {
    const response = await results('?outcome=failed', 'application/x-ndjson, text/csv;q=0.5')
    expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8')
    const rows = (await response.text()).trim().split('\n')
    expect(rows.map((row) => ResultRowSchema.parse(JSON.parse(row)))).toEqual([
      {
        row_number: 3,
        outcome: 'failed',
        salesforce_id: null,
        created: null,
        error_code: 'REQUIRED_FIELD_MISSING',
        error_message: 'Missing: [Name, Phone]',
        error_fields: ['Name', 'Phone'],
        retryable: false,
        upstream_job_id: '750000000000001AAA',
        record: { Name: 'c,"d"', Phone: '3' },
      },
    ])
    expect(await (await results('?outcome=unknown', 'application/x-ndjson')).text()).toBe('')
  })

  test('refuse what cannot be had', async () => {
    expect(await problemOf(await results('', 'text/html'))).toMatchObject({
      status: 406,
      code: 'not_acceptable',
    })
    expect((await problemOf(await results('?outcome=lost'))).code).toBe('invalid_request')
    expect((await problemOf(await results('?outcom=failed'))).detail).toContain(
      'Did you mean outcome?',
    )
  })

  test('are gone after their time', async () => {
    const purged = await makeJob()
    await endJob(api.pool, purged, 'Completed')
    await createBulkJobQueries(api.pool).setPurged(purged)
    const response = await fetch(`${api.url}/v1/bulk-jobs/${purged}/results`)
    expect(await problemOf(response)).toMatchObject({ status: 410, code: 'job_purged' })
  })
})

describe('a job', () => {
  test('shows counts and rate once it has ended', async () => {
    const jobId = await makeJob()
    await endJob(api.pool, jobId, 'CompletedWithErrors', [failure])
    const job = await jobOf(await fetch(`${api.url}/v1/bulk-jobs/${jobId}`))
    expect(job).toMatchObject({
      state: 'CompletedWithErrors',
      counts: { total: 5, success: 4, failed: 1, unprocessed: 0, unknown: 0 },
      progress: { rows: 5, eta_seconds: 0, reason: null },
      blocked: null,
    })
  })

  test('says what blocks it and what helps; the legacy route shows it in progress', async () => {
    const jobId = await makeJob()
    const jobs = createBulkJobQueries(api.pool)
    await jobs.setInProgress(jobId)
    await jobs.setBlocked(jobId, 'authentication_failed', 'expired refresh token')
    const job = await jobOf(await fetch(`${api.url}/v1/bulk-jobs/${jobId}`))
    expect(job.state).toBe('Blocked')
    expect(job.blocked).toMatchObject({
      reason: 'authentication_failed',
      detail: 'expired refresh token',
      remedy: expect.stringContaining('Authorise'),
    })
    const legacy = await fetch(`${api.url}/api/salesforce/bulk/jobs/${jobId}`)
    expect(await legacy.json()).toMatchObject({
      job: { status: 'InProgress', state_detail: expect.stringContaining('authentication_failed') },
    })
  })
})

describe('lists', () => {
  test('go through all jobs once, however many share a moment', async () => {
    const made = await Promise.all(Array.from({ length: 7 }, makeJob))
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const after: string = cursor === '' ? '' : `&cursor=${cursor}`
      const response = await fetch(`${api.url}/v1/bulk-jobs?limit=2&state=Queued${after}`)
      const page = BulkJobListSchema.parse(await response.json())
      seen.push(...page.jobs.map((job) => job.id))
      cursor = page.next_cursor
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toEqual(expect.arrayContaining(made))
    const none = await fetch(`${api.url}/v1/bulk-jobs?operation=delete`)
    expect(await none.json()).toEqual({ jobs: [], next_cursor: null })
  })

  test.each(['bm90IGpzb24', 'WzFd', 'W10', '%00'])('refuse the cursor %s', async (cursor) => {
    const response = await fetch(`${api.url}/v1/bulk-jobs?cursor=${cursor}`)
    expect(await problemOf(response)).toMatchObject({ status: 400, code: 'invalid_cursor' })
  })

  test('of a user count all and page by offset', async () => {
    for (let at = 0; at < 3; at++) {
      await postJson(`${api.url}/api/salesforce/bulk/create-job`, {
        user_id: 'lister',
        operation: 'insert',
        object_type: 'Account',
        data: [{ Name: `N${at}` }],
      })
    }
    const url = `${api.url}/api/salesforce/bulk/jobs?user_id=lister&limit=2&offset=1`
    const list = LegacyJobListSchema.parse(await (await fetch(url)).json())
    expect(list).toMatchObject({ total_count: 3, limit: 2, offset: 1 })
    expect(list.jobs).toHaveLength(2)
    expect(list.data.jobs).toEqual(list.jobs)
    const completed = await fetch(`${url}&status=Completed`)
    expect(await completed.json()).toMatchObject({ total_count: 0, jobs: [] })
  })
})

describe('steering', () => {
  const steer = (jobId: string, verb: string) =>
    fetch(`${api.url}/v1/bulk-jobs/${jobId}/${verb}`, { method: 'POST' })

  test('records the wish and wakes the workflow, as often as it is asked', async () => {
    const jobId = await makeJob()
    for (const [verb, wish] of [
      ['pause', 'pause'],
      ['pause', 'pause'],
      ['resume', 'run'],
      ['cancel', 'cancel'],
      ['cancel', 'cancel'],
    ]) {
      const response = await steer(jobId, verb ?? '')
      expect(response.status).toBe(202)
      expect(await jobOf(response)).toMatchObject({ wish })
    }
    expect(api.temporal.woken).toEqual(Array.from({ length: 5 }, () => jobId))
  })

  test('does not take a cancel back', async () => {
    const jobId = await makeJob()
    await steer(jobId, 'cancel')
    for (const verb of ['pause', 'resume']) {
      expect(await problemOf(await steer(jobId, verb))).toMatchObject({
        status: 409,
        code: 'job_cancelling',
      })
    }
  })

  test('refuses a job that has ended, or is not there', async () => {
    const jobId = await makeJob()
    await endJob(api.pool, jobId, 'Completed')
    for (const verb of ['pause', 'resume', 'cancel']) {
      expect((await problemOf(await steer(jobId, verb))).code).toBe('job_terminal')
      expect((await problemOf(await steer('bulk_job_x', verb))).code).toBe('job_not_found')
    }
  })

  test('keeps the wish while Temporal is down', async () => {
    const jobId = await makeJob()
    api.temporal.isDown = true
    expect(await jobOf(await steer(jobId, 'pause'))).toMatchObject({ wish: 'pause' })
  })

  test.each(['resume', 'cancel'])('starts a workflow again that was ended, on %s', async (verb) => {
    const jobId = await makeJob()
    await createBulkJobQueries(api.pool).setBlocked(jobId, 'workflow_ended', 'terminated')
    api.temporal.started.length = 0
    await steer(jobId, verb)
    expect(api.temporal.started).toEqual([jobId])
  })

  test('leaves starting it again to the sweeper while Temporal is down', async () => {
    const jobId = await makeJob()
    await createBulkJobQueries(api.pool).setBlocked(jobId, 'workflow_ended', 'terminated')
    api.temporal.isDown = true
    expect((await steer(jobId, 'resume')).status).toBe(202)
    const starts = createWorkflowStartQueries(api.pool)
    await expect
      .poll(async () => (await starts.claimPending(100, 0)).map((start) => start.subjectId), {
        timeout: 8_000,
      })
      .toContain(jobId)
  })
})
