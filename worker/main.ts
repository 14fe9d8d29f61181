import { rm } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { NativeConnection, Runtime, type Worker } from '@temporalio/worker'
import { createActivities } from '../activities/index.ts'
import { makeTemporaryDirectory } from '../bulk/temporary-directory.ts'
import { type Config, ConfigError, EXIT_CONFIG, loadConfig } from '../config/environment.ts'
import { openDatabase } from '../db/database.ts'
import { migrate } from '../db/migrate.ts'
import { createSealing, deriveSealingKey } from '../security/sealing.ts'
import { createDataConverter } from '../temporal/codec.ts'
import { connectTemporal } from '../temporal/connect.ts'
import { ForeignNamespaceError } from '../temporal/foreign-namespace-error.ts'
import { createServerPreparation } from '../temporal/prepare-server.ts'
import { createStarters } from '../temporal/starters.ts'
import { createSweeper } from '../temporal/sweeper.ts'
import { createWorker } from './create-worker.ts'
import { createFailpoint } from './failpoint.ts'
import { startJobAnnouncer } from './job-announcer.ts'
import { createLogger, temporalLogger } from './logger.ts'
import { startMetadataScheduler } from './metadata-scheduler.ts'
import { createMetricsEndpoint } from './metrics-endpoint.ts'
import { mirrorSettings, startMirrorWork } from './mirror-work.ts'
import { createNotificationWork } from './notification-work.ts'
import { createSalesforceConnections } from './salesforce-connections.ts'
import { createSalesforceOauth } from './salesforce-oauth.ts'
import { settlesWithin } from './settles-within.ts'
import { createWebhookWork } from './webhook-work.ts'

/** Connections to Postgres that one worker process uses at most. */
const POOL_SIZE = 24

/**
 * Bytes on their way count into what V8 lets the heap grow by, which is little where little lives for long: transfers
 * would collect all garbage every twenty megabytes, and spend a quarter of their time on it.
 */
const TRANSFER_HEAP_FLAGS = '--heap-growing-percent=200'

/**
 * Of a process that serves transfers alone. They take all the processor that they get: on a small machine the API,
 * deliveries and short work come first. Threads that start later inherit it.
 */
const TRANSFER_NICENESS = 5

/**
 * Longest wait at a stop for sessions that are being taken over: each can wait minutes for another process. Their
 * files stay, and the next start finds them.
 */
const TAKE_OVER_GRACE_MS = 5_000

