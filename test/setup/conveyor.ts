import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBatchStore } from '../../activities/bulk-job/batch-store.ts'
import { ingestCsvRow } from '../../bulk/ingest-csv.ts'
import { encodeStagedBatch } from '../../bulk/staged-batch-blob.ts'
import {
  type BulkOperation,
  type Cell,
  isTerminalBulkJobState,
  type RowResult,
} from '../../contracts/bulk-job.ts'
import { DEFAULT_CONNECTION_ID, DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { bulkJobWorkflowId } from '../../contracts/workflow-ids.ts'
import { blobContext, createBulkBatchBlobQueries } from '../../db/bulk-batch-blobs.ts'
import { createBulkJobBatchQueries } from '../../db/bulk-job-batches.ts'
import { type BulkJob, createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { installationId } from '../../db/installation.ts'
import { migrate } from '../../db/migrate.ts'
import { createPool, type DatabasePool } from '../../db/pool.ts'
import { createWorkflowStartQueries } from '../../db/workflow-starts.ts'
import { type Child, startChild } from '../../dev/stack/child-process.ts'
import { freePort } from '../../dev/stack/free-port.ts'
import { createSealing, deriveSealingKey } from '../../security/sealing.ts'
import { createDataConverter } from '../../temporal/codec.ts'
import { connectTemporal, type TemporalConnection } from '../../temporal/connect.ts'
import { ensureSearchAttributes } from '../../temporal/search-attributes.ts'
import { createStarters, type Starters } from '../../temporal/starters.ts'
import { childEnvironment } from './child-environment.ts'
import { createTestDatabase } from './database.ts'
import { registerNamespace } from './namespace.ts'
import { startTestOrg, TEST_CLIENT, type TestOrg, until } from './simulator.ts'

const BATCH_ROWS = 200

export interface StagedTestJob {
  readonly operation?: BulkOperation
  readonly objectType?: string
  readonly externalIdField?: string
  readonly correlationField?: string
  readonly columns: readonly string[]
  readonly rows: Iterable<readonly Cell[]>
}

/** An installation of its own: a database, an org, task queues; workers and API as processes on demand. */
export interface TestConveyor {
  readonly pool: DatabasePool
  readonly org: TestOrg
  readonly temporal: TemporalConnection
  readonly starters: Starters
  readonly installationId: string
  readonly environment: Readonly<Record<string, string>>
  /** Both queues in one process. Ready when it resolves. */
  startWorker(environment?: Readonly<Record<string, string>>): Promise<Child>
  startApi(
    environment?: Readonly<Record<string, string>>,
  ): Promise<{ readonly url: string; readonly child: Child }>
  /** Stages a job as the API does; `start: false` leaves the start to the sweeper. */
  stage(
    job: StagedTestJob,
    options?: { readonly start?: boolean; readonly batchRows?: number },
  ): Promise<string>
  job(jobId: string): Promise<BulkJob>
  waitForEnd(jobId: string, ms?: number): Promise<BulkJob>
  waitForState(jobId: string, state: BulkJob['state'], ms?: number): Promise<BulkJob>
  results(jobId: string): Promise<RowResult[]>
  workflowId(jobId: string): string
  stop(): Promise<void>
}

export async function startTestConveyor(
  options: {
    /** Database and Temporal server of its own instead of the shared ones, for tests that kill them. */
    readonly databaseUrl?: string
    readonly temporalAddress?: string
    /** On the shared server, default: one of its own; on a server of its own `default`, which a lost store brings back. */
    readonly namespace?: string
    readonly environment?: Readonly<Record<string, string>>
  } = {},
): Promise<TestConveyor> {
  const directory = await mkdtemp(join(tmpdir(), 'conveyor-installation-'))
  // A process takes its time to start, and so does a database.
  const starting = startTestOrg({
    port: await freePort(),
    database: join(directory, 'org.sqlite'),
    logFile: join(directory, 'org.log'),
    clientSecret: options.environment?.['SALESFORCE_CLIENT_SECRET'],
    refreshToken: options.environment?.['SALESFORCE_REFRESH_TOKEN'],
  })
  // Its failure is told where it is waited for.
  starting.catch(() => {})
  const database = options.databaseUrl === undefined ? await createTestDatabase() : null
  const databaseUrl = options.databaseUrl ?? database?.databaseUrl ?? ''
  if (database === null) await migrate(databaseUrl)
  const pool = await createPool({ databaseUrl, size: 5, onError: () => {} })
  const address = options.temporalAddress ?? process.env['TEST_TEMPORAL_ADDRESS']
  if (address === undefined)
    throw new Error('TEST_TEMPORAL_ADDRESS is not set by the global setup.')
  const id = await installationId(pool)
  const namespace =
    options.namespace ?? (options.temporalAddress === undefined ? `test-${id}` : 'default')
  const keys = (options.environment?.['SALESFORCE_TOKEN_ENCRYPTION_KEY'] ?? '').split(',')
  const sealing = createSealing(keys.filter((key) => key !== '').map(deriveSealingKey))
  const sealsPayloads = options.environment?.['CONVEYOR_SEAL_PAYLOADS'] === 'true'
  const temporal = connectTemporal(
    { address, namespace, apiKey: null, tls: false },
    createDataConverter(sealing, sealsPayloads),
  )
  if (namespace === `test-${id}`) await registerNamespace(temporal)
  const missing = await ensureSearchAttributes(temporal)
  if (missing !== null) throw new Error(missing)
  const starters = createStarters(temporal, id, {
    searchAttributes: () => true,
    requireOwn: async () => {},
  })
  const org = await starting
  const children: Child[] = []
  const environment: Record<string, string> = {
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    SALESFORCE_CLIENT_ID: TEST_CLIENT.id,
    SALESFORCE_CLIENT_SECRET: TEST_CLIENT.secret,
    SALESFORCE_LOGIN_URL: org.url,
    CONVEYOR_ALLOW_ANY_LOGIN_HOST: 'true',
    SALESFORCE_RETRY_DELAY: '0.2',
    CONVEYOR_ABORTED_READING_GAP: '1',
    // Its calls would be among those that tests count and let fail.
    CONVEYOR_METADATA_REFRESH: 'false',
    CONVEYOR_STATE_DIR: directory,
    // Calls that no test asked for would be among those that are counted.
    CONVEYOR_MIRROR_EVERY: '0',
    ...options.environment,
  }

  async function startPart(
    name: string,
    script: string,
    more: Readonly<Record<string, string>>,
  ): Promise<Child> {
    const child = await startChild({
      name,
      command: process.execPath,
      args: [script],
      env: { ...childEnvironment(), ...environment, ...more },
      logFile: join(directory, `${name}-${randomUUID()}.log`),
      stop: [{ signal: 'SIGTERM', seconds: 20 }],
    })
    children.push(child)
    return child
  }

  const jobs = createBulkJobQueries(pool)
  const conveyor: TestConveyor = {
    pool,
    org,
    temporal,
    starters,
    installationId: id,
    environment,

    async startWorker(more = {}) {
      const child = await startPart('worker', 'worker/main.ts', more)
      await until(
        async () => child.hasExited() || child.output().includes('"worker ready"'),
        60_000,
        'worker ready',
      )
      if (child.hasExited()) {
        throw new Error(`The worker ended, ${await child.exited}: ${child.output()}`)
      }
      return child
    },

    async startApi(more = {}) {
      const port = more['PORT'] ?? String(await freePort())
      const url = `http://127.0.0.1:${port}`
      const child = await startPart('api', 'api/main.ts', { ...more, PORT: port })
      await until(
        async () => child.hasExited() || (await fetch(`${url}/healthz`)).ok,
        30_000,
        'API ready',
      )
      if (child.hasExited()) throw new Error(`The API ended: ${child.output()}`)
      return { url, child }
    },

    async stage(job, { start = true, batchRows = BATCH_ROWS } = {}) {
      const operation = job.operation ?? 'insert'
      const objectType = job.objectType ?? 'Account'
      const jobId = `bulk_job_${objectType.toLowerCase()}_${operation}_${randomBytes(8).toString('hex')}`
      const owner = { jobId, workspaceId: DEFAULT_WORKSPACE_ID }
      await jobs.insertStaging({
        ...owner,
        connectionId: DEFAULT_CONNECTION_ID,
        userId: 'tester',
        operation,
        objectType,
        externalIdField: job.externalIdField ?? null,
        correlationField: job.correlationField ?? null,
        retryOf: null,
        requestId: null,
        createdBy: null,
      })
      let batchNumber = 0
      let rowNumber = 0
      let pending: (readonly Cell[])[] = []
      const flush = async () => {
        if (pending.length === 0) return
        batchNumber += 1
        const firstRow = rowNumber - pending.length + 1
        const rows = pending.map((cells, index) => ({ rowNumber: firstRow + index, cells }))
        pending = []
        const body = encodeStagedBatch({ columns: job.columns, rows })
        await createBulkJobBatchQueries(pool).insert(owner, [
          {
            batchNumber,
            firstRow,
            lastRow: rowNumber,
            rowCount: rows.length,
            encodedBytes: Buffer.byteLength(
              rows.map((row) => ingestCsvRow(job.columns, job.columns, row.cells)).join(''),
            ),
          },
        ])
        await createBulkBatchBlobQueries(pool).put(owner, 'rows', [
          {
            batchNumber,
            body: sealing.seal(blobContext(jobId, 'rows', batchNumber), body),
          },
        ])
        await jobs.addStaged(jobId, rows.length, body.length)
      }
      for (const cells of job.rows) {
        rowNumber += 1
        pending.push(cells)
        if (pending.length === batchRows) await flush()
      }
      await flush()
      await pool.transaction(async (transaction) => {
        await createBulkJobQueries(transaction).finishStaging(jobId, {
          columns: job.columns,
          checked: false,
        })
        await createWorkflowStartQueries(transaction).insert(
          {
            workflowId: bulkJobWorkflowId(id, jobId),
            workspaceId: DEFAULT_WORKSPACE_ID,
            subjectId: jobId,
          },
          start ? 5 : 0,
        )
      })
      if (start) {
        await starters.startBulkJob(await conveyor.job(jobId))
        await createWorkflowStartQueries(pool).markStarted(bulkJobWorkflowId(id, jobId))
      }
      return jobId
    },

    async job(jobId) {
      const found = await jobs.get(jobId)
      if (!found) throw new Error(`Job ${jobId} does not exist.`)
      return found
    },

    async waitForEnd(jobId, ms = 60_000) {
      await until(
        async () => isTerminalBulkJobState((await conveyor.job(jobId)).state),
        ms,
        `the end of ${jobId}`,
      )
      return conveyor.job(jobId)
    },

    async waitForState(jobId, state, ms = 30_000) {
      await until(async () => (await conveyor.job(jobId)).state === state, ms, `${jobId} ${state}`)
      return conveyor.job(jobId)
    },

    async results(jobId) {
      const batches = await createBulkJobBatchQueries(pool).count(jobId)
      const numbers = Array.from({ length: batches }, (_, index) => index + 1)
      const outcomes = await createBatchStore(pool, sealing).outcomesOf(jobId, numbers)
      return outcomes.flatMap((batch) => batch.results).sort((a, b) => a.rowNumber - b.rowNumber)
    },

    workflowId: (jobId) => bulkJobWorkflowId(id, jobId),

    async stop() {
      await Promise.all(children.map((child) => child.stop()))
      await org.stop()
      await temporal.close()
      await pool.end()
      await database?.drop()
      await rm(directory, { recursive: true, force: true })
    },
  }
  return conveyor
}
