import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'slonik'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createBulkLoadQueries } from '../../db/bulk-loads.ts'
import { row } from '../../db/row-type.ts'
import { accountFor, distinctNames, expectExact } from '../setup/accounting.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'

const ROWS_A_LOAD = 100
const RESULTS_DELAY_MS = 700

function startWithLanes(lanes: number): Promise<TestConveyor> {
  return startTestConveyor({
    environment: {
      CONVEYOR_LOAD_MAX_ROWS: String(ROWS_A_LOAD),
      CONVEYOR_BULK_LANES: String(lanes),
    },
  })
}

async function insert(conveyor: TestConveyor, prefix: string, loads: number) {
  const names = distinctNames(loads * ROWS_A_LOAD, prefix)
  const jobId = await conveyor.stage(
    { columns: ['Name'], rows: names.map((name) => [name]) },
    { batchRows: 50 },
  )
  return { names, jobId }
}

/** Settling takes much longer than sending. */
const delayResults = ({ org }: TestConveyor, times: number | 'always' = 'always') =>
  org.addFault({
    match: { call: 'bulk.results' },
    times,
    action: { type: 'delay', ms: RESULTS_DELAY_MS },
  })

/** When a load got its job in Salesforce, and when its outcomes were written, in seconds. */
interface LoadTimes {
  readonly load: number
  readonly round: number
  readonly upstream: string
  readonly created: number
  readonly settled: number
}

async function timesOf({ pool }: TestConveyor, jobId: string): Promise<readonly LoadTimes[]> {
  return pool.any(sql.type(row<LoadTimes>())`
    select load_number as load, round, salesforce_job_id as upstream,
      extract(epoch from created_upstream_at)::float8 as created,
      extract(epoch from finished_at)::float8 as settled
    from bulk_upstream_jobs join bulk_loads using (job_id, load_number)
    where job_id = ${jobId} order by created_upstream_at`)
}

/** Looks again and again which jobs Salesforce has not ended, until it is told to stop. */
function watchUpstream({ org }: TestConveyor): () => Promise<string[][]> {
  const looks: string[][] = []
  let watching = true
  const done = (async () => {
    while (watching) {
      const jobs = await org.jobs()
      const running = jobs.filter((job) =>
        ['Open', 'UploadComplete', 'InProgress'].includes(String(job['state'])),
      )
      looks.push(running.map((job) => String(job['id'])))
      await sleep(10)
    }
  })()
  return async () => {
    watching = false
    await done
    return looks
  }
}

async function takenLanes({ pool }: TestConveyor): Promise<number> {
  return pool.oneFirst(sql.type(row<{ taken: number }>())`
    select count(*)::int4 as taken from bulk_load_leases where expires_at > now()`)
}

