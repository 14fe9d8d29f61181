import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sql } from 'slonik'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RollupInput, RollupProgress } from '../../contracts/rollup.ts'
import { taskQueue } from '../../contracts/task-queues.ts'
import { rollupScheduleId } from '../../contracts/workflow-ids.ts'
import { row } from '../../db/row-type.ts'
import { childEnvironment } from '../setup/child-environment.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { addWorkspace } from '../tenancy/two-workspaces.ts'

const run = promisify(execFile)
const MAIN = fileURLToPath(new URL('../../admin/main.ts', import.meta.url))
const DAY_MS = 86_400_000
const dayOf = (daysAgo: number) =>
  new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 10)

let conveyor: TestConveyor
beforeAll(async () => {
  conveyor = await startTestConveyor()
  await addWorkspace(conveyor.pool, 'bad')
  await conveyor.startWorker()
})
afterAll(() => conveyor.stop())

async function rollUp(input: RollupInput): Promise<RollupProgress> {
  return conveyor.temporal.client.workflow.execute('rollup', {
    workflowId: `rollup-of-a-test/${Math.random()}`,
    taskQueue: taskQueue(conveyor.installationId, 'conveyor'),
    args: [input],
  })
}

async function addCalls(connectionId: string, workspaceId: string, daysAgo: number): Promise<void> {
  await conveyor.pool.query(sql.type(row<never>())`
    insert into api_call_counters (connection_id, workspace_id, day, calls)
    values (${connectionId}, ${workspaceId}, ${dayOf(daysAgo)}::date, 5)`)
}

const daysOf = (workspaceId: string) =>
  conveyor.pool.any(
    sql.type(row<{ day: string; calls: number }>())`
    select to_char(metric_date, 'YYYY-MM-DD') as day, sum(api_calls)::bigint as calls
    from salesforce_integration_metrics where workspace_id = ${workspaceId} group by 1 order by 1`,
  )

test('both Schedules are there, with a window for what was missed', async () => {
  for (const kind of ['recent', 'nightly'] as const) {
    const id = rollupScheduleId(conveyor.installationId, 'integration', kind)
    const { policies, action } = await conveyor.temporal.schedules.getHandle(id).describe()
    expect(policies.overlap).toBe('SKIP')
    expect(policies.catchupWindow).toBe(kind === 'recent' ? 300_000 : 86_400_000)
    expect(action).toMatchObject({ workflowType: 'rollup' })
  }
})

test('a bucket that fails holds up no other, and comes again', async () => {
  await addCalls('default', 'default', 0)
  await addCalls('connection-of-bad', 'bad', 0)
  await conveyor.pool.query(sql.type(row<never>())`
    alter table salesforce_integration_metrics add constraint never check (workspace_id <> 'bad')`)
  const input: RollupInput = { metric: 'integration', mark: { kind: 'recent', daysBefore: 0 } }
  const first = await rollUp(input)
  expect(first).toMatchObject({ failed: 1, left: 0 })
  expect(first.done).toBe(first.marked - 1)
  expect(await daysOf('default')).toEqual([{ day: dayOf(0), calls: 5 }])
  const waiting = await conveyor.pool.one(
    sql.type(row<{ workspace_id: string; attempts: number; last_error: string }>())`
    select workspace_id, attempts, last_error from rollup_dirty_buckets`,
  )
  expect(waiting).toMatchObject({ workspace_id: 'bad', attempts: 1 })
  expect(waiting.last_error).not.toBe('')

  await conveyor.pool.query(sql.type(row<never>())`
    alter table salesforce_integration_metrics drop constraint never`)
  await conveyor.pool.query(sql.type(row<never>())`
    update rollup_dirty_buckets set due_at = now()`)
  expect(await rollUp({ metric: 'integration', mark: { kind: 'none' } })).toMatchObject({
    ...{ marked: 0, done: 1, failed: 0, left: 0 },
  })
  expect(await daysOf('bad')).toEqual([{ day: dayOf(0), calls: 5 }])
})

test('the command adds past days up again, and keeps the figures of days that are too old', async () => {
  await addCalls('default', 'default', 40)
  await conveyor.pool.query(sql.type(row<never>())`
    insert into salesforce_integration_metrics (workspace_id, metric_date, api_calls)
    values ('default', ${dayOf(200)}::date, 77)`)
  const env = { ...childEnvironment(), ...conveyor.environment }
  const backfill = (...args: string[]) =>
    run(process.execPath, [MAIN, 'metrics', 'backfill', ...args], { env })
  const { stdout } = await backfill('--from', dayOf(41), '--until', dayOf(39))
  // Three days of two workspaces.
  expect(stdout).toContain('6 days added up, 0 failed, 0 left')
  expect(await daysOf('default')).toContainEqual({ day: dayOf(40), calls: 5 })
  await expect(backfill('--from', dayOf(200))).rejects.toThrow(/takes a day from/)
  await expect(backfill('--from', '2026-02-30')).rejects.toThrow(/takes a day as/)

  const range = { from: dayOf(200), until: dayOf(200) }
  await rollUp({ metric: 'integration', mark: { kind: 'range', range } })
  expect(await daysOf('default')).toContainEqual({ day: dayOf(200), calls: 77 })
  const left = await conveyor.pool.oneFirst(sql.type(row<{ n: number }>())`
    select count(*) as n from rollup_dirty_buckets`)
  expect(left).toBe(0)
})
