import { rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { makeTemporaryDirectory } from '../bulk/temporary-directory.ts'
import { type Config, ConfigError, EXIT_CONFIG, loadConfig } from '../config/environment.ts'
import { openDatabase } from '../db/database.ts'
import { migrate, readMigrations } from '../db/migrate.ts'
import { PRIVATE_TOO, PUBLIC_ONLY } from '../security/address-rules.ts'
import { createSealing, deriveSealingKey } from '../security/sealing.ts'
import { createDataConverter, createPayloadCodec } from '../temporal/codec.ts'
import { connectTemporal } from '../temporal/connect.ts'
import { createNotificationTrigger } from '../temporal/notification-trigger.ts'
import { pingTemporal } from '../temporal/ping.ts'
import { createServerPreparation } from '../temporal/prepare-server.ts'
import { createStarters } from '../temporal/starters.ts'
import { createSweeper } from '../temporal/sweeper.ts'
import { createApp } from './app.ts'
import { createDrain } from './drain.ts'
import { freeDiskBytes } from './free-disk.ts'
import { listen } from './listen.ts'
import { createLogger } from './logger.ts'
import { createMetricsEndpoint } from './metrics-endpoint.ts'
import { createPumpLink } from './pump-link.ts'
import { createReadiness } from './readiness.ts'
import { createStreamLink } from './stream/stream-link.ts'

/** Connections to Postgres that one API process uses at most. */
const POOL_SIZE = 12
/** Of one workspace. Each event is matched against the patterns of all of them. */
const MOST_SUBSCRIPTIONS = 10_000
const STREAMS = {
  mostOfWorkspace: 100,
  mostOfProcess: 1_000,
  bufferBytes: 262_144,
  heartbeatMs: 15_000,
  patienceMs: 30_000,
  lifeMs: 900_000,
}
const BODY_IDLE_MS = 60_000
/** Enough for the largest at 2 Mbit/s. */
const WHOLE_BODY_MS = 300_000
/** Not shorter than the time that a body may be silent: a slow first request is not a dead one. */
const KEY_TAKE_OVER_SECONDS = BODY_IDLE_MS / 1000
/** JSON takes four times its bytes once it is parsed. */
const TEXT_BUDGET = {
  smallBodyBytes: 256_000,
  /** 64 of the largest small bodies: twice what large ones that wait can hold of it. */
  smallBytes: 16_384_000,
  smallWaiters: 200,
  largeBytes: 32_000_000,
  largeWaiters: 32,
  waitMs: 30_000,
}
const DESCRIBE_WAIT_MS = 5_000
/** Under the patience of most callers; Salesforce mostly answers within one second. */
const CONNECTION_WAIT_MS = 20_000
/** Callers of the replaced service give up after half a minute, as most clients do. */
const QUERY_WAIT_MS = 25_000
/** Requests under way get this long once no new ones are taken. */
const GRACE_MS = 10_000
const PING_MS = 2_000
/** Signatures that do not fit, of one address in a minute: a sender that is set up wrongly needs a few. */
const BAD_GUESSES = 100

async function main(config: Config): Promise<void> {
  const logger = createLogger(config.log.level)
  await migrate(config.database.url)
  const database = await openDatabase({
    url: config.database.url,
    poolSize: POOL_SIZE,
    onError: (error) => logger.warn({ err: error }, 'a database connection was lost'),
  })
  const installationId = await database.system.installationId()
  await database.system.makeWebhookPartitions()
  const sealing = createSealing(config.encryption.keys.map(deriveSealingKey))
  const { sealPayloads } = config.encryption
  const temporal = connectTemporal(config.temporal, createDataConverter(sealing, sealPayloads))
  const preparation = createServerPreparation({
    temporal,
    installationId,
    takeOver: config.temporal.takeOverNamespace,
    logger,
  })
  const starters = createStarters(temporal, installationId, preparation)
  const pumpTrigger = createPumpLink({
    ...{ database, temporal, installationId, starters, logger },
    requireOwn: preparation.requireOwn,
  })
  const stream = createStreamLink({ databaseUrl: config.database.url, database, logger })
  const notificationTrigger = createNotificationTrigger(temporal, installationId, {
    requireOwn: preparation.requireOwn,
    logger,
  })
  const temporaryDirectory = await makeTemporaryDirectory('api', installationId)
  const drain = createDrain()
  const metricsEndpoint = createMetricsEndpoint(config, database, logger)
  const app = createApp({
    database,
    starters,
    pumpTrigger,
    eventHub: stream.eventHub,
    notificationTrigger,
    sealing,
    payloadCodec: createPayloadCodec(sealing, sealPayloads),
    logger,
    installationId,
    settings: {
      batchSize: config.salesforce.bulkBatchSize,
      stagingQuotaBytes: config.bulk.stagingQuotaBytes,
      diskReserveBytes: config.bulk.diskReserveBytes,
      queryQuotaBytes: config.queries.quotaBytes,
      queryWaitMs: QUERY_WAIT_MS,
      bodyIdleMs: BODY_IDLE_MS,
      wholeBodyMs: WHOLE_BODY_MS,
      textBudget: TEXT_BUDGET,
      describeWaitMs: DESCRIBE_WAIT_MS,
      metadataTtlMs: config.cache.metadataTtlMs,
      temporaryDirectory,
      temporalUi:
        config.temporalUiUrl === null
          ? null
          : { url: config.temporalUiUrl, namespace: config.temporal.namespace },
      loopbackOnly: config.http.loopbackOnly,
      keysRequired: config.http.keysRequired,
      keyEnvironment: config.mode === 'production' ? 'live' : 'test',
      sessions: config.sessions,
      trustedProxies: config.http.trustedProxies,
      webhooks: {
        ...config.webhooks,
        badGuessLimit: BAD_GUESSES,
        publicUrl: config.salesforce.webhookUrl ?? config.http.publicUrl,
      },
      webhookAllowlist: config.http.webhookAllowlist,
      keyTakeOverSeconds: KEY_TAKE_OVER_SECONDS,
      httpsRequired: config.http.httpsRequired,
      corsOrigins: config.http.corsOrigins,
      rateLimit: config.rateLimit,
      unknownKeyLimit: config.unknownKeyLimit,
      logRequests: config.log.requests,
      logResponses: config.log.responses,
      salesforceApp: {
        clientId: config.salesforce.clientId,
        redirectUri: config.salesforce.redirectUri ?? localRedirectUri(config.http),
        loginUrl: config.salesforce.loginUrl,
        allowAnyLoginHost: config.salesforce.allowAnyLoginHost,
      },
      callbackRules: config.allowPrivateAddresses ? PRIVATE_TOO : PUBLIC_ONLY,
      streams: STREAMS,
      mostSubscriptions: MOST_SUBSCRIPTIONS,
      analyticsTtlSeconds: Math.round(config.cache.analyticsTtlMs / 1000),
      connectionWaitMs: CONNECTION_WAIT_MS,
    },
    freeDiskBytes: () => freeDiskBytes(config.stateDirectory),
    readiness: createReadiness({
      appliedMigrations: database.system.appliedMigrations,
      wantedMigrations: (await readMigrations()).map(({ name }) => name),
      pingTemporal: () => pingTemporal(temporal, PING_MS),
    }),
    drain,
    metrics: metricsEndpoint?.metrics,
  })
  const sweeper = createSweeper({
    temporal,
    starters,
    store: database.system.sweeper,
    server: preparation,
    logger,
  })
  await metricsEndpoint?.server.start()
  const server = await listen(app, config.http.host, config.http.port)
  sweeper.start()
  logger.info({ host: config.http.host, port: server.port, installationId }, 'api ready')
  if (config.http.keysRequired && !(await database.system.hasUsableApiKey())) {
    logger.warn(
      { command: 'npm run conveyor -- keys create --name first --role admin' },
      'nobody has an API key yet, and callers need one: make the first with this command',
    )
  }
  if (config.allowPrivateAddresses) {
    logger.warn(
      { setting: 'CONVEYOR_ALLOW_PRIVATE_ADDRESSES' },
      'DEVELOPMENT ONLY: callback URLs may lead to this machine and to private networks',
    )
  }

  await stopSignal()
  // Load balancers learn it from /readyz before the first connection is turned away.
  drain.begin()
  logger.info({ delayMs: config.http.drainDelayMs, graceMs: GRACE_MS }, 'api stops')
  await delay(config.http.drainDelayMs)
  // Streams have no end of their own: readers come again, to another process.
  stream.eventHub.close()
  await server.close(GRACE_MS)
  await metricsEndpoint?.server.stop()
  await sweeper.stop()
  await stream.close()
  await pumpTrigger.close()
  notificationTrigger.stop()
  await rm(temporaryDirectory, { recursive: true, force: true })
  await temporal.close()
  await database.end()
}

/** Browsers of this machine come back to the API itself; elsewhere only a person knows its address. */
function localRedirectUri({ loopbackOnly, port }: Config['http']): string | null {
  if (!loopbackOnly || port === 0) return null
  return `http://localhost:${port}/api/auth/salesforce/callback`
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}

try {
  await main(loadConfig(process.env))
} catch (error) {
  if (error instanceof ConfigError) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = EXIT_CONFIG
  } else {
    createLogger('error').fatal({ err: error }, 'the API cannot run')
    process.exitCode = 1
  }
}