describe('with one lane', () => {
  let conveyor: TestConveyor

  beforeAll(async () => {
    conveyor = await startWithLanes(1)
    await conveyor.startWorker()
  })
  afterEach(async () => {
    await conveyor.org.clearFaults()
    await conveyor.org.set({ bulkRowsPerSecond: null, internalBatchRows: 10_000 })
  })
  afterAll(() => conveyor.stop())

  async function wish(jobId: string, what: 'run' | 'pause' | 'cancel') {
    await createBulkJobQueries(conveyor.pool).setWish(DEFAULT_WORKSPACE_ID, jobId, what)
    await conveyor.starters.wakeBulkJob(jobId)
  }

  /** The first load settles, the second one is with Salesforce. */
  function untilBoth(jobId: string): Promise<void> {
    const loads = createBulkLoadQueries(conveyor.pool)
    return until(
      async () => {
        const [first, second] = [await loads.get(jobId, 1), await loads.get(jobId, 2)]
        return first?.state === 'sent' && second?.state === 'sent'
      },
      20_000,
      'one load settling beside another that was sent',
    )
  }

  test('the next load is with Salesforce before the results of the last one are settled', async () => {
    await delayResults(conveyor)
    const stop = watchUpstream(conveyor)
    const { jobId, names } = await insert(conveyor, 'Beside', 3)
    expect((await conveyor.waitForEnd(jobId)).state).toBe('Completed')
    const looks = await stop()
    expectExact(await accountFor(conveyor, jobId, names))

    expect(Math.max(...looks.map((running) => running.length))).toBe(1)
    const times = await timesOf(conveyor, jobId)
    expect(times.map(({ load }) => load)).toEqual([1, 2, 3])
    const [first, second, third] = times
    expect(second?.created).toBeLessThan(first?.settled ?? 0)
    // Settling has an end to it: no more than two loads a lane are under way.
    expect(third?.created).toBeGreaterThan(first?.settled ?? Number.POSITIVE_INFINITY)
    expect(await takenLanes(conveyor)).toBe(0)
  })

  test('the details say which load settles and which one Salesforce works on', async () => {
    await conveyor.org.set({ bulkRowsPerSecond: 100, internalBatchRows: 50 })
    await delayResults(conveyor)
    const { jobId } = await insert(conveyor, 'Shown', 2)
    await untilBoth(jobId)
    const handle = conveyor.temporal.client.workflow.getHandle(conveyor.workflowId(jobId))
    await until(
      async () => {
        const { inFlight } = await handle.query<{ inFlight: { phase: string }[] }>('progress')
        return inFlight.map(({ phase }) => phase).join() === 'settling,processing'
      },
      5_000,
      'both phases',
    )
    expect((await conveyor.waitForEnd(jobId)).state).toBe('Completed')
  })

  test('a pause while one load settles begins no other, and waits for both', async () => {
    await delayResults(conveyor)
    const { jobId, names } = await insert(conveyor, 'Paused', 4)
    await untilBoth(jobId)
    await wish(jobId, 'pause')
    await conveyor.waitForState(jobId, 'Paused')
    expect(await conveyor.org.count('Account')).toBe((await written()) + 2 * ROWS_A_LOAD)
    expect(await takenLanes(conveyor)).toBe(0)
    await conveyor.org.clearFaults()
    await wish(jobId, 'run')
    expect((await conveyor.waitForEnd(jobId)).state).toBe('Completed')
    expectExact(await accountFor(conveyor, jobId, names))

    async function written(): Promise<number> {
      const records = await conveyor.org.records('Account')
      return records.filter(({ Name }) => !String(Name).startsWith('Paused ')).length
    }
  })

  test('a job that is paused while it waits takes no lane any more', async () => {
    await conveyor.org.set({ bulkRowsPerSecond: 50, internalBatchRows: 50 })
    const before = await insert(conveyor, 'Before', 1)
    await until(async () => (await takenLanes(conveyor)) === 1, 10_000, 'the lane taken')
    const { jobId, names } = await insert(conveyor, 'Waiting', 1)
    await until(async () => (await waitingLoads()) === 1, 10_000, 'a load that waits')
    await wish(jobId, 'pause')
    await conveyor.waitForState(jobId, 'Paused')
    expect(await waitingLoads()).toBe(0)
    await conveyor.org.set({ bulkRowsPerSecond: null })
    expect((await conveyor.waitForEnd(before.jobId)).state).toBe('Completed')
    // As long as a look may go on within one attempt.
    await sleep(3_500)
    expect(await takenLanes(conveyor)).toBe(0)
    await wish(jobId, 'run')
    expect((await conveyor.waitForEnd(jobId)).state).toBe('Completed')
    expectExact(await accountFor(conveyor, jobId, names))

    async function waitingLoads(): Promise<number> {
      return conveyor.pool.oneFirst(sql.type(row<{ waiting: number }>())`
        select count(*) as waiting from bulk_lane_wishes where expires_at > now()`)
    }
  })

  test('a cancel while one load settles stops the other, and keeps what was written', async () => {
    await conveyor.org.set({ bulkRowsPerSecond: 50, internalBatchRows: 50 })
    // The files of the first load alone.
    await delayResults(conveyor, 3)
    const { jobId, names } = await insert(conveyor, 'Cancelled', 4)
    await untilBoth(jobId)
    await wish(jobId, 'cancel')
    expect((await conveyor.waitForEnd(jobId)).state).toBe('Aborted')
    const accounting = await accountFor(conveyor, jobId, names)
    expectExact(accounting)
    expect(accounting.outcomes.success).toBeGreaterThanOrEqual(ROWS_A_LOAD)
    expect(accounting.outcomes.unprocessed).toBeGreaterThanOrEqual(2 * ROWS_A_LOAD)
    expect(await takenLanes(conveyor)).toBe(0)
  })
})

