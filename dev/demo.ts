import { setTimeout as sleep } from 'node:timers/promises'
import { isTerminalBulkJobState } from '../contracts/bulk-job.ts'
import type { BulkJobBody, ResultRow } from '../contracts/http/bulk-jobs.ts'
import { type AccountRow, type DemoRows, readDemoRows } from './demo/airport-rows.ts'
import { type ApiClient, createApiClient, DemoProblem } from './demo/api-client.ts'
import { type OwnStack, startOwnStack } from './demo/own-stack.ts'
import { createProgressBar } from './demo/progress-bar.ts'

const baseUrl = `http://127.0.0.1:${process.env['PORT'] ?? '5058'}`

/** Loads 3,376 airports and a few flawed rows, corrects what failed, and checks that every row is accounted for. */
async function demo(api: ApiClient): Promise<void> {
  const rows = await readDemoRows()
  say(
    `\nInserting ${rows.total.toLocaleString('en')} rows as Accounts; ${rows.flawed.size} of them cannot work.`,
  )
  const job = await follow(api, await api.insertAccounts(rows.csv))
  sayCounts(job)
  expectCounts(job, {
    total: rows.total,
    success: rows.total - rows.flawed.size,
    failed: rows.flawed.size,
  })

  const failed = await api.failedRows(job.id)
  say('\nRows that Salesforce refused:')
  for (const row of failed) sayFailed(row, rows)
  expectSame(
    failed.map((row) => row.row_number),
    [...rows.flawed.keys()],
  )

  say('\nSending the corrected rows again:')
  const retry = await follow(
    api,
    await api.retry(
      job.id,
      failed.map((row) => corrected(row, rows)),
    ),
  )
  sayCounts(retry)
  expectCounts(retry, { total: failed.length, success: failed.length, failed: 0 })

  say('\nEvery row is accounted for.')
  for (const [label, one] of [
    ['job', job],
    ['retry', retry],
  ] as const) {
    say(`  ${label.padEnd(6)} ${one.links.temporal_ui ?? '(no Temporal UI configured)'}`)
    say(`  ${''.padEnd(6)} ${baseUrl}${pathOf(one.links.self)}`)
    say(`  ${''.padEnd(6)} ${baseUrl}${pathOf(one.links.results)}`)
  }
}

async function follow(api: ApiClient, accepted: BulkJobBody): Promise<BulkJobBody> {
  const bar = createProgressBar(process.stdout)
  say(`  ${accepted.id}`)
  for (;;) {
    const job = await api.job(accepted.id)
    bar.draw(job)
    if (isTerminalBulkJobState(job.state)) {
      bar.end()
      return job
    }
    if (job.blocked) {
      bar.end()
      throw new DemoProblem(`The job is blocked: ${job.blocked.detail} ${job.blocked.remedy}`)
    }
    await sleep(200)
  }
}

function corrected(
  failed: ResultRow,
  rows: DemoRows,
): { row_number: number; record: Partial<AccountRow> } {
  const flawed = rows.flawed.get(failed.row_number)
  if (!flawed) throw new DemoProblem(`Row ${failed.row_number} failed and was not meant to.`)
  const record = { ...flawed.row, ...flawed.correction }
  // An empty value would clear the field; the row means to leave it alone.
  const kept = Object.entries(record).filter(([, value]) => value !== '')
  return { row_number: failed.row_number, record: Object.fromEntries(kept) }
}

function sayFailed(row: ResultRow, rows: DemoRows): void {
  const flaw = rows.flawed.get(row.row_number)?.flaw ?? 'unexpected'
  say(
    `  row ${String(row.row_number).padStart(4)}  ${flaw.padEnd(28)} ${row.error_code}: ${row.error_message}`,
  )
}

function sayCounts({ counts }: BulkJobBody): void {
  say(
    `  ${counts.success.toLocaleString('en')} success, ${counts.failed} failed, ${counts.unprocessed} unprocessed, ${counts.unknown} unknown`,
  )
}

function expectCounts(
  job: BulkJobBody,
  wanted: { total: number; success: number; failed: number },
): void {
  const { counts } = job
  const adds = counts.success + counts.failed + counts.unprocessed + counts.unknown === counts.total
  if (
    adds &&
    counts.total === wanted.total &&
    counts.success === wanted.success &&
    counts.failed === wanted.failed
  ) {
    return
  }
  throw new DemoProblem(
    `The counts do not add up: wanted ${JSON.stringify(wanted)}, got ${JSON.stringify(counts)}.`,
  )
}

function expectSame(got: readonly number[], wanted: readonly number[]): void {
  if (JSON.stringify([...got].sort()) !== JSON.stringify([...wanted].sort())) {
    throw new DemoProblem(`Rows ${got.join(', ')} failed; ${wanted.join(', ')} were meant to.`)
  }
}

function pathOf(link: string): string {
  return link.startsWith('/') ? link : new URL(link).pathname
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

const api = createApiClient(baseUrl)
let stack: OwnStack | null = null
try {
  if (!(await api.isUp())) stack = await startOwnStack()
  await demo(api)
  if (stack && process.stdout.isTTY) {
    say('\nThe stack runs on, so that the links work. Ctrl-C stops it.')
    await stack.exited
  }
} catch (error) {
  if (!(error instanceof DemoProblem)) throw error
  process.stderr.write(`\n${error.message}\n`)
  process.exitCode = 1
} finally {
  await stack?.stop()
}
