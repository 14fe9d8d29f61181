import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient, type JobInfo, type TestClient } from '../testing/test-client.ts'

const drawing = fc.record({
  rows: fc.integer({ min: 20, max: 150 }),
  parents: fc.integer({ min: 1, max: 4 }),
  internalBatchRows: fc.integer({ min: 1, max: 20 }),
  bulkParallelBatches: fc.integer({ min: 1, max: 6 }),
  /** What is set after a restart: batches are cut elsewhere. */
  laterBatchRows: fc.integer({ min: 1, max: 20 }),
  parentLockRate: fc.constantFrom(0, 0.3, 1),
  /** Share of the rows that are tried before the job is broken off. */
  breakAfter: fc.double({ min: 0.05, max: 0.5, noNaN: true }),
  end: fc.constantFrom('complete' as const, 'abort' as const, 'fail' as const),
  seed: fc.integer({ min: 0, max: 1_000 }),
})
type Drawing = typeof drawing extends fc.Arbitrary<infer T> ? T : never

/** A job that is still running when the org is stopped, with batches that lie apart. */
const SLOW: Drawing = {
  rows: 150,
  parents: 2,
  internalBatchRows: 7,
  bulkParallelBatches: 5,
  laterBatchRows: 11,
  parentLockRate: 0.3,
  breakAfter: 0.1,
  end: 'complete',
  seed: 3,
}

/** Rows a second: slow enough to break a job off in its middle. */
const RATE = 1_000

const namesOf = (rows: number) => Array.from({ length: rows }, (_, n) => `R${n}`)

/** Sets everything up and starts the job; gives its id. */
async function start(
  client: TestClient,
  drawn: Drawing,
  rowsPerSecond: number | null,
): Promise<string> {
  await client.admin('PATCH', '/settings', { bulkStartDelayMs: 0, seed: drawn.seed })
  const accounts = Array.from({ length: drawn.parents }, (_, n) => `P${n}\n`).join('')
  const made = await client.run({ object: 'Account', operation: 'insert' }, `Name\n${accounts}`)
  const saved = await client.results(made.id, 'successfulResults')
  const parents = saved.map((row) => row['sf__Id'])
  await client.admin('PATCH', '/settings', {
    internalBatchRows: drawn.internalBatchRows,
    bulkParallelBatches: drawn.bulkParallelBatches,
    parentLockRate: drawn.parentLockRate,
    bulkRowsPerSecond: rowsPerSecond,
  })
  if (drawn.end === 'fail') {
    const action = { type: 'fail_job', afterRows: Math.floor(drawn.rows / 2) }
    await client.admin('POST', '/faults', { action })
  }
  const lines = namesOf(drawn.rows).map((name, n) => `${name},${parents[n % parents.length]}\n`)
  const { id } = await client.createJob({ object: 'Contact', operation: 'insert' })
  await client.upload(id, `LastName,AccountId\n${lines.join('')}`)
  await client.close(id)
  return id
}

/** Waits until so many rows are tried, or the job is over. */
async function reached(client: TestClient, id: string, rows: number): Promise<JobInfo> {
  for (;;) {
    const info = await client.info(id)
    const over = info.state !== 'InProgress' && info.state !== 'UploadComplete'
    if (info.numberRecordsProcessed >= rows || over) return info
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** Each row is in one of the three files, and in the org where it was saved. */
async function check(client: TestClient, id: string, drawn: Drawing): Promise<void> {
  const names = async (which: Parameters<TestClient['results']>[1]) =>
    (await client.results(id, which)).map((row) => row['LastName'] ?? '')
  const info = await client.finished(id)
  const successful = await names('successfulResults')
  const failed = await names('failedResults')
  const unprocessed = await names('unprocessedrecords')
  const all = namesOf(drawn.rows)
  expect([...successful, ...failed, ...unprocessed].toSorted()).toEqual(all.toSorted())
  expect(info).toMatchObject({
    numberRecordsProcessed: successful.length + failed.length,
    numberRecordsFailed: failed.length,
  })
  expect(await client.count('Contact')).toBe(successful.length)
  if (info.state === 'JobComplete') expect(unprocessed).toEqual([])
  if (drawn.end === 'complete') expect(info.state).toBe('JobComplete')
  if (drawn.end === 'fail') {
    expect(info).toMatchObject({ state: 'Failed' })
    const rest = all.slice(Math.floor(drawn.rows / 2))
    expect(unprocessed.toSorted()).toEqual(rest.toSorted())
  }
  if (drawn.parentLockRate === 0 || drawn.bulkParallelBatches === 1) expect(failed).toEqual([])
}

const abort = (client: TestClient, id: string) =>
  client.call('PATCH', `/jobs/ingest/${id}`, { state: 'Aborted' })

test('no row is lost or doubled, whatever runs side by side', async () => {
  const simulator = await startSimulator()
  try {
    await fc.assert(
      fc.asyncProperty(drawing, async (drawn) => {
        await fetch(`${simulator.url}/__simulator/reset`, { method: 'POST' })
        const client = await createTestClient(simulator.url)
        const id = await start(client, drawn, drawn.end === 'complete' ? null : RATE)
        await reached(client, id, drawn.rows * drawn.breakAfter)
        if (drawn.end === 'abort') await abort(client, id)
        await check(client, id, drawn)
      }),
      { numRuns: 15, endOnFailure: true },
    )
  } finally {
    await simulator.close()
  }
}, 60_000)

test('nor when the org is stopped in the middle', async () => {
  let brokenOff = 0
  await fc.assert(
    fc.asyncProperty(drawing, async (drawn) => {
      const folder = mkdtempSync(join(tmpdir(), 'parallel-batches-'))
      const database = join(folder, 'org.sqlite')
      let simulator: Simulator = await startSimulator({ database })
      try {
        const first = await createTestClient(simulator.url)
        const id = await start(first, drawn, RATE)
        const before = await reached(first, id, drawn.rows * drawn.breakAfter)
        if (before.state === 'InProgress' && before.numberRecordsProcessed < drawn.rows) {
          brokenOff += 1
        }
        await simulator.close()
        // What is set ends with the process: the job goes on with the settings of the next one.
        simulator = await startSimulator({ database })
        const second = await createTestClient(simulator.url)
        await second.admin('PATCH', '/settings', {
          internalBatchRows: drawn.laterBatchRows,
          bulkParallelBatches: drawn.bulkParallelBatches,
          parentLockRate: drawn.parentLockRate,
        })
        if (drawn.end === 'abort') await abort(second, id)
        await check(second, id, drawn)
      } finally {
        await simulator.close()
        rmSync(folder, { recursive: true, force: true })
      }
    }),
    { numRuns: 4, endOnFailure: true, examples: [[SLOW]] },
  )
  // Jobs that were over before the org was stopped would prove nothing.
  expect(brokenOff).toBeGreaterThan(0)
}, 60_000)