describe('with two lanes', () => {
  let conveyor: TestConveyor

  beforeAll(async () => {
    conveyor = await startWithLanes(2)
    await conveyor.startWorker()
  })
  afterEach(async () => {
    await conveyor.org.clearFaults()
    await conveyor.org.set({ bulkRowsPerSecond: null, internalBatchRows: 10_000 })
  })
  afterAll(() => conveyor.stop())

  test('both are used and never more, and rows that met locks go again in one', async () => {
    await conveyor.org.set({ bulkRowsPerSecond: 200, internalBatchRows: 50 })
    await conveyor.org.addFault({
      match: { call: 'bulk.close' },
      times: 'always',
      action: { type: 'row_error', rows: { everyKth: 5 }, firstTries: 1 },
    })
    await delayResults(conveyor)
    const stop = watchUpstream(conveyor)
    const { jobId, names } = await insert(conveyor, 'Locked', 6)
    expect((await conveyor.waitForEnd(jobId)).state).toBe('Completed')
    const looks = await stop()
    expectExact(await accountFor(conveyor, jobId, names))

    expect(Math.max(...looks.map((running) => running.length))).toBe(2)
    const times = await timesOf(conveyor, jobId)
    const retries = new Set(times.filter(({ round }) => round > 0).map(({ upstream }) => upstream))
    expect(retries.size).toBeGreaterThanOrEqual(6)
    for (const running of looks) {
      expect(running.filter((id) => retries.has(id)).length).toBeLessThanOrEqual(1)
    }
    for (const { created } of times) {
      const underWay = times.filter((other) => other.created <= created && other.settled > created)
      expect(underWay.length).toBeLessThanOrEqual(4)
    }
  })

  test('a small job gets the next free lane of a large one', async () => {
    // A lane is given away every half second: more often would be within what a step takes to begin.
    await conveyor.org.set({ bulkRowsPerSecond: 100, internalBatchRows: 50 })
    const stop = watchUpstream(conveyor)
    const large = await insert(conveyor, 'Large', 12)
    await until(
      async () => (await timesOf(conveyor, large.jobId)).length >= 2,
      20_000,
      'both lanes',
    )
    const small = await insert(conveyor, 'Small', 1)
    expect((await conveyor.waitForEnd(small.jobId)).state).toBe('Completed')
    const wanted = await wantedLaneAt(conveyor, small.jobId)
    expect((await conveyor.waitForEnd(large.jobId)).state).toBe('Completed')
    const looks = await stop()
    for (const { jobId, names } of [large, small]) {
      expectExact(await accountFor(conveyor, jobId, names))
    }

    expect(Math.max(...looks.map((running) => running.length))).toBe(2)
    const [sent] = await timesOf(conveyor, small.jobId)
    const others = (await timesOf(conveyor, large.jobId)).map(({ created }) => created)
    const before = others.filter((created) => created > wanted && created < (sent?.created ?? 0))
    // A lane may have been given away in the moment in which the small job asked for its first one.
    expect(before.length).toBeLessThanOrEqual(1)
    expect(others.filter((created) => created > (sent?.created ?? 0)).length).toBeGreaterThan(4)
    expect(await takenLanes(conveyor)).toBe(0)
  })
})

/** When a job of one load first asked for a lane, in seconds. */
async function wantedLaneAt(conveyor: TestConveyor, jobId: string): Promise<number> {
  const { client } = conveyor.temporal
  const { events } = await client.workflow.getHandle(conveyor.workflowId(jobId)).fetchHistory()
  const asked = events?.find(
    ({ activityTaskScheduledEventAttributes: activity }) =>
      activity?.activityType?.name === 'leaseLoad',
  )
  return Number(asked?.eventTime?.seconds) + Number(asked?.eventTime?.nanos) / 1e9
}
