import { sql } from 'slonik'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { retentionScheduleId } from '../../contracts/workflow-ids.ts'
import { createBulkBatchBlobQueries } from '../../db/bulk-batch-blobs.ts'
import { createBulkFailedRowQueries } from '../../db/bulk-failed-rows.ts'
import { createIdempotencyKeyQueries } from '../../db/idempotency-keys.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'

let conveyor: TestConveyor

beforeAll(async () => {
  conveyor = await startTestConveyor({ environment: { SALESFORCE_RETENTION_DAYS: '7' } })
  await conveyor.startWorker()
})
afterAll(() => conveyor.stop())

async function age(jobId: string, days: number): Promise<void> {
  await conveyor.pool.query(sql.unsafe`
    update salesforce_bulk_jobs set completed_at = now() - ${days} * interval '1 day'
    where job_id = ${jobId}`)
}

test('content past its time goes, counts stay; what is younger or not terminal stays whole', async () => {
  const rows = [['Kept'], ['']]
  const old = await conveyor.stage({ columns: ['Name'], rows })
  const young = await conveyor.stage({ columns: ['Name'], rows })
  await conveyor.waitForEnd(old)
  await conveyor.waitForEnd(young)
  await age(old, 8)
  await age(young, 6)
  const keys = createIdempotencyKeyQueries(conveyor.pool)
  const name = { workspaceId: DEFAULT_WORKSPACE_ID, route: 'r', key: 'old' }
  await keys.reserve(name, old, -1)

  const schedule = conveyor.temporal.client.schedule.getHandle(
    retentionScheduleId(conveyor.installationId),
  )
  await schedule.trigger()
  await until(async () => (await conveyor.job(old)).purgedAt !== null, 30_000, 'the purge')

  const blobs = createBulkBatchBlobQueries(conveyor.pool)
  const failed = createBulkFailedRowQueries(conveyor.pool)
  expect(await blobs.list(old, 'rows', 1, 10)).toEqual([])
  expect(await blobs.list(old, 'outcomes', 1, 10)).toEqual([])
  expect(await failed.find(old, [2])).toEqual([])
  expect((await conveyor.job(old)).counts).toMatchObject({ success: 1, failed: 1 })
  expect(await blobs.list(young, 'outcomes', 1, 10)).toHaveLength(1)
  expect(await failed.find(young, [2])).toHaveLength(1)
  expect((await conveyor.job(young)).purgedAt).toBeNull()
  await until(
    async () =>
      (await conveyor.pool.oneFirst(sql.unsafe`
        select count(*) from idempotency_keys where idempotency_key = 'old'`)) === 0,
    10_000,
    'the key to go',
  )
})
