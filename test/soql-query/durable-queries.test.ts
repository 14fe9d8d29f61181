import { sql } from 'slonik'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type QueryBody, QueryListSchema, QuerySchema } from '../../contracts/http/queries.ts'
import { retentionScheduleId } from '../../contracts/workflow-ids.ts'
import { row } from '../../db/row-type.ts'
import type { Child } from '../../dev/stack/child-process.ts'
import { postJson, problemOf } from '../api/test-api.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'

const ACCOUNTS = 1_050
const SOQL = 'SELECT Id, Name, NumberOfEmployees, Owner.IsActive FROM Account ORDER BY Name'

let conveyor: TestConveyor
let url: string
let worker: Child
beforeAll(async () => {
  conveyor = await startTestConveyor({
    environment: {
      SALESFORCE_TOKEN_ENCRYPTION_KEY: 'a key for queries that is long enough for one',
      SALESFORCE_RETENTION_DAYS: '7',
      CONVEYOR_QUERY_PAGE: '100',
      CONVEYOR_QUERY_QUOTA: '1MB',
    },
  })
  const [api, started] = await Promise.all([conveyor.startApi(), conveyor.startWorker()])
  url = api.url
  worker = started
  const jobId = await conveyor.stage({
    columns: ['Name', 'NumberOfEmployees'],
    rows: Array.from({ length: ACCOUNTS }, (_, place) => [
      place % 50 === 7 ? `Line\nbreak "${place}", Ltd` : `Company ${place}`,
      place % 3 === 0 ? null : String(place),
    ]),
  })
  expect((await conveyor.waitForEnd(jobId)).state).toBe('Completed')
})
afterAll(() => conveyor.stop())

async function create(body: Record<string, unknown>, key?: string): Promise<QueryBody> {
  const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key }
  const answer = await postJson(`${url}/v1/queries`, body, headers)
  expect(answer.status).toBe(202)
  const made = QuerySchema.parse(await answer.json())
  expect(answer.headers.get('location')).toBe(made.links.self)
  return made
}

const look = async (id: string): Promise<QueryBody> =>
  QuerySchema.parse(await (await fetch(`${url}/v1/queries/${id}`)).json())

async function waitFor(id: string, state: QueryBody['state']): Promise<QueryBody> {
  await until(async () => (await look(id)).state === state, 60_000, `the query to be ${state}`)
  return look(id)
}

