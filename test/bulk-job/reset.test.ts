import { randomUUID } from 'node:crypto'
import { sql } from 'slonik'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { BulkJobResult } from '../../contracts/bulk-job.ts'
import { DEFAULT_CONNECTION_ID, DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createBulkLoadLeaseQueries } from '../../db/bulk-load-leases.ts'
import { createBulkLoadQueries } from '../../db/bulk-loads.ts'
import { accountFor, distinctNames, expectExact } from '../setup/accounting.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'

/** Three points of a history in every run of the tests, all of them in the full suite. */
const full = process.env['CRASH_SUITE'] === 'full'
const ROWS_A_LOAD = 100
const STOPPED_MS = 4_000

let conveyor: TestConveyor

beforeAll(async () => {
  conveyor = await startTestConveyor({
    environment: { CONVEYOR_LOAD_MAX_ROWS: String(ROWS_A_LOAD), CONVEYOR_BULK_LANES: '1' },
  })
  await conveyor.startWorker()
})
afterEach(async () => {
  await conveyor.org.clearFaults()
  await conveyor.org.set({ bulkRowsPerSecond: null, internalBatchRows: 10_000 })
})
afterAll(() => conveyor.stop())

/** A place that a run can be reset to, and the activities that it had asked for there. */
interface ResetPoint {
  readonly eventId: number
  readonly after: string
}

/** Every finished workflow task of a run. */
async function resetPoints(workflowId: string, runId: string): Promise<ResetPoint[]> {
  const { client } = conveyor.temporal
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory()
  const asked = new Map<number, string[]>()
  for (const event of events ?? []) {
    if (event.workflowTaskCompletedEventAttributes) asked.set(Number(event.eventId), [])
    const scheduled = event.activityTaskScheduledEventAttributes
    asked
      .get(Number(scheduled?.workflowTaskCompletedEventId))
      ?.push(scheduled?.activityType?.name ?? '')
  }
  return [...asked].map(([eventId, names]) => ({ eventId, after: names.join(' ') || 'nothing' }))
}

/** First, middle and last; in the full suite all. */
function chosen(points: readonly ResetPoint[]): readonly ResetPoint[] {
  if (full || points.length <= 3) return points
  return [0, Math.floor(points.length / 2), points.length - 1].flatMap(
    (index) => points[index] ?? [],
  )
}

/** What `temporal workflow reset` does. */
async function reset(workflowId: string, runId: string, eventId: number): Promise<string> {
  const { client } = conveyor.temporal
  const answer = await client.workflowService.resetWorkflowExecution({
    namespace: conveyor.temporal.namespace,
    workflowExecution: { workflowId, runId },
    reason: 'test',
    workflowTaskFinishEventId: eventId as never,
    requestId: randomUUID(),
  })
  return answer.runId
}

async function currentRun(workflowId: string): Promise<string> {
  return (await conveyor.temporal.client.workflow.getHandle(workflowId).describe()).runId
}

/** Waits until an attempt of the activity is under way, or between two looks, in the current run. */
async function untilPending(workflowId: string, activity: string): Promise<void> {
  const handle = conveyor.temporal.client.workflow.getHandle(workflowId)
  await until(
    async () =>
      ((await handle.describe()).raw.pendingActivities ?? []).some(
        (pending) => pending.activityType?.name === activity && pending.lastStartedTime != null,
      ),
    60_000,
    `${activity} under way`,
  )
}

/** Two loads that go one after the other; the last row must fail. */
async function insert(prefix: string, lastName = '') {
  const names = [...distinctNames(2 * ROWS_A_LOAD - 1, prefix), lastName]
  const jobId = await conveyor.stage(
    { columns: ['Name'], rows: names.map((name) => [name]) },
    { batchRows: 50 },
  )
  return { names, jobId, workflowId: conveyor.workflowId(jobId) }
}

const untilSettled = (jobId: string, loadNumber: number) =>
  until(
    async () =>
      (await createBulkLoadQueries(conveyor.pool).get(jobId, loadNumber))?.state === 'settled',
    30_000,
    `load ${loadNumber} settled`,
  )

