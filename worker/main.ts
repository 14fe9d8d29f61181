import { rm } from 'node:fs/promises'
import { NativeConnection, Runtime, type Worker } from '@temporalio/worker'
import { createActivities } from '../activities/index.ts'
import { type Config, ConfigError, EXIT_CONFIG, loadConfig } from '../config/environment.ts'
import { createBulkJobQueries } from '../db/bulk-jobs.ts'
import { installationId as readInstallationId } from '../db/installation.ts'
import { migrate } from '../db/migrate.ts'
import { createPool } from '../db/pool.ts'
import { createWorkflowStartQueries } from '../db/workflow-starts.ts'
import { createSealing, deriveSealingKey } from '../security/sealing.ts'
import { connectTemporal } from '../temporal/connect.ts'
import { prepareServer } from '../temporal/prepare-server.ts'
import { createStarters } from '../temporal/starters.ts'
import { createSweeper } from '../temporal/sweeper.ts'
import { createWorker } from './create-worker.ts'
import { createFailpoint } from './failpoint.ts'
import { createLogger, temporalLogger } from './logger.ts'
import { createSalesforceConnections } from './salesforce-connections.ts'
import { makeTemporaryDirectory } from './temporary-directory.ts'

/** Connections to Postgres that one worker process uses at most. */
const POOL_SIZE = 12

async function main(config: Config): Promise<void> {
  const logger = createLogger('worker', config.log.level)
  // Once a process, before anything else of Temporal's; signals stop the workers in order.
  Runtime.install({ logger: temporalLogger(logger), shutdownSignals: ['SIGINT', 'SIGTERM'] })
  await migrate(config.database.url)
  const pool = await createPool({
    databaseUrl: config.database.url,
    size: POOL_SIZE,
    onError: (error) => logger.warn({ err: error }, 'a database connection was lost'),
  })
  const installationId = await readInstallationId(pool)
  const temporal = connectTemporal(config.temporal)
  const connection = await NativeConnection.connect({
    address: config.temporal.address,
    ...(config.temporal.apiKey === null ? {} : { apiKey: config.temporal.apiKey }),
    ...(config.temporal.tls ? { tls: true } : {}),
  })
  let server = await prepareServer(temporal, installationId, logger)

  const temporaryDirectory = await makeTemporaryDirectory(installationId)
  const key = config.encryption.key === null ? null : deriveSealingKey(config.encryption.key)
  const sealing = createSealing(key)
  const connections = createSalesforceConnections({
    config,
    pool,
    sealing: key === null ? null : sealing,
    logger,
  })
  const activities = createActivities({
    pool,
    connections,
    sealing,
    bulk: {
      lanes: config.bulk.lanes,
      loadMaxRows: config.bulk.loadMaxRows,
      loadMaxBytes: config.bulk.loadMaxBytes,
      reserveFraction: config.bulk.reserveFraction,
      maxRetries: config.salesforce.maxRetries,
      retryDelayMs: config.salesforce.retryDelayMs,
      abortedReadingGapMs: config.bulk.abortedReadingGapMs,
    },
    metadataTtlSeconds: Math.round(config.cache.metadataTtlMs / 1000),
    retentionDays: config.retentionDays,
    temporaryDirectory,
    logger,
    failpoint: createFailpoint(config.failpoint),
  })
  const workers: Worker[] = await Promise.all(
    config.worker.queues.map((role) =>
      createWorker({
        connection,
        namespace: config.temporal.namespace,
        installationId,
        role,
        activities,
        logger,
      }),
    ),
  )
  const sweeper = createSweeper({
    temporal,
    starters: createStarters(temporal, installationId, {
      searchAttributes: () => server.searchAttributes,
    }),
    store: { starts: createWorkflowStartQueries(pool), jobs: createBulkJobQueries(pool) },
    async prepareServer() {
      server = await prepareServer(temporal, installationId, logger)
    },
    logger,
  })
  sweeper.start()
  logger.info({ queues: config.worker.queues, installationId }, 'worker ready')
  try {
    await runTogether(workers)
  } finally {
    await sweeper.stop()
    await rm(temporaryDirectory, { recursive: true, force: true })
    await connections.close()
    await temporal.close()
    await connection.close()
    await pool.end()
  }
}

/** Half a worker looks alive and is not: where one queue is lost the others are shut down too. */
async function runTogether(workers: readonly Worker[]): Promise<void> {
  const runs = workers.map(async (worker) => {
    try {
      await worker.run()
    } catch (error) {
      for (const other of workers) if (other.getState() === 'RUNNING') other.shutdown()
      throw error
    }
  })
  const ends = await Promise.allSettled(runs)
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

try {
  await main(loadConfig(process.env))
} catch (error) {
  if (error instanceof ConfigError) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = EXIT_CONFIG
  } else {
    createLogger('worker', 'error').fatal({ err: error }, 'the worker cannot run')
    process.exitCode = 1
  }
}
