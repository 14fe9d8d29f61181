import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BenchStack, startBenchStack } from '../bench-stack.ts'
import { UsageError } from '../command-line.ts'
import { measureBulkJobs } from './measure-bulk-jobs.ts'
import { type BulkBenchOptions, readBulkBenchOptions } from './options.ts'
import { renderReport } from './report.ts'
import { createUpstreamOrg } from './upstream-org.ts'

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url))
const EXIT_USAGE = 2

/** Runs `bench bulk` and returns the exit code: 1 where rows are missing or doubled, or a run fails. */
export async function runBulkBenchmark(args: readonly string[], usage: string): Promise<number> {
  try {
    return await run(readBulkBenchOptions(args))
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`${error.message}\n\n${usage}\n`)
    return EXIT_USAGE
  }
}

async function run(options: BulkBenchOptions): Promise<number> {
  const stack = await startBenchStack({ ...options, report: say })
  try {
    const { result, faults } = await measure(stack, options)
    const report = renderReport(result, options.upstreamRate)
    say(`\n${report}`)
    if (options.save) await save(report)
    for (const fault of faults) process.stderr.write(`Counts do not add up: ${fault}\n`)
    return faults.length === 0 ? 0 : 1
  } finally {
    await stack.stop()
  }
}

async function measure(stack: BenchStack, options: BulkBenchOptions) {
  const org = createUpstreamOrg({
    url: stack.orgUrl,
    database: stack.orgDatabase,
    rowsPerSecond: options.upstreamRate,
  })
  return measureBulkJobs({ stack, org, options, report: say })
}

async function save(report: string): Promise<void> {
  await mkdir(RESULTS, { recursive: true })
  const path = join(RESULTS, `bulk-${new Date().toISOString().slice(0, 10)}.md`)
  await writeFile(path, `${report}\n`)
  say(`\nWritten to ${path}`)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