const untilSent = (jobId: string, loadNumber: number) =>
  until(
    async () =>
      (await createBulkLoadQueries(conveyor.pool).get(jobId, loadNumber))?.state === 'sent',
    30_000,
    `load ${loadNumber} sent`,
  )

/** Keeps a transaction open that holds what `statement` locks. */
async function holdLock(statement: ReturnType<typeof sql.unsafe>): Promise<() => Promise<void>> {
  const held = Promise.withResolvers<void>()
  const free = Promise.withResolvers<void>()
  const transaction = conveyor.pool.transaction(async (connection) => {
    await connection.query(sql.unsafe`set local idle_in_transaction_session_timeout = 0`)
    await connection.query(statement)
    held.resolve()
    await free.promise
  })
  transaction.catch(held.reject)
  await held.promise
  return async () => {
    free.resolve()
    await transaction
  }
}

const delay = (call: string) =>
  conveyor.org.addFault({
    match: { call },
    times: 'always',
    action: { type: 'delay', ms: STOPPED_MS },
  })

/** Holds one job at one activity until it is let go. */
interface Held {
  readonly activity: string
  readonly lastName?: string
  /** Before the job starts. */
  before?(): Promise<() => Promise<void>>
  /** Once it runs. */
  during?(jobId: string): Promise<void>
}

/** The second load stands at each step, so that the history holds every step of the first one. */
const HELD: readonly Held[] = [
  {
    activity: 'prepareBulkJob',
    before: () => holdLock(sql.unsafe`lock table bulk_loads in exclusive mode`),
  },
  {
    activity: 'leaseLoad',
    async before() {
      const leases = createBulkLoadLeaseQueries(conveyor.pool)
      const other = { connectionId: DEFAULT_CONNECTION_ID, jobId: 'another job', loadNumber: 1 }
      await leases.ensureSlots(DEFAULT_CONNECTION_ID, DEFAULT_WORKSPACE_ID, 1)
      expect(await leases.acquire(other, 1, 180)).toBe(1)
      return () => leases.release(other)
    },
  },
  {
    activity: 'sendLoad',
    async during(jobId) {
      await untilSent(jobId, 1)
      await delay('bulk.upload')
      await untilSettled(jobId, 1)
    },
  },
  {
    activity: 'pollLoad',
    async during(jobId) {
      // It is sent while the first one settles.
      await untilSent(jobId, 2)
      await conveyor.org.set({ bulkRowsPerSecond: 5, internalBatchRows: 10 })
      await untilSettled(jobId, 1)
    },
  },
  {
    activity: 'settleLoad',
    async during(jobId) {
      await untilSent(jobId, 2)
      await conveyor.org.set({ bulkRowsPerSecond: 20, internalBatchRows: 10 })
      await untilSettled(jobId, 1)
      await delay('bulk.results')
    },
  },
  {
    activity: 'finishBulkJob',
    lastName: 'Last row',
    before: () => holdLock(sql.unsafe`lock table bulk_failed_rows in access exclusive mode`),
  },
]

