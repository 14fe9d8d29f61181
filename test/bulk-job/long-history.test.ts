import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountFor, distinctNames, expectExact } from '../setup/accounting.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'

/** The server suggests continue-as-new at 4,096 events; a load costs about sixteen. */
const full = process.env['CRASH_SUITE'] === 'full'
const LOADS = full ? 320 : 24
const ROWS_A_LOAD = 5

let conveyor: TestConveyor

beforeAll(async () => {
  conveyor = await startTestConveyor({
    environment: { CONVEYOR_LOAD_MAX_ROWS: String(ROWS_A_LOAD), CONVEYOR_BULK_LANES: '8' },
  })
  await conveyor.startWorker()
})
afterAll(() => conveyor.stop())

test(`${LOADS} loads keep their histories short`, { timeout: 600_000 }, async () => {
  const names = distinctNames(LOADS * ROWS_A_LOAD)
  const jobId = await conveyor.stage(
    { columns: ['Name'], rows: names.map((name) => [name]) },
    { batchRows: ROWS_A_LOAD },
  )
  const job = await conveyor.waitForEnd(jobId, 580_000)
  expect(job.state).toBe('Completed')
  expectExact(await accountFor(conveyor, jobId, names))
  const runs = new Set<string>()
  const { client } = conveyor.temporal
  for await (const run of client.workflow.list({
    query: `WorkflowId = '${conveyor.workflowId(jobId)}'`,
  })) {
    runs.add(run.runId)
    expect(run.historyLength).toBeLessThan(6_000)
  }
  if (full) expect(runs.size).toBeGreaterThan(1)
})
