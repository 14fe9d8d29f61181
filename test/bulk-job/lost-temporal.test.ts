import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SEARCH_ATTRIBUTES } from '../../contracts/search-attributes.ts'
import { INSTALLATION_MARK_ID, retentionScheduleId } from '../../contracts/workflow-ids.ts'
import type { Child } from '../../dev/stack/child-process.ts'
import { freePort } from '../../dev/stack/free-port.ts'
import { obtainTemporalBinary } from '../../dev/stack/temporal-binary.ts'
import { type RunningTemporalServer, startTemporalServer } from '../../dev/stack/temporal-server.ts'
import { accountFor, distinctNames, expectExact } from '../setup/accounting.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'

const ROWS_A_LOAD = 100

let directory: string
let port: number
let temporal: RunningTemporalServer
let conveyor: TestConveyor
let apiUrl: string
let worker: Child

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'conveyor-lost-temporal-'))
  port = await freePort()
  temporal = await startServer()
  conveyor = await startTestConveyor({
    temporalAddress: temporal.address,
    environment: { CONVEYOR_LOAD_MAX_ROWS: String(ROWS_A_LOAD), CONVEYOR_BULK_LANES: '2' },
  })
  worker = await conveyor.startWorker()
  apiUrl = (await conveyor.startApi()).url
})
afterAll(async () => {
  await conveyor.stop()
  await temporal.stop()
  await rm(directory, { recursive: true, force: true })
})

/** On its port, with its file, as the start of the local stack does it. */
async function startServer(): Promise<RunningTemporalServer> {
  const binary = await obtainTemporalBinary({ env: process.env, report: () => {} })
  return startTemporalServer({
    binary: binary.path,
    port,
    databaseFile: join(directory, 'temporal.sqlite'),
  })
}

async function killServer(): Promise<void> {
  temporal.kill()
  await temporal.exited
}

async function deleteStore(): Promise<void> {
  for (const suffix of ['', '-wal', '-shm'])
    await rm(join(directory, `temporal.sqlite${suffix}`), { force: true })
}

async function submit(names: readonly string[]): Promise<string> {
  const response = await fetch(`${apiUrl}/v1/bulk-jobs?object=Account&operation=insert`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv', 'idempotency-key': randomUUID() },
    body: ['Name', ...names].join('\n'),
  })
  expect(response.status).toBe(202)
  // The answer of our own API, read for its id.
  return ((await response.json()) as { id: string }).id
}

test('accepted while Temporal is down, and started by the sweeper once it is back', async () => {
  await killServer()
  const names = distinctNames(250, 'Accepted')
  const jobId = await submit(names)
  expect((await conveyor.job(jobId)).state).toBe('Queued')
  temporal = await startServer()
  expect((await conveyor.waitForEnd(jobId)).state).toBe('Completed')
  expectExact(await accountFor(conveyor, jobId, names))
})

test('jobs at every stage go on after the whole store of Temporal was lost', {
  timeout: 180_000,
}, async () => {
  await conveyor.org.set({ bulkRowsPerSecond: 40, internalBatchRows: 20 })
  const running = distinctNames(400, 'Running')
  const runningId = await submit(running)
  await until(async () => (await conveyor.job(runningId)).processedRecords > 0, 30_000)
  // All lanes are taken: this one stands at its first step.
  const waiting = distinctNames(150, 'Waiting')
  const waitingId = await submit(waiting)
  await conveyor.waitForState(waitingId, 'InProgress')
  await killServer()
  const accepted = distinctNames(50, 'Meanwhile')
  const acceptedId = await submit(accepted)
  await deleteStore()
  temporal = await startServer()
  await conveyor.org.set({ bulkRowsPerSecond: null, internalBatchRows: 10_000 })

  for (const [jobId, names] of [
    [runningId, running],
    [waitingId, waiting],
    [acceptedId, accepted],
  ] as const) {
    expect((await conveyor.waitForEnd(jobId, 90_000)).state).toBe('Completed')
    const accounting = await accountFor(conveyor, jobId, names)
    expectExact(accounting)
    expect(accounting.outcomes.success).toBe(names.length)
    const handle = conveyor.temporal.client.workflow.getHandle(conveyor.workflowId(jobId))
    expect(await handle.result()).toMatchObject({ jobId, state: 'Completed' })
  }
  // The process that was there before is the one that goes on.
  expect(worker.hasExited()).toBe(false)
  await expectPreparedServer(runningId)
})

/** What a server loses along with its store, and what an operator looks for there. */
async function expectPreparedServer(jobId: string): Promise<void> {
  const { client, namespace } = conveyor.temporal
  const { searchAttributes } = await client.workflow
    .getHandle(conveyor.workflowId(jobId))
    .describe()
  expect(Object.keys(searchAttributes)).toEqual(
    expect.arrayContaining(Object.values(SEARCH_ATTRIBUTES)),
  )
  const described = await client.workflowService.describeNamespace({ namespace })
  expect(Number(described.config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 86_400)
  await until(
    async () => {
      await client.schedule.getHandle(retentionScheduleId(conveyor.installationId)).describe()
      const mark = await client.schedule.getHandle(INSTALLATION_MARK_ID).describe()
      expect(mark.memo).toEqual({ installation: conveyor.installationId })
      return true
    },
    30_000,
    'the retention schedule',
  )
}