describe('reset of a running job', () => {
  test.each(HELD)('while $activity is under way', { timeout: 300_000 }, async (held) => {
    await conveyor.org.set({ bulkRowsPerSecond: 100, internalBatchRows: 50 })
    const free = await held.before?.()
    const { jobId, names, workflowId } = await insert(`Reset ${held.activity}`, held.lastName)
    await held.during?.(jobId)
    await untilPending(workflowId, held.activity)
    const firstRun = await currentRun(workflowId)
    const points = chosen(await resetPoints(workflowId, firstRun))
    expect(points.length).toBeGreaterThan(0)
    for (const point of points) {
      const runId = await reset(workflowId, firstRun, point.eventId)
      expect(await currentRun(workflowId)).toBe(runId)
      await untilPending(workflowId, held.activity)
    }
    // Once more from the run that the last reset made.
    const lastRun = await currentRun(workflowId)
    const own = (await resetPoints(workflowId, lastRun)).at(-1)
    if (own) await reset(workflowId, lastRun, own.eventId)
    await conveyor.org.clearFaults()
    await conveyor.org.set({ bulkRowsPerSecond: null, internalBatchRows: 10_000 })
    await free?.()
    const job = await conveyor.waitForEnd(jobId)
    const accounting = await accountFor(conveyor, jobId, names)
    expectExact(accounting)
    const failed = held.lastName === undefined ? 1 : 0
    expect(accounting.outcomes).toEqual({
      success: names.length - failed,
      failed,
      unprocessed: 0,
      unknown: 0,
    })
    const result: BulkJobResult = await conveyor.temporal.client.workflow
      .getHandle(workflowId)
      .result()
    expect(result).toMatchObject({ jobId, state: job.state, counts: accounting.outcomes })
  })

  test.each(['Paused', 'Blocked'] as const)(
    'that is %s: it stays so, and goes on when it may',
    async (state) => {
      const { jobId, names, workflowId } =
        state === 'Paused' ? await pausedJob() : await blockedJob()
      await conveyor.waitForState(jobId, state)
      const run = await currentRun(workflowId)
      const points = await resetPoints(workflowId, run)
      const written = await conveyor.org.count('Account')
      await reset(workflowId, run, points[0]?.eventId ?? 0)
      // The new run starts InProgress and finds out again what holds it.
      await until(
        async () =>
          (
            await conveyor.temporal.client.workflow
              .getHandle(workflowId)
              .query<{ phase: string }>('progress')
          ).phase === state,
        30_000,
        `the new run ${state}`,
      )
      await conveyor.waitForState(jobId, state)
      expect(await conveyor.org.count('Account')).toBe(written)
      await conveyor.org.clearFaults()
      await createBulkJobQueries(conveyor.pool).setWish(DEFAULT_WORKSPACE_ID, jobId, 'run')
      await conveyor.starters.wakeBulkJob(jobId)
      expect((await conveyor.waitForEnd(jobId)).state).toBe('CompletedWithErrors')
      expectExact(await accountFor(conveyor, jobId, names))
    },
  )

  async function pausedJob() {
    await conveyor.org.set({ bulkRowsPerSecond: 100, internalBatchRows: 50 })
    const job = await insert('Reset paused')
    await untilSent(job.jobId, 1)
    await createBulkJobQueries(conveyor.pool).setWish(DEFAULT_WORKSPACE_ID, job.jobId, 'pause')
    await conveyor.starters.wakeBulkJob(job.jobId)
    return job
  }

  async function blockedJob() {
    await conveyor.org.addFault({
      match: { call: 'bulk.create' },
      times: 'always',
      action: { type: 'status', status: 403, errorCode: 'API_DISABLED_FOR_ORG' },
    })
    return insert('Reset blocked')
  }
})

test('reset of a completed run gives the same answer and writes nothing', {
  timeout: 300_000,
}, async () => {
  await conveyor.org.addFault({
    match: { call: 'bulk.close' },
    times: 'always',
    action: { type: 'row_error', rows: { everyKth: 20 }, firstTries: 1 },
  })
  const { jobId, names, workflowId } = await insert('Reset completed')
  await conveyor.waitForEnd(jobId)
  const handle = conveyor.temporal.client.workflow.getHandle(workflowId)
  const result: BulkJobResult = await handle.result()
  expect(result.counts).toEqual({ success: 199, failed: 1, unprocessed: 0, unknown: 0 })
  const rows = await conveyor.results(jobId)
  const writes = await writingCalls()
  const firstRun = await currentRun(workflowId)
  const points = await resetPoints(workflowId, firstRun)
  const steps = points.map((point) => point.after).join(' ')
  for (const step of ['prepare', 'next', 'lease', 'send', 'poll', 'settle', 'finish'])
    expect(steps).toContain(step)
  // One point before and after each kind of step, or all.
  const some = full
    ? points
    : points.filter((point, at) => points.findIndex((p) => p.after === point.after) === at)
  for (const point of some) {
    const runId = await reset(workflowId, firstRun, point.eventId)
    expect(
      await conveyor.temporal.client.workflow.getHandle(workflowId, runId).result(),
      `reset to after ${point.after}`,
    ).toEqual(result)
  }
  expect(await writingCalls()).toEqual(writes)
  expect(await conveyor.results(jobId)).toEqual(rows)
  expectExact(await accountFor(conveyor, jobId, names))
})

