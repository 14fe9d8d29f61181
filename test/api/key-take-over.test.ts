import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeStagedBatch } from '../../bulk/staged-batch-blob.ts'
import { DEFAULT_CONNECTION_ID, DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { createBulkBatchBlobQueries } from '../../db/bulk-batch-blobs.ts'
import { createBulkJobBatchQueries } from '../../db/bulk-job-batches.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createIdempotencyKeyQueries } from '../../db/idempotency-keys.ts'
import {
  accountDescribe,
  cacheDescribe,
  isHeld,
  jobOf,
  leftovers,
  postText,
  problemOf,
  stagedRecords,
  startTestApi,
  type TestApi,
} from './test-api.ts'

const TAKE_OVER_MS = 1_000
const insert = '/v1/bulk-jobs?object=Account&operation=insert'
const csv = 'Name\nA\nB\n'

let api: TestApi

beforeAll(async () => {
  api = await startTestApi({ keyTakeOverSeconds: TAKE_OVER_MS / 1_000 })
  await cacheDescribe(api.pool, 'Account', accountDescribe())
})
afterAll(() => api.stop())

const send = (key: string) =>
  postText(`${api.url}${insert}`, 'text/csv', csv, { 'idempotency-key': key })

/** What a process leaves that is killed while it stages under a key. */
async function leaveHalfAnUpload(key: string, jobId: string): Promise<void> {
  const owner = { jobId, workspaceId: DEFAULT_WORKSPACE_ID }
  const name = { workspaceId: DEFAULT_WORKSPACE_ID, route: 'POST /v1/bulk-jobs', key }
  await createIdempotencyKeyQueries(api.pool).reserve(name, jobId, 24)
  await createBulkJobQueries(api.pool).insertStaging({
    ...owner,
    connectionId: DEFAULT_CONNECTION_ID,
    ...{ userId: null, operation: 'insert', objectType: 'Account' },
    ...{ externalIdField: null, correlationField: null, retryOf: null },
    ...{ requestId: null, createdBy: null },
  })
  const body = encodeStagedBatch({ columns: ['Name'], rows: [{ rowNumber: 1, cells: ['A'] }] })
  await createBulkJobBatchQueries(api.pool).insert(owner, [
    { batchNumber: 1, firstRow: 1, lastRow: 1, rowCount: 1, encodedBytes: 2 },
  ])
  await createBulkBatchBlobQueries(api.pool).put(owner, 'rows', [{ batchNumber: 1, body }])
  await createBulkJobQueries(api.pool).addStaged(jobId, 1, body.length)
}

test('the key of an upload whose process died goes to the next request, and its rows go', async () => {
  const dead = 'bulk_job_account_insert_dead'
  const before = (await leftovers(api.pool)).jobs
  await leaveHalfAnUpload('died', dead)
  expect(await problemOf(await send('died'))).toMatchObject({
    ...{ status: 409, code: 'idempotency_in_progress' },
  })
  await sleep(TAKE_OVER_MS)
  const response = await send('died')
  expect(response.status).toBe(202)
  const job = await jobOf(response)
  expect(await createBulkJobQueries(api.pool).get(dead)).toBeNull()
  expect(await createBulkJobBatchQueries(api.pool).list(dead, 0, 10)).toEqual([])
  expect(await createBulkBatchBlobQueries(api.pool).list(dead, 'rows', 1, 10)).toEqual([])
  expect(await stagedRecords(api.pool, job.id)).toEqual([
    { rowNumber: 1, record: { Name: 'A' } },
    { rowNumber: 2, record: { Name: 'B' } },
  ])
  expect(await leftovers(api.pool)).toEqual({ jobs: before + 1, staging: 0 })
  expect((await jobOf(await send('died'))).id).toBe(job.id)
})

test('an upload that was only slow is refused when it goes on after its key was taken', async () => {
  const before = (await leftovers(api.pool)).jobs
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  const slow = fetch(`${api.url}${insert}`, {
    method: 'POST',
    headers: { 'idempotency-key': 'slow', 'content-type': 'text/csv' },
    body: readable,
    duplex: 'half',
  } as RequestInit)
  await writer.write(Buffer.from('Name\nA\n'))
  await expect.poll(() => isHeld(api.pool, 'slow')).toBe(true)
  expect((await problemOf(await send('slow'))).code).toBe('idempotency_in_progress')
  await sleep(TAKE_OVER_MS)
  const job = await jobOf(await send('slow'))
  await writer.write(Buffer.from('B\n'))
  await writer.close()
  expect(await problemOf(await slow)).toMatchObject({ status: 409, code: 'upload_superseded' })
  expect((await jobOf(await send('slow'))).id).toBe(job.id)
  expect(await leftovers(api.pool)).toEqual({ jobs: before + 1, staging: 0 })
})
