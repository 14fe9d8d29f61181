import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sql } from 'slonik'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { reEncryptWorkflowId } from '../../contracts/workflow-ids.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { blobContext, createBulkBatchBlobQueries } from '../../db/bulk-batch-blobs.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { row } from '../../db/row-type.ts'
import { SEALED_COLUMNS, sealedColumnName } from '../../db/sealed-columns.ts'
import { createSealing, deriveSealingKey } from '../../security/sealing.ts'
import { distinctNames } from '../setup/accounting.ts'
import { childEnvironment } from '../setup/child-environment.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { addWorkspace } from '../tenancy/two-workspaces.ts'

const run = promisify(execFile)
const MAIN = fileURLToPath(new URL('../../admin/main.ts', import.meta.url))

const OLD = 'the old text of more than thirty-two characters'
const NEW = 'the new text of more than thirty-two characters'
const oldKey = deriveSealingKey(OLD)
const newKey = deriveSealingKey(NEW)
const KEYS = 'SALESFORCE_TOKEN_ENCRYPTION_KEY'
/** More than two pages, so that a run can be cut off between them. */
const BLOBS_ELSEWHERE = 50

let conveyor: TestConveyor
beforeAll(async () => {
  conveyor = await startTestConveyor({
    environment: { [KEYS]: OLD, SALESFORCE_REFRESH_TOKEN: 'simulator-refresh-token' },
  })
  await conveyor.org.set({ rotateRefreshTokens: true })
})
afterAll(() => conveyor.stop())

async function command(keys: string, ...args: string[]) {
  const env = { ...childEnvironment(), ...conveyor.environment, [KEYS]: keys }
  try {
    return { code: 0, ...(await run(process.execPath, [MAIN, 'secrets', ...args], { env })) }
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    // What execFile rejects with carries both streams.
    return error as unknown as { code: number; stdout: string; stderr: string }
  }
}

/** `column  key` of every line of the status, with its count. */
async function statusWith(keys: string): Promise<Record<string, number>> {
  const { stdout } = await command(keys, 'status')
  const lines = stdout.trim().split('\n')
  return Object.fromEntries(
    lines.map((line) => {
      const [values = '', column = '', keyId = ''] = line.trim().split(/ {2,}/)
      return [`${column} ${keyId}`, Number(values)]
    }),
  )
}

/** Content of another tenant that the old key sealed. */
async function addElsewhere(sealing = createSealing([oldKey])): Promise<string> {
  await addWorkspace(conveyor.pool, 'elsewhere')
  const job = { jobId: 'bulk_job_account_insert_elsewhere', workspaceId: 'elsewhere' }
  await createBulkJobQueries(conveyor.pool).insertStaging({
    ...{ ...job, connectionId: 'connection-of-elsewhere', userId: null },
    ...{ operation: 'insert', objectType: 'Account', externalIdField: null },
    ...{ correlationField: null, retryOf: null, requestId: null, createdBy: null },
  })
  const blobs = Array.from({ length: BLOBS_ELSEWHERE }, (_, index) => ({
    batchNumber: index + 1,
    body: sealing.seal(blobContext(job.jobId, 'rows', index + 1), Buffer.from(`rows ${index}`)),
  }))
  await createBulkBatchBlobQueries(conveyor.pool).put(job, 'rows', blobs)
  return job.jobId
}

async function submit(names: readonly string[], api: string): Promise<string> {
  const answer = await fetch(`${api}/v1/bulk-jobs?object=Account&operation=insert`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: ['Name', ...names].join('\n'),
  })
  expect(answer.status).toBe(202)
  return ((await answer.json()) as { id: string }).id
}

// Nine processes are started and ended in it, one after the other.
test('an old key can be removed once all is sealed anew, over a crash and for every tenant', {
  timeout: 300_000,
}, async () => {
  const worker = await conveyor.startWorker()
  const api = await conveyor.startApi()
  const names = distinctNames(600)
  const jobId = await submit(names, api.url)
  expect((await conveyor.waitForEnd(jobId)).state).toBe('Completed')
  await worker.stop()
  await api.child.stop()
  const elsewhere = await addElsewhere()
  const before = await statusWith(OLD)
  // Three batches, their rows and their outcomes, and what the other tenant has.
  expect(before[`bulk_batch_blobs.body ${oldKey.id}`]).toBe(6 + BLOBS_ELSEWHERE)
  const secrets = Object.entries(before).filter(([name]) => !name.startsWith('bulk_batch_blobs'))
  expect(secrets.length).toBeGreaterThan(0)
  for (const [name, values] of secrets) expect([name, values]).toEqual([name, expect.any(Number)])

  const both = `${NEW},${OLD}`
  const dying = await conveyor.startWorker({
    [KEYS]: both,
    CONVEYOR_FAILPOINT: 're-encryption.page',
  })
  const running = command(both, 're-encrypt')
  await dying.exited
  const half = await statusWith(both)
  expect(half[`bulk_batch_blobs.body ${newKey.id}`]).toBeGreaterThan(0)
  expect(half[`bulk_batch_blobs.body ${oldKey.id}`]).toBeGreaterThan(0)
  const next = await conveyor.startWorker({ [KEYS]: both })
  const ended = await running
  expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining('can be removed') })
  expect(ended.stdout).not.toContain('older key')
  await next.stop()
  const noted = await createAuditLogQueries(conveyor.pool).list(
    { action: 'secrets.re_encryption_started' },
    10,
    null,
  )
  expect(noted).toMatchObject([
    {
      ...{ workspaceId: 'default', actorKind: 'operator', actorId: null, outcome: 'success' },
      subject: reEncryptWorkflowId(conveyor.installationId),
      details: { key_id: newKey.id },
    },
  ])

  const after = await statusWith(NEW)
  // Meanwhile the event of the job's end was stored.
  expect(Object.keys(after).filter((name) => name.includes(oldKey.id))).toEqual([])
  expect(after).toMatchObject(
    Object.fromEntries(
      Object.entries(before).map(([name, values]) => [name.replace(oldKey.id, newKey.id), values]),
    ),
  )
  const sealing = createSealing([newKey])
  const blobs = await createBulkBatchBlobQueries(conveyor.pool).list(elsewhere, 'rows', 1, 1_000)
  const opened = blobs.map(({ batchNumber, body }) =>
    sealing.open(blobContext(elsewhere, 'rows', batchNumber), body).toString(),
  )
  expect(opened).toEqual(Array.from({ length: BLOBS_ELSEWHERE }, (_, index) => `rows ${index}`))

  // The old key is gone: results are read, and the rotated refresh token is used.
  const later = await conveyor.startApi({ [KEYS]: NEW })
  const results = await fetch(`${later.url}/v1/bulk-jobs/${jobId}/results`, {
    headers: { accept: 'application/x-ndjson' },
  })
  expect((await results.text()).trim().split('\n')).toHaveLength(600)
  const last = await conveyor.startWorker({ [KEYS]: NEW })
  const another = await submit(['Later'], later.url)
  expect((await conveyor.waitForEnd(another)).state).toBe('Completed')
  await Promise.all([later.child.stop(), last.stop()])
})

