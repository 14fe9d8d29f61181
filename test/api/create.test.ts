import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { BulkJobBatchListSchema, BulkJobSchema } from '../../contracts/http/bulk-jobs.ts'
import { LegacyCreatedSchema, LegacyJobFoundSchema } from '../../contracts/http/legacy-bulk-jobs.ts'
import { createWorkflowStartQueries } from '../../db/workflow-starts.ts'
import {
  accountDescribe,
  cacheDescribe,
  isHeld,
  jobOf,
  leftovers,
  postJson,
  postText,
  problemOf,
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
  api.temporal.isDown = false
  api.temporal.started.length = 0
})

const insert = '/v1/bulk-jobs?object=Account&operation=insert'
const csv = 'Name,Phone\nA,1\nB,\nC,#N/A\nD,4\n'

describe('legacy create', () => {
  const body = {
    user_id: 'u1',
    operation: 'insert',
    object_type: 'Account',
    data: [
      { Name: 'Acme', NumberOfEmployees: 12 },
      { Name: 'Bolt', Phone: null },
    ],
  }

  test('answers 201 with the fields flat and under data, and starts the workflow', async () => {
    const response = await postJson(`${api.url}/api/salesforce/bulk/create-job`, body)
    expect(response.status).toBe(201)
    const answer = LegacyCreatedSchema.parse(await response.json())
    expect(answer.job_id).toMatch(
      /^bulk_job_account_insert_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
    const { ok, data, ...flat } = answer
    expect(ok).toBe(true)
    expect(data).toEqual(flat)
    expect(flat).toMatchObject({
      operation: 'insert',
      object_type: 'Account',
      status: 'Queued',
      total_records: 2,
      results: { successful_records: 0, failed_records: 0, errors: [], batches_processed: 0 },
    })
    expect(response.headers.get('location')).toBe(`/api/salesforce/bulk/jobs/${answer.job_id}`)
    expect(api.temporal.started).toEqual([answer.job_id])
    expect(await stagedRecords(api.pool, answer.job_id)).toEqual([
      { rowNumber: 1, record: { Name: 'Acme', NumberOfEmployees: '12', Phone: null } },
      { rowNumber: 2, record: { Name: 'Bolt', NumberOfEmployees: null, Phone: '' } },
    ])
  })

  test('shows the job with both names of its end, and its batches', async () => {
    const created = await postJson(`${api.url}/api/salesforce/bulk/create-job`, body)
    const response = await fetch(new URL(created.headers.get('location') ?? '', api.url))
    const found = LegacyJobFoundSchema.parse(await response.json())
    expect(found.job).toMatchObject({ status: 'Queued', completed_at: null, completed_date: null })
    expect(found.batches).toMatchObject([{ batch_number: 1, successful_records: 0 }])
    expect(found.data).toEqual({ job: found.job, batches: found.batches })
  })

  test('takes hardDelete for hard_delete', async () => {
    const response = await postJson(`${api.url}/api/salesforce/bulk/create-job`, {
      ...body,
      operation: 'hardDelete',
      data: [{ Id: '001000000000001AAA' }],
    })
    expect(await response.json()).toMatchObject({ ok: true, operation: 'hard_delete' })
  })

  test('takes 10,000 records', async () => {
    const data = Array.from({ length: 10_000 }, (_, at) => ({ Name: `N${at}` }))
    const response = await postJson(`${api.url}/api/salesforce/bulk/create-job`, { ...body, data })
    expect(await response.json()).toMatchObject({ total_records: 10_000 })
  })
})

describe('/v1 create', () => {
  test('takes CSV, cuts it into batches and keeps what cells mean', async () => {
    const response = await postText(`${api.url}${insert}`, 'text/csv', csv)
    expect(response.status).toBe(202)
    const job = BulkJobSchema.parse(await response.json())
    expect(response.headers.get('location')).toBe(job.links.self)
    expect(job).toMatchObject({ state: 'Queued', checked: true, columns: ['Name', 'Phone'] })
    expect(job.counts.total).toBe(4)
    expect(job.progress).toEqual({ rows: 0, rate: null, eta_seconds: null, reason: 'not_started' })
    expect(job.links.temporal_ui).toBe(
      `http://127.0.0.1:8233/namespaces/default/workflows/${encodeURIComponent(`bulk-job/testing/${job.id}`)}`,
    )
    expect((await stagedRecords(api.pool, job.id)).map(({ record }) => record)).toEqual([
      { Name: 'A', Phone: '1' },
      { Name: 'B', Phone: null },
      { Name: 'C', Phone: '' },
      { Name: 'D', Phone: '4' },
    ])
    const page = await fetch(`${api.url}${job.links.batches}?limit=1`)
    const batches = BulkJobBatchListSchema.parse(await page.json())
    expect(batches).toMatchObject({ batches: [{ batch_number: 1, first_row: 1, row_count: 3 }] })
    const next = await fetch(`${api.url}${job.links.batches}?cursor=${batches.next_cursor}`)
    expect(await next.json()).toMatchObject({
      batches: [{ batch_number: 2, first_row: 4, row_count: 1 }],
      next_cursor: null,
    })
  })

  test.each([
    ['NDJSON', 'application/x-ndjson; charset=utf-8', '{"Name":"A"}\n{"Name":"B"}\n', {}],
    ['gzip CSV', 'text/csv', gzipSync('Name\nA\nB\n'), { 'content-encoding': 'gzip' }],
    ['CSV with a byte order mark', 'text/csv', '\uFEFFName\r\nA\r\nB\r\n', {}],
  ])('takes %s', async (_what, type, body, headers) => {
    const response = await postText(`${api.url}${insert}`, type, body, headers)
    expect(response.status).toBe(202)
    const job = await jobOf(response)
    expect((await stagedRecords(api.pool, job.id)).map(({ record }) => record)).toEqual([
      { Name: 'A' },
      { Name: 'B' },
    ])
  })

  test('takes JSON with relationships, and brings values into the form that Salesforce stores', async () => {
    const response = await postJson(`${api.url}/v1/bulk-jobs`, {
      object: 'Account',
      operation: 'upsert',
      external_id_field: 'Ext__c',
      records: [
        {
          Ext__c: 'k1',
          Name: ' Acme ',
          Owner: { Email: 'a@b.c' },
          attributes: { type: 'Account' },
        },
        { Ext__c: 'k2', OwnerId: '005000000000001' },
      ],
    })
    expect(response.status).toBe(202)
    const job = await jobOf(response)
    expect((await stagedRecords(api.pool, job.id)).map(({ record }) => record)).toMatchObject([
      { Ext__c: 'k1', Name: 'Acme', 'Owner.Email': 'a@b.c' },
      { Ext__c: 'k2', OwnerId: '005000000000001AAA' },
    ])
  })

  test('is accepted while Temporal is down, and the sweeper finds the wish to start it', async () => {
    api.temporal.isDown = true
    const response = await postText(`${api.url}${insert}`, 'text/csv', csv)
    expect(response.status).toBe(202)
    const job = await jobOf(response)
    expect(api.temporal.started).toEqual([])
    const starts = createWorkflowStartQueries(api.pool)
    await starts.renew(
      { workflowId: `bulk-job/testing/${job.id}`, workspaceId: 'default', subjectId: job.id },
      -60,
    )
    const pending = await starts.claimPending(100, 60)
    expect(pending.map((start) => start.subjectId)).toContain(job.id)
  })

  test('leaves no wish to start behind once Temporal has the workflow', async () => {
    const response = await postText(`${api.url}${insert}`, 'text/csv', csv)
    const job = await jobOf(response)
    const pending = await createWorkflowStartQueries(api.pool).claimPending(100, 60)
    expect(pending.map((start) => start.subjectId)).not.toContain(job.id)
  })
})

describe('describe', () => {
  test('asks once for an object that is not known, and checks by the answer', async () => {
    api.temporal.onDescribe = async () => {
      await cacheDescribe(api.pool, 'Contact', { ...accountDescribe(), name: 'Contact' })
    }
    const url = `${api.url}/v1/bulk-jobs?object=Contact&operation=insert`
    const response = await postText(url, 'text/csv', 'Name\nA\n')
    expect(await response.json()).toMatchObject({ checked: true })
    expect(api.temporal.described).toEqual(['Contact'])
  })

  test('takes the rows unchecked where nobody answers', async () => {
    api.temporal.onDescribe = async () => {}
    const url = `${api.url}/v1/bulk-jobs?object=Lead&operation=insert`
    const response = await postText(url, 'text/csv', 'Whatever__c\nA\n')
    expect(response.status).toBe(202)
    expect(await response.json()).toMatchObject({ checked: false })
  })

  test('asks again before it refuses a field that may be new', async () => {
    await cacheDescribe(api.pool, 'Case', { ...accountDescribe(), name: 'Case' })
    await new Promise((resolve) => setTimeout(resolve, 3_100))
    api.temporal.onDescribe = async () => {
      await cacheDescribe(api.pool, 'Case', { ...accountDescribe(['New__c']), name: 'Case' })
    }
    const url = `${api.url}/v1/bulk-jobs?object=Case&operation=insert`
    const response = await postText(url, 'text/csv', 'Name,New__c\nA,1\n')
    expect(response.status).toBe(202)
  })
})

describe('idempotency', () => {
  test('answers a repeated request as the first time, with one job', async () => {
    const before = (await leftovers(api.pool)).jobs
    const send = () =>
      postText(`${api.url}${insert}`, 'text/csv', csv, { 'idempotency-key': 'key 1' })
    const first = await send()
    const second = await send()
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect([second.status, await second.text()]).toEqual([first.status, await first.text()])
    expect((await leftovers(api.pool)).jobs).toBe(before + 1)
    expect(api.temporal.started).toHaveLength(1)
  })

  test('holds for the legacy route too, apart from /v1', async () => {
    const body = {
      user_id: 'u',
      operation: 'insert',
      object_type: 'Account',
      data: [{ Name: 'A' }],
    }
    const send = () =>
      postJson(`${api.url}/api/salesforce/bulk/create-job`, body, { 'idempotency-key': 'key 1' })
    const first = await (await send()).json()
    const second = await send()
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(await second.json()).toEqual(first)
  })

  test.each([
    ['another body', insert, 'Name\nother\n'],
    ['another query', `${insert}&correlation_field=Ext__c`, csv],
  ])('refuses the key for %s', async (what, path, body) => {
    const headers = { 'idempotency-key': what }
    await postText(`${api.url}${insert}`, 'text/csv', csv, headers)
    const response = await postText(`${api.url}${path}`, 'text/csv', body, headers)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ code: 'idempotency_key_reused' })
  })

  test('frees the key of a request that was refused', async () => {
    const headers = { 'idempotency-key': 'mended' }
    const bad = await postText(`${api.url}${insert}`, 'text/csv', 'Name\nA\nB,C\n', headers)
    expect(bad.status).toBe(400)
    const good = await postText(`${api.url}${insert}`, 'text/csv', 'Name\nA\nB\n', headers)
    expect(good.status).toBe(202)
  })

  test('refuses a second request while the first is being read', async () => {
    const headers = { 'idempotency-key': 'slow', 'content-type': 'text/csv' }
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const writer = writable.getWriter()
    const first = fetch(`${api.url}${insert}`, {
      method: 'POST',
      headers,
      body: readable,
      duplex: 'half',
    } as RequestInit)
    await writer.write(Buffer.from('Name\nA\n'))
    // Sent before the first holds the key, the second would be the first.
    await expect.poll(() => isHeld(api.pool, 'slow')).toBe(true)
    const second = await postText(`${api.url}${insert}`, 'text/csv', csv, headers)
    expect((await problemOf(second)).code).toBe('idempotency_in_progress')
    await writer.close()
    expect((await first).status).toBe(202)
  })

  test.each(['', 'x'.repeat(256), 'tab\there'])('refuses the key %j', async (key) => {
    const response = await postText(`${api.url}${insert}`, 'text/csv', csv, {
      'idempotency-key': key,
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'invalid_idempotency_key' })
  })
})
