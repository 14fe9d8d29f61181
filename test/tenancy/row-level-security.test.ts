import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBulkJobQueries, type NewBulkJob } from '../../db/bulk-jobs.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import { type Database, openDatabase } from '../../db/database.ts'
import { createPool } from '../../db/pool.ts'
import { row } from '../../db/row-type.ts'
import { startDatabaseProxy } from '../api/database-proxy.ts'
import { createTestDatabase, type TestDatabase } from '../setup/database.ts'
import { addWorkspace, tenantTables } from './two-workspaces.ts'

/** Nothing in them belongs to a workspace; each has a reason. */
const OF_THE_INSTALLATION = ['conveyor_migrations', 'installation', 'rate_limit_windows']

let owner: TestDatabase
/** One connection, so that each query gets what the one before it left. */
let database: Database
beforeAll(async () => {
  owner = await createTestDatabase()
  await addWorkspace(owner.pool, 'left')
  await addWorkspace(owner.pool, 'right')
  database = await openDatabase({ url: owner.databaseUrl, poolSize: 1, onError: () => {} })
})
afterAll(async () => {
  await database.end()
  await owner.drop()
})

function newJob(workspaceId: string, jobId: string): NewBulkJob {
  return {
    ...{ jobId, workspaceId, connectionId: `connection-of-${workspaceId}`, userId: null },
    ...{ operation: 'insert', objectType: 'Account', externalIdField: null },
    ...{ correlationField: null, retryOf: null, requestId: null, createdBy: null },
  }
}

describe('every table', () => {
  test('that holds something of a workspace is under row-level security', async () => {
    const tables = await tenantTables(owner.pool)
    expect(tables).toContain('salesforce_bulk_jobs')
    const open = await owner.pool.anyFirst(sql.type(row<{ name: string }>())`
      select c.relname as name from pg_class c
      where c.relname = any(${sql.array([...tables], 'text')}) and not (c.relrowsecurity
        and exists (select from pg_policy p where p.polrelid = c.oid
          and p.polname = 'one_workspace' and p.polcmd = '*' and p.polpermissive
          and p.polroles = array['conveyor_app'::regrole::oid]))`)
    expect(open).toEqual([])
  })

  // Most tables are empty here: that they show nothing proves little, what their policies say proves it.
  test('has no other policy for the application, and that one compares the workspace', async () => {
    const tables = await tenantTables(owner.pool)
    const policies = await owner.pool.any(
      sql.type(row<{ table: string; name: string; uses: string; checks: string }>())`
      select c.relname as table, p.polname as name, pg_get_expr(p.polqual, c.oid) as uses,
        pg_get_expr(p.polwithcheck, c.oid) as checks
      from pg_policy p join pg_class c on c.oid = p.polrelid
      where c.relnamespace = current_schema()::regnamespace
        and p.polroles && array[0::oid, 'conveyor_app'::regrole::oid]
      order by 1`,
    )
    expect(policies.map(({ table }) => table)).toEqual(tables)
    const wanted = '(workspace_id = ( SELECT conveyor_workspace() AS conveyor_workspace))'
    for (const { table, name, uses, checks } of policies) {
      expect({ name, uses, checks }, table).toEqual({
        ...{ name: 'one_workspace', uses: wanted, checks: wanted },
      })
    }
  })

  test('belongs to a workspace, or is known not to', async () => {
    const others = await owner.pool.anyFirst(sql.type(row<{ name: string }>())`
      select c.relname as name from pg_class c
      where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'm')
        and not c.relispartition
        and not (c.relname = any(${sql.array([...(await tenantTables(owner.pool))], 'text')}))
      order by 1`)
    expect(others).toEqual(OF_THE_INSTALLATION)
  })

  test('and of its partitions none is open to anybody but through it', async () => {
    const partitions = await owner.pool.any(
      sql.type(row<{ name: string; secured: boolean; readable: boolean }>())`
      select relname as name, relrowsecurity as secured,
        has_table_privilege('conveyor_app', oid, 'SELECT, INSERT, UPDATE, DELETE')
          or has_table_privilege('conveyor_system', oid, 'SELECT, INSERT, UPDATE, DELETE') as readable
      from pg_class where relispartition and relkind = 'r'
        and relnamespace = current_schema()::regnamespace`,
    )
    // Three tables, from yesterday to fourteen days ahead.
    expect(partitions.length).toBe(3 * 16)
    for (const { secured, readable } of partitions) {
      expect(secured).toBe(true)
      expect(readable).toBe(false)
    }
  })

  test('and every view shows what its reader may see', async () => {
    const views = await owner.pool.any(
      sql.type(row<{ name: string; options: string[] | null }>())`
      select relname as name, reloptions as options from pg_class
      where relnamespace = current_schema()::regnamespace and relkind = 'v'`,
    )
    expect(views.length).toBeGreaterThan(0)
    for (const { options } of views) expect(options).toContain('security_invoker=true')
  })

  test('shows nothing to a role that names no workspace, and takes nothing from it', async () => {
    const url = new URL(owner.databaseUrl)
    url.searchParams.set('options', '-c role=conveyor_app')
    const unset = await createPool({
      databaseUrl: url.toString(),
      size: 1,
      onError: () => {},
    })
    try {
      for (const table of await tenantTables(owner.pool)) {
        const name = sql.identifier([table])
        expect(
          await unset.oneFirst(sql.type(row<{ n: number }>())`select count(*) as n from ${name}`),
          table,
        ).toBe(0)
      }
      const job = newJob('left', 'bulk_job_unset')
      await expect(createBulkJobQueries(unset).insertStaging(job)).rejects.toThrow(
        /row-level security/,
      )
    } finally {
      await unset.end()
    }
  })
})

