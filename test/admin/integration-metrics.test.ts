import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { sql } from 'slonik'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { fanOut } from '../../activities/pump/fan-out.ts'
import { emptyResponseBuckets, responseBucket } from '../../contracts/response-times.ts'
import { DEFAULT_CONNECTION_ID, DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { createApiCallCounterQueries } from '../../db/api-call-counters.ts'
import { type Database, openDatabase } from '../../db/database.ts'
import { migrate, readMigrations } from '../../db/migrate.ts'
import { createRollupDirtyBucketQueries } from '../../db/rollup-dirty-buckets.ts'
import { row } from '../../db/row-type.ts'
import { createIntegrationMetricQueries } from '../../db/salesforce-integration-metrics.ts'
import { createSealing } from '../../security/sealing.ts'
import { createTestDatabase, type TestDatabase } from '../setup/database.ts'
import { addWorkspace } from '../tenancy/two-workspaces.ts'
import { addEvent } from '../webhooks/webhook-rows.ts'

const DAY_MS = 86_400_000
const dayOf = (daysAgo: number) =>
  new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 10)
const TODAY = { from: dayOf(0), until: dayOf(0) }

let owner: TestDatabase
let database: Database
beforeAll(async () => {
  owner = await createTestDatabase()
  await addWorkspace(owner.pool, 'other')
  database = await openDatabase({ url: owner.databaseUrl, poolSize: 3, onError: () => {} })
})
afterAll(async () => {
  await database.end()
  await owner.drop()
})
beforeEach(async () => {
  for (const table of [
    ...['api_call_counters', 'salesforce_realtime_analytics', 'salesforce_integration_metrics'],
    ...['rollup_dirty_buckets', 'webhook_event_queue', 'salesforce_webhook_events', 'bulk_loads'],
    'salesforce_bulk_jobs',
  ]) {
    await owner.pool.query(sql.type(row<never>())`delete from ${sql.identifier([table])}`)
  }
})

/** What the rollup does with one bucket. */
async function rollUp(day: string, workspaceId = DEFAULT_WORKSPACE_ID): Promise<void> {
  await database.workspace(workspaceId).transaction(async (transaction) => {
    const dirty = createRollupDirtyBucketQueries(transaction)
    await dirty.mark(workspaceId, 'integration', [day])
    const revision = await dirty.begin(workspaceId, 'integration', day)
    await createIntegrationMetricQueries(transaction).replaceDay(workspaceId, day)
    await dirty.settle(workspaceId, 'integration', day, revision ?? 0)
  })
}

const figures = (workspaceId = DEFAULT_WORKSPACE_ID) =>
  createIntegrationMetricQueries(database.workspace(workspaceId))

async function addCalls(calls: number, eachMs: number, daysAgo = 0): Promise<void> {
  const responseBuckets = emptyResponseBuckets()
  responseBuckets[responseBucket(eachMs)] = calls
  await createApiCallCounterQueries(owner.pool).add(DEFAULT_CONNECTION_ID, DEFAULT_WORKSPACE_ID, {
    ...{ calls, errors: 1, responseMs: calls * eachMs, responseBuckets, bytes: 2_048 },
  })
  await owner.pool.query(sql.type(row<never>())`
    update api_call_counters set day = ${dayOf(daysAgo)}::date
    where day = (now() at time zone 'utc')::date`)
}

async function addJob(jobId: string, userId: string | null, settled: [number, number]) {
  await owner.pool.query(sql.type(row<never>())`
    insert into salesforce_bulk_jobs (job_id, workspace_id, connection_id, user_id, operation, object_type, state)
    values (${jobId}, ${DEFAULT_WORKSPACE_ID}, ${DEFAULT_CONNECTION_ID}, ${userId}, 'insert', 'Account', 'Completed')`)
  await owner.pool.query(sql.type(row<never>())`
    insert into bulk_loads (job_id, load_number, workspace_id, row_ranges, row_count, encoded_bytes, state,
      successful_records, failed_records, settled_at)
    values (${jobId}, 1, ${DEFAULT_WORKSPACE_ID}, '[]', 0, 0, 'settled', ${settled[0]}, ${settled[1]}, now())`)
}

