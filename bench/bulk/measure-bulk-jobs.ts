import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig } from '../../config/environment.ts'
import type { BenchStack } from '../bench-stack.ts'
import { watchOthers } from '../machine-load.ts'
import { accountRecords, writeAccountCsv } from './account-rows.ts'
import type { ClientRun, ClientTask } from './client-run.ts'
import type { BulkBenchResult, CaseResult, Measured } from './measurements.ts'
import { type BenchCase, type BulkBenchOptions, COMPARED_ROWS } from './options.ts'
import { renderCase } from './report.ts'
import { runClient } from './run-client.ts'
import { type ConveyorRun, runConveyor, runLegacyJob } from './run-conveyor.ts'
import type { UpstreamOrg } from './upstream-org.ts'

const PLAIN_CLIENT = new URL('../plain-bulk-client.ts', import.meta.url)
const JSFORCE_CLIENT = new URL('../jsforce-client.ts', import.meta.url)
const LEGACY_ROWS = 10_000
const LEGACY_RUNS = 3
/** The first job asks for the describe and compiles code; no later one does. */
const WARM_UP_ROWS = 1_000
/** Lets the databases finish what the last run left them to do. */
const PAUSE_MS = 3_000

export interface BulkBench {
  readonly stack: BenchStack
  readonly org: UpstreamOrg
  readonly options: BulkBenchOptions
  report(line: string): void
}

/** Runs all cases and the legacy job. `faults` says which counts did not add up. */
export async function measureBulkJobs(
  bench: BulkBench,
): Promise<{ result: BulkBenchResult; faults: readonly string[] }> {
  const { stack, org, options, report } = bench
  const faults: string[] = []
  // The bounds and lanes that the stack runs with: those of an environment that sets none.
  const { bulk, salesforce } = loadConfig({ DATABASE_URL: stack.databaseUrl })

  /** One run on an emptied org, and what the org holds after it. */
  async function onEmptyOrg<T extends { readonly wallMs: number }>(
    name: string,
    rows: number,
    successesOf: (run: T) => number,
    perform: () => Promise<T>,
  ): Promise<Measured<T>> {
    await org.reset()
    await sleep(PAUSE_MS)
    const watch = watchOthers()
    const run = await perform()
    const othersShare = watch()
    const upstream = await org.totals()
    const held = await org.countAccounts()
    const successes = successesOf(run)
    if (successes !== rows || held !== rows) {
      faults.push(`${name}: ${rows} rows, ${successes} reported as written, ${held} in the org`)
    }
    report(`${name}: ${(run.wallMs / 1000).toFixed(2)} s`)
    return { run, upstream, othersShare }
  }

  const ofJob = ({ job }: ConveyorRun) => (job.total === job.success ? job.success : -1)
  const ofClient = (run: ClientRun) => (run.failed + run.unprocessed === 0 ? run.successful : -1)

  async function measureCase({ rows, keyed }: BenchCase): Promise<CaseResult> {
    const name = `${rows.toLocaleString('en')} rows ${keyed ? 'with' : 'without'} keys`
    const csv = join(stack.scratchDirectory, 'accounts.csv')
    const csvBytes = await writeAccountCsv(csv, rows, keyed)
    const conveyor: Measured<ConveyorRun>[] = []
    const plain: Measured<ClientRun>[] = []
    const jsforce: Measured<ClientRun>[] = []

    const client = async (script: URL) => {
      const directory = join(stack.scratchDirectory, 'results')
      await mkdir(directory, { recursive: true })
      const task: ClientTask = {
        orgUrl: stack.orgUrl,
        ...stack.client,
        apiVersion: salesforce.apiVersion,
        csv,
        directory,
        maxRows: bulk.loadMaxRows,
        maxBytes: bulk.loadMaxBytes,
        lanes: bulk.lanes,
      }
      try {
        return await runClient(script, task)
      } finally {
        await rm(directory, { recursive: true })
      }
    }
    const turns = [
      async () => {
        const run = () => runConveyor(stack, csv, keyed)
        conveyor.push(await onEmptyOrg(`Conveyor, ${name}`, rows, ofJob, run))
      },
      async () => {
        const run = () => client(PLAIN_CLIENT)
        plain.push(await onEmptyOrg(`plain client, ${name}`, rows, ofClient, run))
      },
    ]
    for (let round = 0; round < options.repeat; round += 1) {
      // Who goes first alternates, so that no side always finds warm caches.
      for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn()
      if (rows === COMPARED_ROWS && keyed) {
        const run = () => client(JSFORCE_CLIENT)
        jsforce.push(await onEmptyOrg(`jsforce, ${name}`, rows, ofClient, run))
      }
    }
    await rm(csv)
    const result: CaseResult = { rows, keyed, csvBytes, conveyor, plain, jsforce }
    report(`\n${renderCase(result)}\n`)
    return result
  }

  async function measureLegacy(rows: number): Promise<Measured<ConveyorRun>> {
    const records = accountRecords(rows)
    return onEmptyOrg(`legacy job, ${rows} records`, rows, ofJob, () =>
      runLegacyJob(stack, records),
    )
  }

  await measureLegacy(WARM_UP_ROWS)
  const legacy: Measured<ConveyorRun>[] = []
  while (legacy.length < LEGACY_RUNS) legacy.push(await measureLegacy(LEGACY_ROWS))
  const cases: CaseResult[] = []
  for (const one of options.cases) cases.push(await measureCase(one))
  return { result: { cases, legacyRows: LEGACY_ROWS, legacy }, faults }
}
