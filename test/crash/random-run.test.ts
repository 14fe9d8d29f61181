import { randomInt, randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { isTerminalBulkJobState } from '../../contracts/bulk-job.ts'
import type { Child } from '../../dev/stack/child-process.ts'
import { freePort } from '../../dev/stack/free-port.ts'
import { startPostgres } from '../../dev/stack/postgres.ts'
import { obtainTemporalBinary } from '../../dev/stack/temporal-binary.ts'
import { startTemporalServer } from '../../dev/stack/temporal-server.ts'
import { type Accounting, accountFor, distinctNames, expectExact } from '../setup/accounting.ts'
import { startTestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'

const full = process.env['CRASH_SUITE'] === 'full'
const ROWS = full ? 50_000 : 6_000
const KILLS = full ? 24 : 4

const PARTS = ['worker', 'api', 'temporal', 'postgres'] as const
type Part = (typeof PARTS)[number]

test(`${ROWS} rows while ${KILLS} times a part is killed`, { timeout: 900_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'conveyor-random-'))
  await chmod(directory, 0o711)
  const binary = await obtainTemporalBinary({ env: process.env, report: () => {} })
  const postgresPort = await freePort()
  const temporalPort = await freePort()
  const postgresOf = () =>
    startPostgres({ directory: join(directory, 'postgres'), port: postgresPort })
  const temporalOf = () =>
    startTemporalServer({
      binary: binary.path,
      port: temporalPort,
      databaseFile: join(directory, 'temporal.sqlite'),
    })
  let postgres = await postgresOf()
  let temporal = await temporalOf()
  const conveyor = await startTestConveyor({
    databaseUrl: postgres.url,
    temporalAddress: temporal.address,
    environment: { CONVEYOR_LOAD_MAX_ROWS: '2000' },
  })
  const apiPort = String(await freePort())
  const apiUrl = `http://127.0.0.1:${apiPort}`
  let worker: Child | null = null
  let api: Child | null = null
  const kills: Record<Part, number> = { worker: 0, api: 0, temporal: 0, postgres: 0 }

  async function restart(part: Part): Promise<void> {
    switch (part) {
      case 'worker':
        worker?.kill()
        await worker?.exited
        worker = await conveyor.startWorker()
        return
      case 'api':
        api?.kill()
        await api?.exited
        api = (await conveyor.startApi({ PORT: apiPort })).child
        return
      case 'temporal':
        temporal.kill()
        await temporal.exited
        temporal = await temporalOf()
        return
      case 'postgres':
        postgres.kill()
        await postgres.exited
        postgres = await postgresOf()
        return
      default:
        return unreachable(part)
    }
  }

  try {
    await conveyor.org.set({ bulkRowsPerSecond: full ? 400 : 1_000, internalBatchRows: 250 })
    await restart('worker')
    await restart('api')
    const names = distinctNames(ROWS)
    const csv = ['Name', ...names].join('\n')
    const jobId = await submit(apiUrl, csv)

    for (let kill = 0; kill < KILLS; kill += 1) {
      const part = PARTS[kill % PARTS.length]
      if (part === undefined) throw new Error('No part to kill.')
      await sleep(randomInt(300, 2_500))
      kills[part] += 1
      await restart(part)
      // What a supervisor does: a part that gave up because another was away is started again.
      for (const [name, child] of [
        ['worker', worker],
        ['api', api],
      ] as const) {
        if ((child as Child | null)?.hasExited()) await restart(name)
      }
    }
    await until(
      async () => isTerminalBulkJobState((await conveyor.job(jobId)).state),
      full ? 600_000 : 180_000,
      'the end of the job',
    )
    const accounting = await accountFor(conveyor, jobId, names)
    print(accounting, kills)
    expectExact(accounting)
    expect(accounting.outcomes).toEqual({ success: ROWS, failed: 0, unprocessed: 0, unknown: 0 })
    const shown = (await (await fetch(`${apiUrl}/v1/bulk-jobs/${jobId}`)).json()) as {
      state: string
    }
    expect(shown.state).toBe('Completed')
  } finally {
    await conveyor.stop()
    await temporal.stop()
    await postgres.stop()
    await rm(directory, { recursive: true, force: true })
  }
})

/** As a careful caller does: with a key, and again until there is an answer. */
async function submit(apiUrl: string, csv: string): Promise<string> {
  const key = randomUUID()
  let jobId = ''
  await until(
    async () => {
      const response = await fetch(`${apiUrl}/v1/bulk-jobs?object=Account&operation=insert`, {
        method: 'POST',
        headers: { 'content-type': 'text/csv', 'idempotency-key': key },
        body: csv,
      })
      if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`)
      jobId = ((await response.json()) as { id: string }).id
      return true
    },
    120_000,
    'an accepted job',
  )
  return jobId
}

function print(accounting: Accounting, kills: Readonly<Record<Part, number>>): void {
  const told = Object.entries(kills).map(([part, count]) => `${part} ${count}`)
  process.stdout.write(
    `\nrows ${accounting.rows}  killed: ${told.join(', ')}  lost ${accounting.lost}  doubled ${accounting.doubled}  outcomes ${JSON.stringify(accounting.outcomes)}\n`,
  )
}

function unreachable(part: never): never {
  throw new Error(`Unknown part ${String(part)}`)
}