async function queueEvent(secondsAgo: number): Promise<string> {
  const connectionId = DEFAULT_CONNECTION_ID
  const { eventId } = await addEvent(owner.pool, { connectionId, secondsAgo, processed: false })
  await owner.pool.query(sql.type(row<never>())`
    insert into webhook_event_queue (event_id, event_created_at, workspace_id, shard)
    select event_id, created_at, workspace_id, 0 from salesforce_webhook_events where event_id = ${eventId}`)
  return eventId
}

const process = () =>
  fanOut({
    ...{ database: database.workspace(DEFAULT_WORKSPACE_ID), workspaceId: DEFAULT_WORKSPACE_ID },
    ...{ shard: 0, limit: 100, sealing: createSealing([]) },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  })

test('a day is made of what happened, however often it is added up', async () => {
  await addCalls(10, 40)
  await addJob('bulk_job_of_ada', 'ada', [7, 3])
  await addJob('bulk_job_of_nobody', null, [2, 0])
  await queueEvent(0)
  await queueEvent(0)
  await process()
  await rollUp(dayOf(0))
  await rollUp(dayOf(0))
  const [today, ...others] = await figures().listDays(TODAY)
  expect(others).toEqual([])
  expect(today).toMatchObject({
    ...{ day: dayOf(0), apiCalls: 10, webhooksReceived: 2, bulkJobsCreated: 2 },
    ...{ recordsProcessed: 12, callErrors: 1, recordErrors: 3, eventErrors: 0, bytes: 2_048 },
    ...{ responseCount: 10, responseMs: 400 },
  })
  expect(today?.responseBuckets[responseBucket(40)]).toBe(10)
  const users = await figures().listUsers(TODAY, 10)
  expect(users.map(({ userId, bulkJobsCreated }) => [userId, bulkJobsCreated])).toEqual([
    ['ada', 1],
  ])
  expect(await figures().ofNobody(TODAY)).toMatchObject({ bulkJobsCreated: 1, apiCalls: 10 })
})

test('what is no longer so does not stay in a day that is added up again', async () => {
  await addJob('bulk_job_that_goes', 'ada', [1, 0])
  await rollUp(dayOf(0))
  await owner.pool.query(sql.type(row<never>())`delete from salesforce_bulk_jobs`)
  await rollUp(dayOf(0))
  expect(await figures().listDays(TODAY)).toEqual([])
})

test('averages over days weigh each call alike', async () => {
  await addCalls(1, 1_000, 1)
  await addCalls(99, 10)
  for (const day of [dayOf(1), dayOf(0)]) await rollUp(day)
  const total = await figures().total({ from: dayOf(1), until: dayOf(0) })
  expect(total.responseMs / total.responseCount).toBeCloseTo(19.9, 5)
  expect(total.responseBuckets[responseBucket(10)]).toBe(99)
  expect(total.responseBuckets[responseBucket(1_000)]).toBe(1)
  const stored = await owner.pool.anyFirst(sql.type(row<{ avg: number }>())`
    select avg_response_time as avg from salesforce_integration_metrics order by metric_date`)
  expect(stored).toEqual([1_000, 10])
})

test('a late event counts on the day that it came, which is added up again', async () => {
  await rollUp(dayOf(1))
  await queueEvent(DAY_MS / 1_000)
  await process()
  const due = await database.system.rollups.listDue('integration', 10)
  expect(due).toEqual([{ workspaceId: DEFAULT_WORKSPACE_ID, bucket: dayOf(1) }])
  for (const day of [dayOf(1), dayOf(0)]) await rollUp(day)
  const days = await figures().listDays({ from: dayOf(1), until: dayOf(0) })
  expect(days.map(({ day, webhooksReceived }) => [day, webhooksReceived])).toEqual([[dayOf(1), 1]])
})