test('the services’ roles own nothing and pass no policy by', async () => {
  const who = await database.workspace('left').one(
    sql.type(row<{ name: string; rolsuper: boolean; rolbypassrls: boolean; owns: number }>())`
    select rolname as name, rolsuper, rolbypassrls,
      (select count(*) from pg_class where relowner = r.oid) as owns
    from pg_roles r where rolname = current_user`,
  )
  expect(who).toEqual({ name: 'conveyor_app', rolsuper: false, rolbypassrls: false, owns: 0 })
})

test('a pooler that drops the role is refused: the owner passes every policy by', async () => {
  const pooler = await startDatabaseProxy(owner.databaseUrl, withoutRole)
  await expect(
    openDatabase({ url: pooler.databaseUrl, poolSize: 1, onError: () => {} }),
  ).rejects.toThrow(/not as conveyor_app/)
  await pooler.cut()
})

/** Of the same length, as the packet says how long it is. */
function withoutRole(chunk: Buffer): Buffer {
  const text = chunk.toString('latin1').replace('role=conveyor_app', 'role=none        ')
  return Buffer.from(text, 'latin1')
}

describe('two tenants on one connection', () => {
  test('see their own, in turn and at once', async () => {
    const left = createBulkJobQueries(database.workspace('left'))
    const right = createBulkJobQueries(database.workspace('right'))
    await left.insertStaging(newJob('left', 'bulk_job_left'))
    await right.insertStaging(newJob('right', 'bulk_job_right'))
    for (let turn = 0; turn < 20; turn += 1) {
      const seen = await Promise.all([
        left.get('bulk_job_left'),
        right.get('bulk_job_left'),
        left.get('bulk_job_right'),
        right.get('bulk_job_right'),
      ])
      expect(seen.map((job) => job?.jobId)).toEqual([
        'bulk_job_left',
        undefined,
        undefined,
        'bulk_job_right',
      ])
    }
  })

  test('cannot write for each other, nor move what is theirs', async () => {
    const left = database.workspace('left')
    await expect(
      createBulkJobQueries(left).insertStaging(newJob('right', 'bulk_job_stolen')),
    ).rejects.toThrow(/row-level security/)
    expect(await createBulkJobQueries(left).addStaged('bulk_job_right', 1, 1)).toBe(false)
    await expect(
      left.query(sql.type(row<never>())`
        update salesforce_bulk_jobs set workspace_id = 'right' where job_id = 'bulk_job_left'`),
    ).rejects.toThrow(/row-level security/)
    await createConnectionQueries(left).block(
      'connection-of-right',
      'authentication_failed',
      'by the other',
    )
    const connection = await createConnectionQueries(owner.pool).get('connection-of-right')
    expect(connection?.blockedReason).toBeNull()
  })

  test('an error in the middle of a transaction leaves no workspace behind', async () => {
    await expect(
      database.workspace('left').transaction(async (transaction) => {
        await transaction.query(sql.type(row<never>())`select 1`)
        throw new Error('in the middle')
      }),
    ).rejects.toThrow('in the middle')
    await expect(
      database.workspace('left').query(sql.type(row<never>())`select 1 / 0`),
    ).rejects.toThrow()
    expect(await createBulkJobQueries(database.workspace('right')).get('bulk_job_left')).toBeNull()
    const named = await database
      .workspace('right')
      .oneFirst(sql.type(row<{ workspace: string }>())`select conveyor_workspace() as workspace`)
    expect(named).toBe('right')
  })

  test('a workspace that is named like a statement is a name', async () => {
    const odd = database.workspace(`left'; set role none; --`)
    expect(await createBulkJobQueries(odd).get('bulk_job_left')).toBeNull()
  })
})

test('the system sees every workspace, and touches only what it was granted', async () => {
  expect(await database.system.workspaceOfBulkJob('bulk_job_right')).toBe('right')
  expect(await database.system.workspaceOfBulkJob('bulk_job_nobody')).toBeNull()
  const granted = await owner.pool.anyFirst(sql.type(row<{ name: string }>())`
    select distinct table_name as name from information_schema.role_table_grants
    where grantee = 'conveyor_system' and privilege_type in ('INSERT', 'UPDATE', 'DELETE')
    order by 1`)
  expect(granted).toEqual([
    'audit_log',
    'bulk_job_state_changes',
    'bulk_queries',
    'connection_operations',
    'idempotency_keys',
    'installation',
    'metadata_changes',
    'metadata_refreshes',
    'mirror_runs',
    'notification_items',
    'notification_messages',
    'oauth_flows',
    'rate_limit_windows',
    'rollup_dirty_buckets',
    'salesforce_bulk_jobs',
    'salesforce_custom_objects_cache',
    'salesforce_realtime_analytics',
    'salesforce_webhook_activity_log',
    'sessions',
    'soql_queries',
    'webhook_dedupe_keys',
    'webhook_delivery_queue',
    'webhook_endpoints',
    'webhook_replays',
    'workflow_starts',
    'workspaces',
  ])
})
