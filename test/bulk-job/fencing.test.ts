import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { type Child, startChild } from '../../dev/stack/child-process.ts'
import { freePort } from '../../dev/stack/free-port.ts'
import { obtainTemporalBinary } from '../../dev/stack/temporal-binary.ts'
import { accountFor, distinctNames, expectExact } from '../setup/accounting.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'

const run = promisify(execFile)

/** Where an attempt is frozen until another one has ended its load. */
const FREEZES = [
  'send.before-create-call',
  'send.after-create-call',
  'send.before-uploading',
  'send.after-uploading',
  'send.after-upload-call',
  'send.before-closing',
  'send.after-closing',
  'send.before-close-call',
  'settle.before-results',
  'settle.after-results',
  'settle.before-outcomes',
] as const

/** A few in every run of the tests, all of them in the full suite. */
const SHORT = [
  'send.after-create-call',
  'send.after-uploading',
  'send.before-close-call',
  'settle.before-outcomes',
]
const groups = process.env['CRASH_SUITE'] === 'full' ? groupsOf(FREEZES, SHORT.length) : [SHORT]

/** Transfers that one worker takes on at once. */
const SLOTS = 8
/** More loads than workers that freeze can take, so that each of them gets one. */
const LOADS = SHORT.length * SLOTS
const ROWS_A_LOAD = 20

function groupsOf<T>(all: readonly T[], size: number): T[][] {
  const count = Math.ceil(all.length / size)
  return Array.from({ length: count }, (_, at) => all.slice(at * size, (at + 1) * size))
}

let directory: string
let temporal: Child
let conveyor: TestConveyor
/** Takes over what the frozen ones hold. */
let healthy: Child | null = null

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'conveyor-fencing-'))
  const address = await startTemporal()
  conveyor = await startTestConveyor({
    temporalAddress: address,
    environment: {
      CONVEYOR_LOAD_MAX_ROWS: String(ROWS_A_LOAD),
      CONVEYOR_BULK_LANES: String(LOADS),
    },
  })
  await conveyor.startWorker({ WORKER_QUEUES: 'conveyor' })
})
afterAll(async () => {
  await conveyor.stop()
  await temporal.stop()
  await rm(directory, { recursive: true, force: true })
})

/**
 * A server that gives up polls after five seconds. By default a frozen process is handed tasks for a minute,
 * each of which has to time out before somebody else gets it.
 */
async function startTemporal(): Promise<string> {
  const binary = await obtainTemporalBinary({ env: process.env, report: () => {} })
  const address = `127.0.0.1:${await freePort()}`
  temporal = await startChild({
    name: 'Temporal server',
    command: binary.path,
    args: [
      ...['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--log-level', 'error'],
      ...['--port', address.slice(address.indexOf(':') + 1)],
      ...['--dynamic-config-value', 'matching.longPollExpirationInterval="5s"'],
    ],
    logFile: join(directory, 'temporal.log'),
  })
  await until(
    async () => {
      await run(binary.path, ['operator', 'cluster', 'health', '--address', address])
      return true
    },
    30_000,
    'a Temporal server',
  )
  return address
}

/** A worker of transfers that freezes at its first passage of the failpoint. */
interface FreezingWorker {
  readonly failpoint: string
  readonly child: Child
}

function startFreezing(failpoints: readonly string[]): Promise<FreezingWorker[]> {
  return Promise.all(
    failpoints.map(async (failpoint) => ({
      failpoint,
      child: await conveyor.startWorker({
        WORKER_QUEUES: 'salesforce',
        CONVEYOR_FAILPOINT: `${failpoint}=STOP`,
      }),
    })),
  )
}

async function untilFrozen({ failpoint, child }: FreezingWorker): Promise<void> {
  await until(
    async () => (await run('ps', ['-o', 'stat=', '-p', String(child.pid)])).stdout.startsWith('T'),
    // A worker frozen in the middle of another load's transaction holds the job's row for ten seconds.
    200_000,
    `a worker frozen at ${failpoint}`,
  )
}

