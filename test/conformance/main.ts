import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ClientName, ClientRun } from './case-result.ts'
import type { RunClient } from './client-environment.ts'
import { jsforceClient } from './jsforce/run-jsforce.ts'
import { type JudgedRun, judge } from './judge.ts'
import { readKnownDifferences } from './known-difference.ts'
import { prepareOrg } from './prepare-org.ts'
import { markdownReport, terminalReport } from './report.ts'
import { type RunOptions, readOptions } from './run-options.ts'
import { startSimulatorProcess } from './running-simulator.ts'
import { runSalesforceCli } from './salesforce-cli/run-salesforce-cli.ts'
import { runSimpleSalesforce } from './simple-salesforce/run-simple-salesforce.ts'

// Runs clients that others wrote against the simulator:
//   node bin/node24.js test/conformance/main.ts [--client jsforce|sf|simple-salesforce] [--keep] [--save]
// The exit code is 1 when a case fails without a known reason, or passes in spite of one; 2 for
// options that it does not know.

const SAVED = fileURLToPath(new URL('../../docs/simulator-conformance.md', import.meta.url))

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function clientRunner(name: ClientName, options: RunOptions): RunClient {
  switch (name) {
    case 'jsforce':
      return jsforceClient(options.jsforceCheckout)
    case 'sf':
      return runSalesforceCli
    case 'simple-salesforce':
      return runSimpleSalesforce
  }
}

async function runOne(name: ClientName, options: RunOptions, folder: string): Promise<JudgedRun> {
  const run = clientRunner(name, options)
  mkdirSync(folder, { recursive: true })
  mkdirSync(options.cache, { recursive: true })
  // Each client has an org of its own: what one leaves behind must not decide about another's cases.
  const simulator = await startSimulatorProcess()
  try {
    say(`${name}: preparing the org at ${simulator.url}`)
    const unprepared = await prepareOrg(simulator)
    const found = await runToEnd(name, () => run({ simulator, folder, cache: options.cache, say }))
    return judge({ ...found, cases: [...unprepared, ...found.cases] }, readKnownDifferences())
  } finally {
    await simulator.close()
  }
}

/** A client that cannot be installed or breaks off is a failure of its own: the others still run. */
async function runToEnd(name: ClientName, run: () => Promise<ClientRun>): Promise<ClientRun> {
  try {
    return await run()
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    const cases = [{ suite: 'start', name: 'can be run', outcome: 'failed', detail } as const]
    return { client: name, title: `${name}, which could not be run`, cases }
  }
}

function optionsOrEnd(): RunOptions {
  try {
    return readOptions(process.argv.slice(2), process.env)
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
    return process.exit(2)
  }
}

const options = optionsOrEnd()
const folder = mkdtempSync(join(tmpdir(), 'simulator-conformance-'))
const runs: JudgedRun[] = []
for (const name of options.clients) runs.push(await runOne(name, options, join(folder, name)))

say(terminalReport(runs))
const page = markdownReport(runs, new Date().toISOString().slice(0, 10))
if (options.save) writeFileSync(SAVED, page)
const results = mkdtempSync(join(tmpdir(), 'simulator-conformance-results-'))
writeFileSync(join(results, 'conformance.md'), page)
writeFileSync(join(results, 'conformance.json'), `${JSON.stringify(runs, null, 2)}\n`)
say(`\nResults: ${results}`)
if (options.keep) say(`Folders of the clients: ${folder}`)
else rmSync(folder, { recursive: true, force: true })
const wrong = runs.some(
  (run) =>
    // A client of which no case ran says nothing about the simulator.
    run.ran === 0 ||
    run.cases.some(({ verdict }) => verdict === 'unexplained' || verdict === 'mended'),
)
process.exitCode = wrong ? 1 : 0
