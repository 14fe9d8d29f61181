import { tmpdir } from 'node:os'
import { pino } from 'pino'
import { sql } from 'slonik'
import { expect } from 'vitest'
import { createApp } from '../../api/app.ts'
import type { ApiSettings } from '../../api/dependencies.ts'
import { createDrain, type Drain } from '../../api/drain.ts'
import { type ListenLimits, listen } from '../../api/listen.ts'
import { createReadiness } from '../../api/readiness.ts'
import { createEventHub, type EventHub } from '../../api/stream/event-hub.ts'
import { fieldFixture, objectFixture } from '../../bulk/describe-fixture.ts'
import { encodeRowResults } from '../../bulk/row-results-blob.ts'
import { decodeStagedBatch } from '../../bulk/staged-batch-blob.ts'
import type { RowResult, TerminalBulkJobState } from '../../contracts/bulk-job.ts'
import { type BulkJobBody, BulkJobSchema } from '../../contracts/http/bulk-jobs.ts'
import { type Problem, ProblemSchema } from '../../contracts/http/problem.ts'
import type {
  DescribeObjectInput,
  MetadataInput,
  ObjectDescribe,
} from '../../contracts/metadata.ts'
import { DEFAULT_CONNECTION_ID, DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { blobContext, createBulkBatchBlobQueries } from '../../db/bulk-batch-blobs.ts'
import { createBulkFailedRowQueries } from '../../db/bulk-failed-rows.ts'
import { createBulkJobBatchQueries } from '../../db/bulk-job-batches.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { openDatabase } from '../../db/database.ts'
import { createDescribeCacheQueries } from '../../db/describe-cache.ts'
import { readMigrations } from '../../db/migrate.ts'
import type { DatabasePool } from '../../db/pool.ts'
import { row } from '../../db/row-type.ts'
import { createWebhookEventLogQueries } from '../../db/webhook-event-log.ts'
import { PUBLIC_ONLY } from '../../security/address-rules.ts'
import { createSealing, deriveSealingKey, type Sealing } from '../../security/sealing.ts'
import { createPayloadCodec } from '../../temporal/codec.ts'
import { createTestDatabase } from '../setup/database.ts'

const testSealing = createSealing([deriveSealingKey('a key for tests, long enough to be one')])

/** Stands for Temporal: notes what it is asked, and answers or fails as told. */
export interface FakeTemporal {
  readonly started: string[]
  readonly woken: string[]
  readonly described: string[]
  /** Short queries that were to be run. */
  readonly queried: string[]
  /** Pumps that were triggered. */
  readonly pumped: number[]
  isDown: boolean
  /** Whether a workflow runs when it is to be woken. */
  runs: boolean
  onDescribe: (input: DescribeObjectInput) => Promise<void>
  onListObjects: (input: MetadataInput) => Promise<void>
  onWakeChannel: (channelId: string) => Promise<void>
  onExchange: (flowId: string) => Promise<void>
  onQuery: (queryId: string) => Promise<void>
}

/** A line of the log. */
export type Logged = Readonly<Record<string, unknown>>

export interface TestApi {
  readonly url: string
  readonly port: number
  readonly databaseUrl: string
  /** The owner's, which sees every workspace. */
  readonly pool: DatabasePool
  readonly temporal: FakeTemporal
  readonly drain: Drain
  readonly eventHub: EventHub
  /** What it has logged, by level info and above. */
  readonly logged: readonly Logged[]
  readonly settings: ApiSettings
  /** The disk's free bytes, as the API sees them. */
  disk: { free: number }
  stop(graceMs?: number): Promise<void>
}

/** The API on a port of its own, over a database of its own. */
export async function startTestApi(
  settings: Partial<ApiSettings> = {},
  urlFor?: (databaseUrl: string) => Promise<string>,
  limits: Partial<ListenLimits> = {},
  sealing: Sealing = testSealing,
): Promise<TestApi> {
  const database = await createTestDatabase()
  const served = await openDatabase({
    url: (await urlFor?.(database.databaseUrl)) ?? database.databaseUrl,
    poolSize: 2,
    onError: () => {},
  })
  const temporal: FakeTemporal = {
    started: [],
    woken: [],
    described: [],
    queried: [],
    pumped: [],
    isDown: false,
    runs: true,
    onDescribe: async () => {},
    onListObjects: async () => {},
    onWakeChannel: async () => {},
    onExchange: async () => {},
    onQuery: async () => {},
  }
  const requireUp = () => {
    if (temporal.isDown) throw new Error('Temporal is down')
  }
  const disk = { free: 1e12 }
  const all: ApiSettings = {
    batchSize: 200,
    stagingQuotaBytes: 1e9,
    queryQuotaBytes: 1e9,
    queryWaitMs: 2_000,
    diskReserveBytes: 1e6,
    bodyIdleMs: 5_000,
    wholeBodyMs: 5_000,
    textBudget: {
      smallBodyBytes: 256_000,
      smallBytes: 16_384_000,
      smallWaiters: 200,
      largeBytes: 32_000_000,
      largeWaiters: 32,
      waitMs: 1_000,
    },
    describeWaitMs: 500,
    metadataTtlMs: 86_400_000,
    temporaryDirectory: tmpdir(),
    temporalUi: { url: 'http://127.0.0.1:8233', namespace: 'default' },
    loopbackOnly: true,
    keysRequired: false,
    keyEnvironment: 'test',
    sessions: { idleMs: 1_800_000, lifetimeMs: 43_200_000 },
    trustedProxies: 0,
    webhooks: {
      secrets: ['the secret of the tests', 'the secret before that'],
      maxBytes: 1_000_000,
      legacyAnswers: false,
      badGuessLimit: 100,
      publicUrl: null,
    },
    webhookAllowlist: [],
    keyTakeOverSeconds: 60,
    httpsRequired: false,
    corsOrigins: [],
    rateLimit: { requests: 1_000_000, windowMs: 60_000 },
    unknownKeyLimit: 20,
    logRequests: false,
    logResponses: false,
    salesforceApp: {
      clientId: 'the-app-of-the-server',
      redirectUri: 'http://localhost:5058/api/auth/salesforce/callback',
      loginUrl: 'https://login.salesforce.com',
      allowAnyLoginHost: false,
    },
    callbackRules: PUBLIC_ONLY,
    streams: {
      mostOfWorkspace: 100,
      mostOfProcess: 1_000,
      bufferBytes: 262_144,
      heartbeatMs: 15_000,
      patienceMs: 30_000,
      lifeMs: 900_000,
    },
    mostSubscriptions: 10_000,
    analyticsTtlSeconds: 3_600,
    connectionWaitMs: 100,
    ...settings,
  }
  const logged: Logged[] = []
  const eventHub = createEventHub({
    storeOf: (workspaceId) => createWebhookEventLogQueries(served.workspace(workspaceId)),
    logger: { warn() {} },
    pollMs: 200,
  })
  const drain = createDrain()
  const app = createApp({
    database: served,
    sealing,
    payloadCodec: createPayloadCodec(sealing, true),
    logger: pino(
      { level: 'info' },
      { write: (line) => void logged.push(JSON.parse(line) as Logged) },
    ),
    installationId: 'testing',
    settings: all,
    eventHub,
    notificationTrigger: {
      async wake({ channelId }) {
        requireUp()
        temporal.woken.push(channelId)
        await temporal.onWakeChannel(channelId)
      },
      trigger: (_workspaceId, channelIds) => void temporal.woken.push(...channelIds),
    },
    pumpTrigger: { trigger: (shards) => void temporal.pumped.push(...shards) },
    freeDiskBytes: async () => disk.free,
    drain,
    readiness: createReadiness({
      appliedMigrations: served.system.appliedMigrations,
      wantedMigrations: (await readMigrations()).map(({ name }) => name),
      pingTemporal: async () => requireUp(),
    }),
    starters: {
      async startBulkJob(job) {
        requireUp()
        temporal.started.push(job.jobId)
      },
      async wakeBulkJob(jobId) {
        requireUp()
        temporal.woken.push(jobId)
        return temporal.runs
      },
      async startDescribeObject(input) {
        requireUp()
        temporal.described.push(input.objectType)
        await temporal.onDescribe(input)
      },
      async startRunQuery({ queryId }) {
        requireUp()
        temporal.queried.push(queryId)
        await temporal.onQuery(queryId)
      },
      async startBulkQuery({ queryId }) {
        requireUp()
        temporal.started.push(queryId)
      },
      async wakeBulkQuery(queryId) {
        requireUp()
        temporal.woken.push(queryId)
        return temporal.runs
      },
      async startExchangeAuthorizationCode({ flowId }) {
        requireUp()
        temporal.started.push(flowId)
        await temporal.onExchange(flowId)
      },
      async startEndpoint({ subscriptionId }) {
        requireUp()
        temporal.started.push(subscriptionId)
      },
      async startListObjects(input) {
        requireUp()
        await temporal.onListObjects(input)
      },
      async triggerMetadataRefresh(connectionId) {
        requireUp()
        temporal.woken.push(connectionId)
        return temporal.runs
      },
      async startRefreshMetadata({ connectionId }) {
        requireUp()
        temporal.started.push(connectionId)
      },
      async pullMirror({ connectionId }) {
        requireUp()
        temporal.started.push(connectionId)
      },
      async startRollUp({ connectionId }) {
        requireUp()
        temporal.started.push(connectionId)
      },
      async startTestConnection({ operationId }) {
        requireUp()
        temporal.started.push(operationId)
      },
      async startRevokeConnection({ operationId }) {
        requireUp()
        temporal.started.push(operationId)
      },
      async startReplay({ replayId }) {
        requireUp()
        temporal.started.push(replayId)
      },
      async retryEndpoint(subscriptionId) {
        requireUp()
        temporal.woken.push(subscriptionId)
        return temporal.runs
      },
      async wakeReplay(replayId) {
        requireUp()
        temporal.woken.push(replayId)
        return temporal.runs
      },
    },
  })
  const server = await listen(app, '127.0.0.1', 0, limits)
  return {
    url: `http://127.0.0.1:${server.port}`,
    port: server.port,
    databaseUrl: database.databaseUrl,
    pool: database.pool,
    temporal,
    drain,
    eventHub,
    logged,
    settings: all,
    disk,
    async stop(graceMs = 100) {
      eventHub.close()
      await server.close(graceMs)
      await served.end()
      await database.drop()
    },
  }
}

/** An Account with the usual fields, an external id and a relationship. */
export function accountDescribe(extra: readonly string[] = []): ObjectDescribe {
  return objectFixture([
    fieldFixture('Name', { length: 10 }),
    fieldFixture('NumberOfEmployees', { type: 'int' }),
    fieldFixture('Phone', { type: 'phone', length: 40 }),
    fieldFixture('Ext__c', { length: 40, externalId: true, idLookup: true, custom: true }),
    fieldFixture('CreatedDate', { type: 'datetime', createable: false, updateable: false }),
    fieldFixture('OwnerId', { type: 'reference', length: 18, relationshipName: 'Owner' }),
    ...extra.map((name) => fieldFixture(name, { length: 100 })),
  ])
}

export async function cacheDescribe(
  pool: DatabasePool,
  objectType: string,
  describe: ObjectDescribe | null,
): Promise<void> {
  await createDescribeCacheQueries(pool).put({
    connectionId: DEFAULT_CONNECTION_ID,
    workspaceId: DEFAULT_WORKSPACE_ID,
    objectType,
    describe,
    lastModified: null,
    ttlSeconds: 3_600,
  })
}

/** The cells of every staged row, by column. */
export async function stagedRecords(pool: DatabasePool, jobId: string) {
  const blobs = await createBulkBatchBlobQueries(pool).list(jobId, 'rows', 1, 1_000_000)
  const records: { rowNumber: number; record: Record<string, string | null> }[] = []
  for (const { batchNumber, body } of blobs) {
    const batch = decodeStagedBatch(testSealing.open(blobContext(jobId, 'rows', batchNumber), body))
    for (const { rowNumber, cells } of batch.rows) {
      const pairs = batch.columns.map((column, at) => [column, cells[at] ?? null] as const)
      records.push({ rowNumber, record: Object.fromEntries(pairs) })
    }
  }
  return records
}

/** What the worker would have written of one row. */
export function rowResult(rowNumber: number, facts: Partial<RowResult> = {}): RowResult {
  return {
    rowNumber,
    outcome: 'success',
    salesforceId: `001${String(rowNumber).padStart(12, '0')}AAA`,
    created: true,
    errorCode: null,
    errorMessage: null,
    errorFields: [],
    retryable: false,
    upstreamJobId: '750000000000001AAA',
    ...facts,
  }
}

/** Ends a job as the worker does: outcomes, figures, failed rows, state. Rows that are not named succeed. */
export async function endJob(
  pool: DatabasePool,
  jobId: string,
  state: TerminalBulkJobState,
  failed: readonly RowResult[] = [],
): Promise<void> {
  const owner = { jobId, workspaceId: DEFAULT_WORKSPACE_ID }
  const failedBy = new Map(failed.map((result) => [result.rowNumber, result]))
  const batches = createBulkJobBatchQueries(pool)
  for (const batch of await batches.list(jobId, 0, 1_000)) {
    const [blob] = await createBulkBatchBlobQueries(pool).list(
      jobId,
      'rows',
      batch.batchNumber,
      batch.batchNumber,
    )
    if (blob === undefined) throw new Error('A batch has no rows.')
    const staged = decodeStagedBatch(
      testSealing.open(blobContext(jobId, 'rows', batch.batchNumber), blob.body),
    )
    const results = staged.rows.map(
      ({ rowNumber }) => failedBy.get(rowNumber) ?? rowResult(rowNumber),
    )
    const counts = { success: 0, failed: 0, unprocessed: 0, unknown: 0 }
    for (const { outcome } of results) counts[outcome] += 1
    const context = blobContext(jobId, 'outcomes', batch.batchNumber)
    const body = testSealing.seal(context, encodeRowResults(results))
    await createBulkBatchBlobQueries(pool).put(owner, 'outcomes', [
      { batchNumber: batch.batchNumber, body },
    ])
    await batches.setFigures(jobId, [
      { batchNumber: batch.batchNumber, counts, errorDetails: null },
    ])
    await createBulkFailedRowQueries(pool).put(
      owner,
      results.map((result) => ({ batchNumber: batch.batchNumber, result })),
    )
  }
  const jobs = createBulkJobQueries(pool)
  await jobs.setInProgress(jobId)
  await jobs.refreshCounters(jobId)
  await jobs.finish(jobId, state, null)
}

/** How many jobs there are, and how many uploads that did not end. */
export async function leftovers(pool: DatabasePool): Promise<{ jobs: number; staging: number }> {
  const jobs = createBulkJobQueries(pool)
  const staging = await jobs.sweepStaging(-60)
  return { jobs: await jobs.count({ workspaceId: DEFAULT_WORKSPACE_ID }), staging: staging.length }
}

/** Whether a request holds the key: one that is sent later with the same key is the second. */
export function isHeld(pool: DatabasePool, key: string): Promise<boolean> {
  return pool.exists(sql.type(row<{ found: number }>())`
    select 1 as found from idempotency_keys where idempotency_key = ${key}`)
}

export function postJson(url: string, body: unknown, headers: Record<string, string> = {}) {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

export function postText(
  url: string,
  type: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
) {
  return fetch(url, { method: 'POST', headers: { 'content-type': type, ...headers }, body })
}

/** The job that the answer holds. */
export async function jobOf(response: Response): Promise<BulkJobBody> {
  return BulkJobSchema.parse(await response.json())
}

/** Status and code of a problem, which must be one. */
export async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const problem = ProblemSchema.parse(await response.json())
  expect(problem.status).toBe(response.status)
  return problem
}
