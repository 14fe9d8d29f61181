import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'slonik'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createLaneQueue } from '../../activities/bulk-job/lane-queue.ts'
import { DEFAULT_CONNECTION_ID, DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createBulkLaneWishQueries } from '../../db/bulk-lane-wishes.ts'
import { createBulkLoadLeaseQueries } from '../../db/bulk-load-leases.ts'
import { row } from '../../db/row-type.ts'
import { createTestDatabase, type TestDatabase } from '../setup/database.ts'
import { until } from '../setup/simulator.ts'

const JOBS = ['big', 'small', 'other', 'fourth'] as const
type Job = (typeof JOBS)[number]

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
  for (const jobId of JOBS) {
    await createBulkJobQueries(database.pool).insertStaging({
      jobId,
      workspaceId: DEFAULT_WORKSPACE_ID,
      connectionId: DEFAULT_CONNECTION_ID,
      userId: 'tester',
      operation: 'insert',
      objectType: 'Account',
      externalIdField: null,
      correlationField: null,
      retryOf: null,
      requestId: null,
      createdBy: null,
    })
  }
})
beforeEach(async () => {
  await database.pool.query(sql.unsafe`truncate bulk_load_leases, bulk_lane_wishes`)
})
afterAll(() => database.drop())

const loadOf = (jobId: Job, loadNumber: number, begun = false) => ({
  connectionId: DEFAULT_CONNECTION_ID,
  workspaceId: DEFAULT_WORKSPACE_ID,
  jobId,
  loadNumber,
  begun,
})

/** Looks once for a lane; true where it has one now. */
function laneTaker(lanes: number) {
  const queue = createLaneQueue(database.pool, lanes)
  return async (...load: Parameters<typeof loadOf>) => (await queue.take(loadOf(...load))) === null
}

async function release(jobId: Job, loadNumber: number): Promise<void> {
  await createBulkLoadLeaseQueries(database.pool).release(loadOf(jobId, loadNumber))
}

async function holders(): Promise<readonly string[]> {
  return database.pool.anyFirst(sql.type(row<{ holder: string }>())`
    select job_id || ' ' || load_number as holder from bulk_load_leases
    where expires_at > now() order by 1`)
}

async function wishes(): Promise<number> {
  return database.pool.oneFirst(sql.type(row<{ count: number }>())`
    select count(*) from bulk_lane_wishes`)
}

/** As if the loads that wait had not looked for a while. */
async function letWishesRunOut(): Promise<void> {
  await database.pool.query(sql.type(row<never>())`
    update bulk_lane_wishes set expires_at = now() - interval '1 second'`)
}

describe('who gets a free lane', () => {
  test('one job alone gets them all', async () => {
    const takes = laneTaker(3)
    for (const load of [1, 2, 3]) expect(await takes('big', load)).toBe(true)
    expect(await takes('big', 4)).toBe(false)
    await release('big', 2)
    // Whichever of its loads looks first: one that waits does not keep it from another of the same job.
    expect(await takes('big', 5)).toBe(true)
  })

  test('a job that holds fewer goes before one that looks first', async () => {
    const takes = laneTaker(2)
    for (const load of [1, 2]) await takes('big', load)
    expect(await takes('small', 1)).toBe(false)
    await release('big', 1)
    expect(await takes('big', 3)).toBe(false)
    expect(await takes('small', 1)).toBe(true)
    expect(await wishes()).toBe(1)
    await release('small', 1)
    expect(await takes('big', 3)).toBe(true)
    expect(await wishes()).toBe(0)
  })

  test('nobody is kept from a lane that is left over', async () => {
    const takes = laneTaker(3)
    for (const load of [1, 2, 3]) await takes('big', load)
    await takes('small', 1)
    await release('big', 1)
    await release('big', 2)
    expect(await takes('big', 4)).toBe(true)
    expect(await takes('big', 5)).toBe(false)
    expect(await takes('small', 1)).toBe(true)
  })

  test('with one lane jobs take turns, the longest waiting first', async () => {
    const takes = laneTaker(1)
    await takes('big', 1)
    await takes('small', 1)
    await takes('other', 1)
    await release('big', 1)
    expect(await takes('big', 2)).toBe(false)
    expect(await takes('other', 1)).toBe(false)
    expect(await takes('small', 1)).toBe(true)
    await release('small', 1)
    expect(await takes('small', 2)).toBe(false)
    expect(await takes('big', 2)).toBe(false)
    expect(await takes('other', 1)).toBe(true)
    await release('other', 1)
    expect(await takes('small', 2)).toBe(false)
    expect(await takes('big', 2)).toBe(true)
  })

  test('a load that waits long gives its job no second turn', async () => {
    const takes = laneTaker(1)
    await takes('fourth', 1)
    await takes('big', 1)
    await takes('big', 2)
    await takes('small', 1)
    await release('fourth', 1)
    expect(await takes('big', 2)).toBe(true)
    await release('big', 2)
    // Load 1 of the big job has waited since before the small job came.
    expect(await takes('big', 1)).toBe(false)
    expect(await takes('small', 1)).toBe(true)
  })

  test('a load that has begun goes first, and one that holds a lane keeps it', async () => {
    const takes = laneTaker(2)
    for (const load of [1, 2]) await takes('big', load)
    for (const load of [1, 2]) await takes('small', load)
    expect(await takes('big', 1)).toBe(true)
    await release('big', 2)
    expect(await takes('big', 3)).toBe(false)
    expect(await takes('big', 3, true)).toBe(true)
    expect(await holders()).toEqual(['big 1', 'big 3'])
  })
})