/** Lets it run on until all that it had begun has ended, and tells how its attempts ended. */
async function wake({ failpoint, child }: FreezingWorker): Promise<string> {
  const before = endsOfAttempts(child).length
  process.kill(child.pid, 'SIGCONT')
  await until(
    async () => endsOfAttempts(child).length > before,
    60_000,
    `an attempt frozen at ${failpoint} ended`,
  )
  // An orderly stop waits for the other attempts.
  await child.stop()
  return endsOfAttempts(child).slice(before).join(', ')
}

function endsOfAttempts(child: Child): string[] {
  const ends = /"activity":"(\w+)".*"msg":"(activity \w+)"/
  return child
    .output()
    .split('\n')
    .flatMap((line) => {
      const [, activity, end] = ends.exec(line) ?? []
      return activity === undefined ? [] : [`${activity}: ${end}`]
    })
}

async function insert(prefix: string, loads: number) {
  const names = distinctNames(loads * ROWS_A_LOAD, prefix)
  const jobId = await conveyor.stage(
    { columns: ['Name'], rows: names.map((name) => [name]) },
    { batchRows: ROWS_A_LOAD },
  )
  return { names, jobId }
}

test.each(groups.map((freezes) => ({ freezes, places: freezes.join(', ') })))(
  'attempts frozen at $places wake after others did their work',
  { timeout: 500_000 },
  async ({ freezes }) => {
    const written = await conveyor.org.count('Account')
    // Nobody but those that freeze may take the loads.
    await healthy?.stop()
    const frozen = await startFreezing(freezes)
    const { jobId, names } = await insert(`Frozen ${freezes[0]}`, LOADS)
    await Promise.all(frozen.map(untilFrozen))
    healthy = await conveyor.startWorker({ WORKER_QUEUES: 'salesforce' })
    const job = await conveyor.waitForEnd(jobId, 180_000)
    expect(job.state).toBe('Completed')
    const results = await conveyor.results(jobId)
    const accountingBefore = await accountFor(conveyor, jobId, names)
    expectExact(accountingBefore)

    const ends = await Promise.all(frozen.map(wake))
    print(frozen.map(({ failpoint }, index) => `${failpoint.padEnd(26)} ${ends[index]}`))
    // Rows that an upstream job which must stay unclosed would write need a moment to be there.
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(await accountFor(conveyor, jobId, names)).toEqual(accountingBefore)
    expect(await conveyor.results(jobId)).toEqual(results)
    expect(await conveyor.org.count('Account')).toBe(written + names.length)
    expect((await conveyor.job(jobId)).state).toBe('Completed')
  },
)

test('attempts frozen before they announced anything wake after the job was cancelled', {
  timeout: 500_000,
}, async () => {
  await healthy?.stop()
  const frozen = await startFreezing(['send.before-creating', 'send.before-closing'])
  const { jobId, names } = await insert('Cancelled', 2 * SLOTS)
  await Promise.all(frozen.map(untilFrozen))
  await createBulkJobQueries(conveyor.pool).setWish(DEFAULT_WORKSPACE_ID, jobId, 'cancel')
  await conveyor.starters.wakeBulkJob(jobId)
  await conveyor.startWorker({ WORKER_QUEUES: 'salesforce' })
  expect((await conveyor.waitForEnd(jobId, 180_000)).state).toBe('Aborted')
  const before = await accountFor(conveyor, jobId, names)
  expectExact(before)
  const ends = await Promise.all(frozen.map(wake))
  print(frozen.map(({ failpoint }, index) => `${failpoint.padEnd(26)} ${ends[index]}`))
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  expect(await accountFor(conveyor, jobId, names)).toEqual(before)
  const written = (await conveyor.org.records('Account')).filter(({ Name }) =>
    String(Name).startsWith('Cancelled '),
  )
  expect(written).toHaveLength(before.outcomes.success)
})

function print(lines: readonly string[]): void {
  process.stdout.write(`\nfrozen at                  ends of its attempts\n${lines.join('\n')}\n`)
}
