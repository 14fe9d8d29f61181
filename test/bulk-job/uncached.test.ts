import { NativeConnection, Runtime, type Worker } from '@temporalio/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createActivities } from '../../activities/index.ts'
import { makeTemporaryDirectory } from '../../bulk/temporary-directory.ts'
import { loadConfig } from '../../config/environment.ts'
import { DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { openDatabase } from '../../db/database.ts'
import { createSealing } from '../../security/sealing.ts'
import { createWorker } from '../../worker/create-worker.ts'
import { createLogger, temporalLogger } from '../../worker/logger.ts'
import { mirrorSettings } from '../../worker/mirror-work.ts'
import { createNotificationWork } from '../../worker/notification-work.ts'
import { createSalesforceConnections } from '../../worker/salesforce-connections.ts'
import { createSalesforceOauth } from '../../worker/salesforce-oauth.ts'
import { createWebhookWork } from '../../worker/webhook-work.ts'
import { accountFor, distinctNames, expectExact } from '../setup/accounting.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'

const ROWS_A_LOAD = 50

let conveyor: TestConveyor
let stopWorkers: () => Promise<void>

beforeAll(async () => {
  const logger = createLogger('worker', 'silent')
  Runtime.install({ logger: temporalLogger(logger) })
  conveyor = await startTestConveyor()
  stopWorkers = await startUncachedWorkers(logger)
})
afterAll(async () => {
  await stopWorkers()
  await conveyor.stop()
})

/** Both queues in this process, with nothing kept of a workflow from one task to the next. No sweeper mends. */
async function startUncachedWorkers(
  logger: ReturnType<typeof createLogger>,
): Promise<() => Promise<void>> {
  const { installationId, temporal } = conveyor
  const config = loadConfig(conveyor.environment)
  const database = await openDatabase({
    url: config.database.url,
    poolSize: 5,
    onError: () => {},
  })
  const connections = createSalesforceConnections({ config, database, sealing: null, logger })
  const sealing = createSealing([])
  const notifications = createNotificationWork({
    ...{ config, database, temporal, installationId, logger },
    requireOwn: async () => {},
  })
  const webhooks = createWebhookWork({
    ...{ config, database, sealing, temporal, installationId, logger },
    ...{ starters: conveyor.starters, requireOwn: async () => {} },
    onNotifications: notifications.onNotifications,
  })
  const activities = createActivities({
    notifications,
    ...{ database, connections, logger, sealing, webhooks },
    oauth: createSalesforceOauth(config.salesforce, logger),
    bulk: {
      ...{ lanes: 2, loadMaxRows: ROWS_A_LOAD, loadMaxBytes: 1_000_000 },
      ...{ maxRetries: 3, retryDelayMs: 200, abortedReadingGapMs: 1_000 },
      ...{ reserveFraction: 0.1, quotaLookAgainMs: 60_000 },
    },
    mirror: mirrorSettings(config.mirror),
    ...{ metadataTtlSeconds: 3_600, retentionDays: 90 },
    queries: { quotaBytes: 1e9, pageRecords: 1_000 },
    temporaryDirectory: await makeTemporaryDirectory('transfers', installationId),
    failpoint: async () => {},
  })
  const connection = await NativeConnection.connect({ address: temporal.address })
  const workers: Worker[] = []
  for (const role of ['conveyor', 'salesforce'] as const) {
    workers.push(
      await createWorker({
        ...{ connection, namespace: temporal.namespace, installationId, role, activities, logger },
        maxCachedWorkflows: 0,
      }),
    )
  }
  const runs = workers.map((worker) => worker.run())
  return async () => {
    for (const worker of workers) worker.shutdown()
    await Promise.all(runs)
    await webhooks.stop()
    await connections.close()
    await notifications.stop()
    await connection.close()
    await database.end()
  }
}

async function wish(jobId: string, what: 'run' | 'pause') {
  await createBulkJobQueries(conveyor.pool).setWish(DEFAULT_WORKSPACE_ID, jobId, what)
  expect(await conveyor.starters.wakeBulkJob(jobId)).toBe(true)
}

test('a job whose every step replays from the start ends in its first run', async () => {
  await conveyor.org.set({ bulkRowsPerSecond: 100, internalBatchRows: 10 })
  await conveyor.org.addFault({
    match: { call: 'bulk.close' },
    times: 'always',
    action: { type: 'row_error', rows: { everyKth: 10 }, firstTries: 1 },
  })
  const names = distinctNames(4 * ROWS_A_LOAD, 'Uncached')
  const rows = names.map((name) => [name])
  const jobId = await conveyor.stage({ columns: ['Name'], rows }, { batchRows: 25 })
  const handle = conveyor.temporal.client.workflow.getHandle(conveyor.workflowId(jobId))
  const { runId } = await handle.describe()
  await until(async () => (await conveyor.job(jobId)).processedRecords > 0, 20_000)
  await wish(jobId, 'pause')
  await conveyor.waitForState(jobId, 'Paused')
  await conveyor.org.set({ bulkRowsPerSecond: null })
  await wish(jobId, 'run')
  expect((await conveyor.waitForEnd(jobId)).state).toBe('Completed')
  expectExact(await accountFor(conveyor, jobId, names))
  // The rows that met a lock went again: more upstream jobs than loads of the plan.
  expect((await conveyor.org.jobs()).length).toBeGreaterThan(4)

  await handle.result()
  expect((await handle.describe()).runId).toBe(runId)
  const { events } = await handle.fetchHistory()
  const failed = (events ?? []).flatMap((event) =>
    event.workflowTaskFailedEventAttributes ? [event.workflowTaskFailedEventAttributes] : [],
  )
  expect(failed).toEqual([])
})