async function ndjson(id: string): Promise<Record<string, unknown>[]> {
  const answer = await fetch(`${url}/v1/queries/${id}/results?format=ndjson`)
  expect(answer.status).toBe(200)
  const lines = (await answer.text()).trim().split('\n')
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** Jobs that were begun for it in Salesforce. */
async function attemptsOf(id: string): Promise<number> {
  return conveyor.pool.oneFirst(sql.type(row<{ upstream_attempts: number }>())`
    select upstream_attempts from bulk_queries where query_id = ${id}`)
}

/** Every account once. */
async function expectAll(id: string): Promise<void> {
  const ids = (await ndjson(id)).map(({ Id }) => Id)
  expect(ids).toHaveLength(ACCOUNTS)
  expect(new Set(ids).size).toBe(ACCOUNTS)
}

test('all records, in order, as CSV and NDJSON', async () => {
  const made = await create({ soql: SOQL })
  expect(made.query).toBe(
    'SELECT Id, Name, NumberOfEmployees, Owner.IsActive FROM Account ORDER BY Name ASC',
  )
  const done = await waitFor(made.id, 'Completed')
  expect(done.progress).toMatchObject({ records: ACCOUNTS, pages: 11 })
  const records = await ndjson(made.id)
  expect(records).toHaveLength(ACCOUNTS)
  const first = records.find(({ Name }) => Name === 'Company 1')
  expect(first).toMatchObject({ NumberOfEmployees: 1, 'Owner.IsActive': true })
  expect(records.find(({ Name }) => Name === 'Company 3')).toMatchObject({
    NumberOfEmployees: null,
  })
  expect(records.some(({ Name }) => Name === 'Line\nbreak "57", Ltd')).toBe(true)
  const csv = await fetch(`${url}/v1/queries/${made.id}/results`, {
    headers: { accept: 'text/csv' },
  })
  expect(csv.headers.get('record-count')).toBe(String(ACCOUNTS))
  const text = await csv.text()
  expect(text.startsWith('"Id","Name","NumberOfEmployees","Owner.IsActive"\n')).toBe(true)
  expect(text.match(/^"001/gm)).toHaveLength(ACCOUNTS)
  const list = QueryListSchema.parse(await (await fetch(`${url}/v1/queries?object=account`)).json())
  expect(list.queries.map(({ id }) => id)).toContain(made.id)
})

test('of parts, with a condition that nothing matches', async () => {
  const made = await create({ object: 'account', fields: ['Id'], where: "Name = 'nobody'" })
  expect((await waitFor(made.id, 'Completed')).progress.records).toBe(0)
  const csv = await (await fetch(`${url}/v1/queries/${made.id}/results?format=csv`)).text()
  expect(csv).toBe('"Id"\n')
})

test('the same Idempotency-Key makes one query', async () => {
  const first = await create({ soql: SOQL }, 'one-query')
  expect((await create({ soql: SOQL }, 'one-query')).id).toBe(first.id)
  const other = await postJson(
    `${url}/v1/queries`,
    { object: 'Account' },
    { 'idempotency-key': 'one-query' },
  )
  expect((await problemOf(other)).code).toBe('idempotency_key_reused')
  await waitFor(first.id, 'Completed')
})

test.each([
  ['query_not_supported', { soql: 'SELECT COUNT() FROM Account' }],
  ['query_not_supported', { soql: 'SELECT Id FROM Account LIMIT 5 OFFSET 5' }],
  ['query_field_not_usable', { object: 'Account', fields: ['BillingAddress'] }],
  ['query_unknown_field', { soql: 'SELECT Id, Nmae FROM Account' }],
  ['invalid_request', { soql: 'SELECT Id FROM Account', object: 'Account' }],
  ['missing_required_field', {}],
])('refused: %s', async (code, body) => {
  expect((await problemOf(await postJson(`${url}/v1/queries`, body))).code).toBe(code)
})

test('a query that is cancelled keeps nothing, here and in Salesforce', async () => {
  await conveyor.org.set({ bulkStartDelayMs: 30_000 })
  const made = await create({ soql: SOQL })
  await until(async () => (await look(made.id)).progress.salesforce_job_id !== null, 30_000)
  const answer = await postJson(`${url}/v1/queries/${made.id}/cancel`, {})
  expect(answer.status).toBe(202)
  const ended = await waitFor(made.id, 'Aborted')
  await until(async () => (await look(made.id)).purged_at !== null, 10_000)
  const jobs = await conveyor.org.jobs()
  const job = jobs.find(({ id }) => id === ended.progress.salesforce_job_id)
  expect(job).toMatchObject({ state: 'Aborted' })
  expect((await problemOf(await fetch(`${url}/v1/queries/${made.id}/results`))).code).toBe(
    'query_not_completed',
  )
  await conveyor.org.set({ bulkStartDelayMs: 0 })
})

test('what Salesforce refuses or fails ends the query with its words', async () => {
  await conveyor.org.addFault({
    match: { call: 'bulkQuery.create' },
    action: { type: 'status', status: 400, errorCode: 'MALFORMED_QUERY', message: 'not so' },
  })
  const refused = await create({ soql: SOQL })
  expect((await waitFor(refused.id, 'Failed')).error).toMatchObject({
    ...{ code: 'query_refused', detail: expect.stringContaining('not so') },
  })
  await conveyor.org.addFault({
    ...{
      match: { call: 'bulkQuery.create' },
      action: { type: 'fail_job', afterRows: 10, message: 'too hard' },
    },
  })
  const failed = await create({ soql: SOQL })
  expect((await waitFor(failed.id, 'Failed')).error?.detail).toContain('too hard')
  await conveyor.org.clearFaults()
})

test('lost answers and broken pages cost a repeat and double nothing', async () => {
  await conveyor.org.addFault({
    ...{ match: { call: 'bulkQuery.create' }, action: { type: 'cut_after' } },
  })
  await conveyor.org.addFault({
    match: { call: 'bulkQuery.results' },
    ...{ times: 2, after: 1, action: { type: 'truncate', afterBytes: 2_000 } },
  })
  const made = await create({ soql: SOQL })
  await waitFor(made.id, 'Completed')
  await expectAll(made.id)
  expect(await attemptsOf(made.id)).toBe(2)
  await conveyor.org.clearFaults()
})

test('a missing permission blocks, and the query goes on when it is there', async () => {
  await conveyor.org.addFault({
    match: { call: 'bulkQuery.create' },
    ...{ times: 1, action: { type: 'status', status: 403, errorCode: 'API_DISABLED_FOR_ORG' } },
  })
  const made = await create({ soql: SOQL })
  expect((await waitFor(made.id, 'Blocked')).blocked?.reason).toBe('api_disabled')
  await postJson(`${url}/v1/queries/${made.id}/resume`, {})
  await waitFor(made.id, 'Completed')
})

test('a job that Salesforce has no more is begun anew, and its pages are not mixed', async () => {
  await conveyor.org.addFault({
    match: { call: 'bulkQuery.results' },
    ...{ after: 3, action: { type: 'status', status: 404, errorCode: 'NOT_FOUND' } },
  })
  const made = await create({ soql: SOQL })
  await waitFor(made.id, 'Completed')
  await expectAll(made.id)
  expect(await attemptsOf(made.id)).toBe(2)
  await conveyor.org.clearFaults()
})

test('results past their time go, and deleted ones at once', async () => {
  const old = await create({ soql: SOQL })
  const gone = await create({ soql: SOQL })
  await waitFor(old.id, 'Completed')
  await waitFor(gone.id, 'Completed')
  const deleted = await fetch(`${url}/v1/queries/${gone.id}`, {
    ...{ method: 'DELETE', headers: { 'content-type': 'application/json' } },
  })
  expect(deleted.status).toBe(200)
  expect((await problemOf(await fetch(`${url}/v1/queries/${gone.id}/results`))).code).toBe(
    'query_purged',
  )
  await conveyor.pool.query(sql.type(row<never>())`
    update bulk_queries set completed_at = now() - interval '8 days' where query_id = ${old.id}`)
  const schedule = retentionScheduleId(conveyor.installationId)
  await conveyor.temporal.client.schedule.getHandle(schedule).trigger()
  await until(async () => (await look(old.id)).purged_at !== null, 30_000, 'the purge')
  const left = await conveyor.pool.oneFirst(sql.type(row<{ n: number }>())`
    select count(*) as n from bulk_query_parts where query_id in (${old.id}, ${gone.id})`)
  expect(left).toBe(0)
})

test('results beyond the quota block the query, and new ones are not taken', async () => {
  const full = sql.type(row<never>())`
    update bulk_queries set stored_bytes = stored_bytes + 2000000
    where query_id = (select query_id from bulk_queries where purged_at is null and state = 'Completed' limit 1)`
  await conveyor.org.set({ bulkStartDelayMs: 1_500 })
  const made = await create({ soql: SOQL })
  await conveyor.pool.query(full)
  expect((await waitFor(made.id, 'Blocked')).blocked?.reason).toBe('result_quota_full')
  const refused = await postJson(`${url}/v1/queries`, { soql: SOQL })
  expect((await problemOf(refused)).code).toBe('insufficient_storage')
  await conveyor.pool.query(sql.type(row<never>())`
    update bulk_queries set stored_bytes = 0 where stored_bytes > 2000000`)
  await postJson(`${url}/v1/queries/${made.id}/resume`, {})
  await waitFor(made.id, 'Completed')
  await conveyor.org.set({ bulkStartDelayMs: 0 })
})

test.each([
  'query.before-create',
  'query.after-create',
  'query.part:3',
  'query.before-page:4',
  'query.after-page:7',
])('a worker that is killed at %s loses and doubles nothing', async (failpoint) => {
  await worker.stop()
  const doomed = await conveyor.startWorker({ CONVEYOR_FAILPOINT: failpoint })
  const made = await create({ soql: SOQL })
  expect(await doomed.exited).toMatch(/SIGKILL/)
  worker = await conveyor.startWorker()
  await waitFor(made.id, 'Completed')
  await expectAll(made.id)
})

test('an attempt that was frozen adds nothing once another has taken over', async () => {
  await worker.stop()
  const frozen = await conveyor.startWorker({ CONVEYOR_FAILPOINT: 'query.part:3=STOP' })
  const made = await create({ soql: SOQL })
  await until(async () => (await look(made.id)).progress.pages === 2, 30_000)
  worker = await conveyor.startWorker()
  const done = await waitFor(made.id, 'Completed')
  process.kill(frozen.pid, 'SIGCONT')
  await frozen.stop()
  expect((await look(made.id)).progress).toEqual(done.progress)
  await expectAll(made.id)
})
