import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { startSimulator } from '../start-simulator.ts'
import { createTestClient, type JobInfo, type TestClient } from '../testing/test-client.ts'

const run = fc.record({
  rows: fc.integer({ min: 20, max: 150 }),
  parents: fc.integer({ min: 1, max: 4 }),
  internalBatchRows: fc.integer({ min: 1, max: 20 }),
  bulkParallelBatches: fc.integer({ min: 1, max: 6 }),
  /** What the second life sets: its batches are cut elsewhere. */
  laterBatchRows: fc.integer({ min: 1, max: 20 }),
  parentLockRate: fc.constantFrom(0, 0.3, 1),
  /** Share of the rows that are tried before the org is stopped. */
  stopAfter: fc.double({ min: 0.05, max: 0.5, noNaN: true }),
  end: fc.constantFrom('complete' as const, 'abort' as const, 'fail' as const),
  seed: fc.integer({ min: 0, max: 1_000 }),
})

async function names(client: TestClient, id: string) {
  const of = async (which: Parameters<TestClient['results']>[1]) =>
    (await client.results(id, which)).map((row) => row['LastName'] ?? '')
  return {
    successful: await of('successfulResults'),
    failed: await of('failedResults'),
    unprocessed: await of('unprocessedrecords'),
  }
}

async function makeParents(client: TestClient, count: number): Promise<string[]> {
  const csv = `Name\n${Array.from({ length: count }, (_, n) => `P${n}\n`).join('')}`
  const { id } = await client.run({ object: 'Account', operation: 'insert' }, csv)
  return (await client.results(id, 'successfulResults')).map((row) => row['sf__Id'] ?? '')
}

/** Waits until so many rows are tried, or the job is over. */
async function reached(client: TestClient, id: string, rows: number): Promise<JobInfo> {
  for (;;) {
    const info = await client.info(id)
    if (info.numberRecordsProcessed >= rows || info.state !== 'InProgress') return info
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

test('no row is lost or doubled, whatever runs side by side and however it is broken off', async () => {
  let brokenOff = 0
  await fc.assert(
    fc.asyncProperty(run, async (drawn) => {
      const { rows, parentLockRate, bulkParallelBatches, internalBatchRows, seed } = drawn
      const folder = mkdtempSync(join(tmpdir(), 'parallel-batches-'))
      const database = join(folder, 'org.sqlite')
      let simulator = await startSimulator({ database })
      try {
        let client = await createTestClient(simulator.url)
        await client.admin('PATCH', '/settings', { bulkStartDelayMs: 0, seed })
        const parents = await makeParents(client, drawn.parents)
        await client.admin('PATCH', '/settings', {
          internalBatchRows,
          bulkParallelBatches,
          parentLockRate,
          bulkRowsPerSecond: 1_000,
        })
        if (drawn.end === 'fail') {
          const action = { type: 'fail_job', afterRows: Math.floor(rows / 2) }
          await client.admin('POST', '/faults', { action })
        }
        const all = Array.from({ length: rows }, (_, n) => `R${n}`)
        const lines = all.map((name, n) => `${name},${parents[n % parents.length]}\n`)
        const { id } = await client.createJob({ object: 'Contact', operation: 'insert' })
        await client.upload(id, `LastName,AccountId\n${lines.join('')}`)
        await client.close(id)
        const before = await reached(client, id, rows * drawn.stopAfter)
        if (before.state === 'InProgress' && before.numberRecordsProcessed < rows) brokenOff += 1
        await simulator.close()
        // What is set ends with the process: the job goes on with the settings of the next one.
        simulator = await startSimulator({ database })
        client = await createTestClient(simulator.url)
        await client.admin('PATCH', '/settings', {
          internalBatchRows: drawn.laterBatchRows,
          bulkParallelBatches,
          parentLockRate,
        })
        if (drawn.end === 'abort') {
          await client.call('PATCH', `/jobs/ingest/${id}`, { state: 'Aborted' })
        }
        const info = await client.finished(id)
        const found = await names(client, id)
        expect([...found.successful, ...found.failed, ...found.unprocessed].toSorted()).toEqual(
          all.toSorted(),
        )
        expect(info).toMatchObject({
          numberRecordsProcessed: found.successful.length + found.failed.length,
          numberRecordsFailed: found.failed.length,
        })
        expect(await client.count('Contact')).toBe(found.successful.length)
        if (info.state === 'JobComplete') expect(found.unprocessed).toEqual([])
        if (drawn.end === 'fail') {
          expect(info.state).toBe('Failed')
          const [done, rest] = [Math.floor(rows / 2), rows - Math.floor(rows / 2)]
          expect(info.numberRecordsProcessed).toBe(done)
          expect(found.unprocessed.toSorted()).toEqual(all.slice(-rest).toSorted())
        }
        if (parentLockRate === 0 || bulkParallelBatches === 1) expect(found.failed).toEqual([])
      } finally {
        await simulator.close()
        rmSync(folder, { recursive: true, force: true })
      }
    }),
    { numRuns: 6, endOnFailure: true },
  )
  // Jobs that were over before the org was stopped would prove nothing.
  expect(brokenOff).toBeGreaterThan(0)
}, 60_000)