test('a value that does not open is left, named and counted, and the others are sealed', async () => {
  const broken = createSealing([
    deriveSealingKey('a text that nobody has any more and long enough'),
  ])
  const job = { jobId: 'bulk_job_account_insert_elsewhere', workspaceId: 'elsewhere' }
  const blobs = createBulkBatchBlobQueries(conveyor.pool)
  await blobs.put(job, 'rows', [
    { batchNumber: 1, body: broken.seal('x', Buffer.from('lost')) },
    {
      batchNumber: 2,
      body: createSealing([]).seal('x', Buffer.from('of a time without a key')),
    },
  ])
  const worker = await conveyor.startWorker({ [KEYS]: NEW })
  const ended = await command(NEW, 're-encrypt')
  expect(ended.code).toBe(1)
  expect(ended.stderr).toMatch(/1 values sealed anew, 1 do not open, 2 workspaces done/)
  expect(ended.stderr).toMatch(/1 values are not sealed with the newest key/)
  expect(ended.stdout).toMatch(/1 {2}bulk_batch_blobs.body {2}\w{8} {2}not in SALESFORCE_TOKEN_E/)
  expect(worker.output()).toContain('bulk_batch_blobs/bulk_job_account_insert_elsewhere/rows/1')
  expect(worker.output()).not.toContain('"lost"')
  const [, second] = await blobs.list(job.jobId, 'rows', 1, 2)
  const context = blobContext(job.jobId, 'rows', 2)
  const opened = createSealing([newKey]).openSecret(context, second?.body ?? Buffer.alloc(0))
  expect(opened.toString()).toBe('of a time without a key')
  await worker.stop()
})

test('without a key there is nothing to seal with, and other words are explained', async () => {
  expect(await command('', 're-encrypt')).toMatchObject({
    ...{ code: 64, stderr: expect.stringMatching(/ENCRYPTION_KEY is not set/) },
  })
  expect(await command(NEW, 'rotate')).toMatchObject({
    ...{ code: 64, stderr: expect.stringMatching(/status or re-encrypt/) },
  })
})

/** Bytes that are no sealed values, and why. */
const NOT_SEALED = [
  // SHA-256 of what is random.
  'api_keys.key_hash',
  'oauth_flows.browser_hash',
  'oauth_flows.confirmation_hash',
  'oauth_flows.state_hash',
  'sessions.token_hash',
  'webhook_dedupe_keys.delivery_key',
  'webhook_intakes.path_hash',
  'webhook_intakes.previous_path_hash',
]

test('every column of bytes is in the list of what is sealed, or known not to be', async () => {
  const columns = await conveyor.pool.anyFirst(sql.type(row<{ name: string }>())`
    select table_name || '.' || column_name as name
    from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    join pg_class r on r.oid = format('%I', table_name)::regclass and not r.relispartition
    where table_schema = current_schema() and t.table_type = 'BASE TABLE' and c.data_type = 'bytea'
    order by 1`)
  expect([...columns].sort()).toEqual(
    [...SEALED_COLUMNS.map(sealedColumnName), ...NOT_SEALED].sort(),
  )
})

test.each(SEALED_COLUMNS.map((each) => [sealedColumnName(each), each] as const))(
  '%s belongs to a workspace, and its key names one row',
  async (_, { table, key }) => {
    const unique = await conveyor.pool.anyFirst(sql.type(row<{ columns: string[] }>())`
      select array_agg(a.attname::text order by a.attname) as columns
      from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
      left join pg_partitioned_table p on p.partrelid = i.indrelid
      -- Postgres wants the day in a partitioned table's key, though the id alone is unique.
      where a.attnum is distinct from p.partattrs[0] and i.indrelid = ${table}::regclass and i.indisunique and i.indpred is null
      group by i.indexrelid`)
    expect(unique).toContainEqual([...key].sort())
    const tenant = await conveyor.pool.oneFirst(sql.type(row<{ n: number }>())`
      select count(*) as n from information_schema.columns
      where table_name = ${table} and column_name = 'workspace_id'`)
    expect(tenant).toBe(1)
  },
)
