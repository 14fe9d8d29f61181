import { mkdir, writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../command-line.ts'
import { measureAcknowledgement } from './measure-acknowledgement.ts'
import { measureBacklog } from './measure-backlog.ts'
import { measureFirstAttempts } from './measure-first-attempts.ts'
import { measureIsolation } from './measure-isolation.ts'
import { measureThroughput } from './measure-throughput.ts'
import {
  readWebhookBenchOptions,
  type WebhookBenchOptions,
  type WebhookBenchPart,
} from './options.ts'
import { faultsOf, renderPlans, renderReport, type WebhookBenchResult } from './report.ts'
import { startWebhookStack, type WebhookStack } from './webhook-stack.ts'

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url))
const EXIT_USAGE = 2

/** Runs `bench webhooks` and returns the exit code: 1 where events are missing, or a run fails. */
export async function runWebhookBenchmark(args: readonly string[], usage: string): Promise<number> {
  try {
    return await run(readWebhookBenchOptions(args))
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`${error.message}\n\n${usage}\n`)
    return EXIT_USAGE
  }
}

async function run(options: WebhookBenchOptions): Promise<number> {
  const result = await measure(options)
  const report = renderReport(result)
  say(`\n${report}`)
  if (options.save) await save(report, renderPlans(result))
  const faults = faultsOf(result)
  for (const fault of faults) process.stderr.write(`Counts do not add up: ${fault}\n`)
  return faults.length === 0 ? 0 : 1
}

async function measure(options: WebhookBenchOptions): Promise<WebhookBenchResult> {
  const wants = (part: WebhookBenchPart) => options.parts.includes(part)
  const loadBefore = loadavg()[0] ?? Number.NaN
  say(`Load of the machine over the last minute: ${loadBefore.toFixed(1)}`)
  const withStack = options.parts.some((part) => part !== 'backlog')
  const onStack = withStack ? await measureOnStack(options, wants) : {}
  const backlog = wants('backlog') ? await measureBacklog(options, say) : undefined
  return { loadBefore, concurrency: options.concurrency, ...onStack, ...(backlog && { backlog }) }
}

async function measureOnStack(
  options: WebhookBenchOptions,
  wants: (part: WebhookBenchPart) => boolean,
): Promise<Partial<WebhookBenchResult>> {
  const stack: WebhookStack = await startWebhookStack({ ...options, report: say })
  try {
    const { eventRates: rates } = options
    return {
      ...(wants('acknowledgement') && {
        acknowledgement: await measureAcknowledgement(stack, options, say),
      }),
      ...(wants('attempts') && {
        attempts: await measureFirstAttempts(stack, { ...options, rates }, say),
      }),
      ...(wants('throughput') && { throughput: await measureThroughput(stack, options, say) }),
      ...(wants('isolation') && { isolation: await measureIsolation(stack, options, say) }),
    }
  } finally {
    await stack.stop()
  }
}

async function save(report: string, plans: string | null): Promise<void> {
  await mkdir(RESULTS, { recursive: true })
  const day = new Date().toISOString().slice(0, 10)
  const path = join(RESULTS, `webhooks-${day}.md`)
  await writeFile(path, `${report}\n`)
  say(`\nWritten to ${path}`)
  if (plans === null) return
  await writeFile(join(RESULTS, `webhooks-claim-plans-${day}.md`), `${plans}\n`)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