async function writingCalls(): Promise<number> {
  const names = ['bulk.create', 'bulk.upload', 'bulk.close', 'bulk.abort']
  const calls = await Promise.all(names.map((name) => conveyor.org.calls(name)))
  return calls.flat().length
}

describe('terminate and start again', () => {
  test('at once, while Salesforce processes', async () => {
    await conveyor.org.set({ bulkRowsPerSecond: 50, internalBatchRows: 20 })
    const { jobId, names, workflowId } = await insert('Terminated')
    await untilPending(workflowId, 'pollLoad')
    await conveyor.temporal.client.workflow.getHandle(workflowId).terminate('test')
    await conveyor.starters.startBulkJob(await conveyor.job(jobId))
    expect((await conveyor.waitForEnd(jobId)).state).toBe('CompletedWithErrors')
    expectExact(await accountFor(conveyor, jobId, names))
  })

  test('the sweeper holds the job, and resuming it over HTTP goes on from the rows', async () => {
    await delay('bulk.upload')
    const { jobId, names, workflowId } = await insert('Resumed')
    await untilPending(workflowId, 'sendLoad')
    await conveyor.temporal.client.workflow.getHandle(workflowId).terminate('test')
    // Due for the sweeper's next round, not only in a quarter of a minute.
    await conveyor.pool.query(sql.unsafe`
      update workflow_starts set look_at = now() where workflow_id = ${workflowId}`)
    const held = await conveyor.waitForState(jobId, 'Blocked')
    expect(held.blockedReason).toBe('workflow_ended')
    await conveyor.org.clearFaults()
    const { url } = await conveyor.startApi()
    const answer = await fetch(`${url}/v1/bulk-jobs/${jobId}/resume`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    })
    expect(answer.status).toBe(202)
    expect((await conveyor.waitForEnd(jobId)).state).toBe('CompletedWithErrors')
    expectExact(await accountFor(conveyor, jobId, names))
  })

  test.each([
    ['sendLoad', 'before the load was closed', 0],
    ['pollLoad', 'after the load was closed', 1],
  ] as const)('with a wish to cancel, during %s: %s', async (activity, _when, least) => {
    if (activity === 'sendLoad') await delay('bulk.upload')
    else await conveyor.org.set({ bulkRowsPerSecond: 20, internalBatchRows: 10 })
    const { jobId, names, workflowId } = await insert(`Cancelled ${activity}`)
    await untilPending(workflowId, activity)
    if (activity === 'pollLoad')
      await until(async () => (await conveyor.job(jobId)).processedRecords > 0, 20_000)
    await conveyor.temporal.client.workflow.getHandle(workflowId).terminate('test')
    await createBulkJobQueries(conveyor.pool).setWish(DEFAULT_WORKSPACE_ID, jobId, 'cancel')
    await conveyor.starters.startBulkJob(await conveyor.job(jobId))
    expect((await conveyor.waitForEnd(jobId)).state).toBe('Aborted')
    // Long enough for an upload that was under way to end, and for its attempt to do harm.
    await new Promise((resolve) => setTimeout(resolve, STOPPED_MS))
    const accounting = await accountFor(conveyor, jobId, names)
    expectExact(accounting)
    expect(accounting.outcomes.success).toBeGreaterThanOrEqual(least)
    expect(accounting.outcomes.unprocessed).toBeGreaterThanOrEqual(ROWS_A_LOAD)
  })
})