async function main(config: Config): Promise<void> {
  const { queues } = config.worker
  if (queues.includes('salesforce')) setFlagsFromString(TRANSFER_HEAP_FLAGS)
  if (queues.length === 1 && queues[0] === 'salesforce') setPriority(TRANSFER_NICENESS)
  const logger = createLogger('worker', config.log.level)
  // Once a process, before anything else of Temporal's; signals stop the workers in order.
  Runtime.install({ logger: temporalLogger(logger), shutdownSignals: ['SIGINT', 'SIGTERM'] })
  await migrate(config.database.url)
  const database = await openDatabase({
    url: config.database.url,
    poolSize: POOL_SIZE,
    onError: (error) => logger.warn({ err: error }, 'a database connection was lost'),
  })
  const installationId = await database.system.installationId()
  await database.system.makeWebhookPartitions()
  const sealing = createSealing(config.encryption.keys.map(deriveSealingKey))
  const dataConverter = createDataConverter(sealing, config.encryption.sealPayloads)
  const temporal = connectTemporal(config.temporal, dataConverter)
  const connection = await NativeConnection.connect({
    address: config.temporal.address,
    ...(config.temporal.apiKey === null ? {} : { apiKey: config.temporal.apiKey }),
    ...(config.temporal.tls ? { tls: true } : {}),
  })
  const server = createServerPreparation({
    temporal,
    installationId,
    takeOver: config.temporal.takeOverNamespace,
    logger,
  })
  await server.prepare().catch(async (error: unknown) => {
    // Left open, they would keep a process alive that has nothing to do.
    await Promise.allSettled([temporal.close(), connection.close(), database.end()])
    throw error
  })

  const temporaryDirectory = await makeTemporaryDirectory('transfers', installationId)
  const failpoint = createFailpoint(config.failpoint)
  const metricsEndpoint = createMetricsEndpoint(config, database, logger)
  const metrics = metricsEndpoint?.metrics
  const connections = createSalesforceConnections({
    config,
    database,
    sealing: sealing.keyId === null ? null : sealing,
    logger,
    failpoint,
    metrics,
  })
  const notifications = createNotificationWork({
    ...{ config, database, temporal, installationId, logger },
    requireOwn: server.requireOwn,
  })
  const starters = createStarters(temporal, installationId, server)
  const webhooks = createWebhookWork({
    ...{ config, database, sealing, temporal, installationId, starters, logger },
    requireOwn: server.requireOwn,
    onNotifications: notifications.onNotifications,
    metrics,
  })
  const oauth = createSalesforceOauth(config.salesforce, logger)
  const activities = createActivities({
    database,
    webhooks,
    connections,
    oauth,
    sealing,
    bulk: {
      lanes: config.bulk.lanes,
      loadMaxRows: config.bulk.loadMaxRows,
      loadMaxBytes: config.bulk.loadMaxBytes,
      reserveFraction: config.bulk.reserveFraction,
      quotaLookAgainMs: config.bulk.quotaLookAgainMs,
      maxRetries: config.salesforce.maxRetries,
      retryDelayMs: config.salesforce.retryDelayMs,
      abortedReadingGapMs: config.bulk.abortedReadingGapMs,
    },
    notifications,
    queries: config.queries,
    mirror: mirrorSettings(config.mirror),
    metadataTtlSeconds: Math.round(config.cache.metadataTtlMs / 1000),
    retentionDays: config.retentionDays,
    temporaryDirectory,
    logger,
    failpoint,
  })
  const workers: Worker[] = await Promise.all(
    config.worker.queues.map((role) =>
      createWorker({
        connection,
        namespace: config.temporal.namespace,
        installationId,
        role,
        activities,
        dataConverter,
        logger,
        metrics,
      }),
    ),
  )
  // Temporal lets activities finish before it tells them; a pump would go on for half a minute.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, webhooks.signals.stop)
  const lost = Promise.withResolvers<never>()
  const sweeper = createSweeper({
    temporal,
    starters,
    store: database.system.sweeper,
    server,
    onForeign: lost.reject,
    logger,
  })
  sweeper.start()
  await metricsEndpoint?.server.start()
  await notifications.start()
  const announcer = config.worker.queues.includes('pump')
    ? startJobAnnouncer({ ...{ database, sealing, logger }, onOwnEvents: webhooks.onOwnEvents })
    : null
  const scheduler = config.worker.queues.includes('conveyor')
    ? startMetadataScheduler({
        ...{ config, database, temporal, installationId, logger },
        requireOwn: server.requireOwn,
        hasEnvironmentLogin: oauth.hasEnvironmentLogin,
      })
    : null
  const mirrorKeeper = startMirrorWork({
    ...{ config, database, temporal, installationId, logger },
    requireOwn: server.requireOwn,
  })
  const takingOver = connections.takeOverGranted()
  logger.info({ queues: config.worker.queues, installationId }, 'worker ready')
  try {
    await runTogether(workers, lost.promise)
  } finally {
    await metricsEndpoint?.server.stop()
    await sweeper.stop()
    await announcer?.stop()
    await scheduler?.stop()
    await mirrorKeeper.stop()
    await notifications.stop()
    await webhooks.stop()
    if (!(await settlesWithin(takingOver, TAKE_OVER_GRACE_MS))) {
      // It ends as soon as it asks the database again, or has written an answer of Salesforce into its file.
      logger.warn('granted sessions are left to the next start')
    }
    await rm(temporaryDirectory, { recursive: true, force: true })
    await connections.close()
    await temporal.close()
    await connection.close()
    await database.end()
  }
}

/** Half a worker looks alive and is not: where one queue, or the namespace, is lost all are shut down. */
async function runTogether(workers: readonly Worker[], lost: Promise<never>): Promise<void> {
  async function orShutDown(run: Promise<unknown>): Promise<void> {
    try {
      await run
    } catch (error) {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
      throw error
    }
  }
  const runs = Promise.allSettled(workers.map((worker) => orShutDown(worker.run())))
  // A worker must have stopped before its connections are closed.
  const [whole] = await Promise.allSettled([orShutDown(Promise.race([runs, lost])), runs])
  const ends = [whole, ...(await runs)]
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

try {
  await main(loadConfig(process.env))
} catch (error) {
  if (error instanceof ConfigError) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = EXIT_CONFIG
  } else if (error instanceof ForeignNamespaceError) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  } else {
    createLogger('worker', 'error').fatal({ err: error }, 'the worker cannot run')
    process.exitCode = 1
  }
}
