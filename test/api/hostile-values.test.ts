import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endJob, jobOf, postJson, rowResult, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
let jobId: string
beforeAll(async () => {
  api = await startTestApi()
  const created = await postJson(`${api.url}/v1/bulk-jobs`, {
    ...{ object: 'Account', operation: 'insert' },
    records: [{ Name: 'Acme' }],
  })
  jobId = (await jobOf(created)).id
  const lost = { outcome: 'failed', errorCode: 'UNABLE_TO_LOCK_ROW', salesforceId: null } as const
  await endJob(api.pool, jobId, 'CompletedWithErrors', [
    rowResult(1, { ...lost, retryable: true, errorMessage: 'locked' }),
  ])
})
afterAll(() => api.stop())

const cursorOf = (position: readonly unknown[]) =>
  Buffer.from(JSON.stringify(position)).toString('base64url')

describe('values that the database could not take are the caller’s errors', () => {
  test.each([[[99_999_999_999]], [[1e300]], [[-5]], [[1.5]], [['x\0']], [[null]], [[]]])(
    'a cursor of %j',
    async (position) => {
      for (const list of [`bulk-jobs/${jobId}/batches`, 'audit-log', 'api-keys']) {
        const answer = await fetch(`${api.url}/v1/${list}?cursor=${cursorOf(position)}`)
        expect([200, 400], `${list} ${answer.status}`).toContain(answer.status)
      }
    },
  )

  test.each([
    'audit-log?action=%00',
    'audit-log?subject=a%00b',
    'audit-log?subject=%ED%A0%80',
    'audit-log?since=0000-01-01T00:00:00Z',
    'audit-log?until=9999-12-31T23:59:59Z',
    'bulk-jobs?object=%00',
    'bulk-jobs/%00',
    'bulk-jobs/a%00b/batches',
    'bulk-jobs/%ED%A0%80/loads',
    'api-keys/%00',
  ])('GET /v1/%s', async (path) => {
    const answer = await fetch(`${api.url}/v1/${path}`)
    expect(answer.status).toBeLessThan(500)
  })

  test.each([2_147_483_648, 6_227_020_799, Number.MAX_SAFE_INTEGER, 0, -1])(
    'a corrected row %d',
    async (rowNumber) => {
      const rows = [{ row_number: rowNumber, record: { Name: 'Bolt' } }]
      const answer = await postJson(`${api.url}/v1/bulk-jobs/${jobId}/retry`, { rows })
      expect(answer.status).toBe(400)
    },
  )
})