test('a mark that comes while its bucket is added up is not lost', async () => {
  const workspace = database.workspace(DEFAULT_WORKSPACE_ID)
  const day = dayOf(0)
  const mark = () =>
    createRollupDirtyBucketQueries(workspace).mark(DEFAULT_WORKSPACE_ID, 'integration', [day])
  await mark()
  await workspace.transaction(async (transaction) => {
    const dirty = createRollupDirtyBucketQueries(transaction)
    const revision = await dirty.begin(DEFAULT_WORKSPACE_ID, 'integration', day)
    await mark()
    await dirty.settle(DEFAULT_WORKSPACE_ID, 'integration', day, revision ?? 0)
  })
  const left = await owner.pool.any(
    sql.type(row<{ bucket: string; later: boolean }>())`
    select bucket, due_at > now() as later from rollup_dirty_buckets`,
  )
  expect(left).toEqual([{ bucket: day, later: true }])
})

test('two that add the same bucket up at once make it once', async () => {
  await addCalls(5, 10)
  await Promise.all([rollUp(dayOf(0)), rollUp(dayOf(0)), rollUp(dayOf(0))])
  const [today] = await figures().listDays(TODAY)
  expect(today?.apiCalls).toBe(5)
})

test('a bucket that failed comes again later, and later each time', async () => {
  const workspace = database.workspace(DEFAULT_WORKSPACE_ID)
  const dirty = createRollupDirtyBucketQueries(workspace)
  await dirty.mark(DEFAULT_WORKSPACE_ID, 'integration', [dayOf(0)])
  const pauses: number[] = []
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await dirty.postpone(DEFAULT_WORKSPACE_ID, 'integration', dayOf(0), 'it did not work')
    pauses.push(
      await owner.pool.oneFirst(sql.type(row<{ minutes: number }>())`
        select round(extract(epoch from due_at - now()) / 60)::int as minutes from rollup_dirty_buckets`),
    )
  }
  expect(pauses).toEqual([1, 2, 4])
  expect(await database.system.rollups.countDue('integration')).toBe(0)
})

test('days of every workspace are marked, and each shows its own figures alone', async () => {
  const range = { from: dayOf(2), until: dayOf(0) }
  expect(await database.system.rollups.markDays('integration', range)).toBe(6)
  expect(await database.system.rollups.countDue('integration')).toBe(6)
  await addCalls(5, 10)
  await rollUp(dayOf(0))
  await rollUp(dayOf(0), 'other')
  expect(await figures('other').listDays(range)).toEqual([])
  expect(await figures().listDays(range)).toHaveLength(1)
})

test('an installation that was there before has its past days added up', async () => {
  const migrations = await readMigrations()
  const before = migrations.filter(({ name }) => name < '0070')
  await onNewDatabase(async (databaseUrl, client) => {
    await migrate(databaseUrl, before)
    await client.query(`
      insert into salesforce_bulk_jobs (job_id, workspace_id, connection_id, operation, object_type, state, created_at)
      select 'job ' || n, 'default', 'default', 'insert', 'Account', 'Completed', now() - n * interval '40 days'
      from generate_series(0, 3) n`)
    await client.query(`
      insert into api_call_counters (connection_id, workspace_id, day, calls)
      values ('default', 'default', (now() at time zone 'utc')::date, 9)`)
    await migrate(databaseUrl, migrations)
    const { rows } = await client.query('select bucket from rollup_dirty_buckets order by bucket')
    expect(rows.map(({ bucket }) => bucket)).toEqual([dayOf(80), dayOf(40), dayOf(0)])
  })
})

async function onNewDatabase(
  work: (databaseUrl: string, client: pg.Client) => Promise<void>,
): Promise<void> {
  const url = new URL(owner.databaseUrl)
  const name = `conveyor_test_${randomBytes(6).toString('hex')}`
  await owner.pool.query(sql.type(row<never>())`create database ${sql.identifier([name])}`)
  url.pathname = `/${name}`
  const client = new pg.Client({ connectionString: url.toString() })
  try {
    await client.connect()
    await work(url.toString(), client)
  } finally {
    await client.end()
    await owner.pool.query(sql.type(row<never>())`
      drop database ${sql.identifier([name])} with (force)`)
  }
}