describe('a load that stopped looking', () => {
  test('keeps nobody from a lane once its wish has run out, and leaves no row', async () => {
    const takes = laneTaker(2)
    for (const load of [1, 2]) await takes('big', load)
    for (const load of [1, 2]) await takes('small', load)
    await release('big', 1)
    expect(await takes('big', 3)).toBe(false)
    await letWishesRunOut()
    expect(await takes('big', 3)).toBe(true)
    expect(await takes('big', 4)).toBe(false)
    expect(await wishes()).toBe(1)
  })

  test('counts until a little after its next look was due', async () => {
    const queue = createLaneQueue(database.pool, 1)
    await queue.take(loadOf('big', 1))
    const refusal = await queue.take(loadOf('small', 1))
    const left = await database.pool.oneFirst(sql.type(row<{ left: number }>())`
      select extract(epoch from expires_at - now())::float8 as left from bulk_lane_wishes`)
    expect(left).toBeGreaterThan((refusal?.lookAgainMs ?? 0) / 1000 + 3)
    expect(left).toBeLessThan(10)
  })

  test('withdraws its wish where it is told to', async () => {
    const takes = laneTaker(1)
    await takes('big', 1)
    await takes('small', 1)
    await createBulkLaneWishQueries(database.pool).withdraw(loadOf('small', 1))
    await release('big', 1)
    expect(await takes('big', 2)).toBe(true)
  })
})

test('the next in line looks soon, the others later the further back they are', async () => {
  const queue = createLaneQueue(database.pool, 1)
  await queue.take(loadOf('big', 1))
  const places: (number | undefined)[] = []
  const delays: number[] = []
  for (const job of ['small', 'other', 'fourth'] as const) {
    for (const load of [1, 2]) {
      const refusal = await queue.take(loadOf(job, load))
      places.push(refusal?.place)
      delays.push(refusal?.lookAgainMs ?? 0)
    }
  }
  // Each job may take one before any takes two; of its own loads the first goes first.
  expect(places).toEqual([0, 1, 1, 2, 2, 3])
  expect(delays[0]).toBeLessThan(350)
  for (const [index, delay] of delays.entries()) {
    expect(delay).toBeGreaterThanOrEqual(187 * ((places[index] ?? 0) + 1))
  }
  let last = await queue.take(loadOf('fourth', 3))
  for (let load = 4; load < 120; load += 1) last = await queue.take(loadOf('fourth', load))
  expect(last?.lookAgainMs).toBeLessThan(20_000)
})

test('however many look at once, each lane has one holder and every job its share', async () => {
  const lanes = 5
  const takes = laneTaker(lanes)
  const turns: Record<Job, number> = { big: 0, small: 0, other: 0, fourth: 0 }
  let atWork = 0
  let most = 0
  let over = false

  /** A load of a job that always has another: holds a lane for a moment, looks again at once. */
  async function work(job: Job, worker: number): Promise<void> {
    for (let load = worker; !over; load += 100) {
      while (!(await takes(job, load))) {
        if (over) return
        await sleep(20)
      }
      atWork += 1
      most = Math.max(most, atWork)
      turns[job] += 1
      await sleep(80)
      atWork -= 1
      await release(job, load)
    }
  }

  const workers = (job: Job, count: number) =>
    Array.from({ length: count }, (_, worker) => work(job, worker))
  const all = [
    ...workers('big', 12),
    ...workers('small', 1),
    ...workers('other', 2),
    ...workers('fourth', 3),
  ]
  const totalTurns = () => JOBS.reduce((sum, job) => sum + turns[job], 0)
  // Enough for shares to show, however slow the machine is.
  await until(async () => totalTurns() >= 100, 30_000, 'a hundred turns')
  over = true
  await Promise.all(all)

  expect(most).toBe(lanes)
  const total = totalTurns()
  // A job that always wants one has one of the five; the one left over goes round.
  // By the number of those who ask, `big` would have two thirds and `small` one in eighteen.
  for (const job of JOBS) expect(turns[job]).toBeGreaterThan(total * 0.09)
  expect(turns.big).toBeLessThan(total * 0.55)
})
