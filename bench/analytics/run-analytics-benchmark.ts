import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { RollupSchema } from '../../contracts/http/analytics.ts'
import { createPool } from '../../db/pool.ts'
import { type BenchStack, startBenchStack } from '../bench-stack.ts'
import { UsageError, wholeNumber } from '../command-line.ts'
import { watchOthers } from '../machine-load.ts'
import { count, machine, percent, seconds, table } from '../markdown.ts'
import { fillMirror } from './fill-mirror.ts'

const MOST_ROWS = 10_000_000
const LOOK_AGAIN_MS = 200
const ENHANCED = '/api/salesforce/analytics/enhanced?user_id=bench&date_range=1y'

/** Measures the rollup of one mirror, and answers made of it; 1 where an answer is not as it must be. */
export async function runAnalyticsBenchmark(args: string[], usage: string): Promise<number> {
  let options: { readonly rows: number; readonly requests: number; readonly keep: boolean }
  try {
    const { values } = parseArgs({
      args,
      options: {
        rows: { type: 'string', default: '200000' },
        requests: { type: 'string', default: '200' },
        keep: { type: 'boolean' },
      },
    })
    options = {
      rows: wholeNumber('--rows', values.rows, MOST_ROWS),
      requests: wholeNumber('--requests', values.requests, 100_000),
      keep: values.keep === true,
    }
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof TypeError)) throw error
    process.stderr.write(`${error.message}\n\n${usage}\n`)
    return 2
  }
  const report = (line: string) => process.stdout.write(`${line}\n`)
  const stack = await startBenchStack({ keep: options.keep, profileDirectory: null, report })
  try {
    return await measure(stack, options.rows, options.requests, report)
  } finally {
    await stack.stop()
  }
}

async function measure(
  stack: BenchStack,
  rows: number,
  requests: number,
  report: (line: string) => void,
): Promise<number> {
  const pool = await createPool({ databaseUrl: stack.databaseUrl, size: 1, onError: () => {} })
  try {
    await fillMirror(pool, rows)
  } finally {
    await pool.end()
  }
  report(`${count(rows)} opportunities are in the mirror`)
  const others = watchOthers()
  const first = await rebuild(stack)
  const again = await rebuild(stack)
  const fromRollups = await time(stack, `${ENHANCED}&cache=false`, requests)
  const fromCache = await time(stack, ENHANCED, requests)
  const winRate = await time(stack, '/v1/analytics/win-rate?period=90d', Math.ceil(requests / 10))
  const share = others()
  report(`\n${machine()}; others' CPU ${share === null ? 'unknown' : percent(share)}\n`)
  report(
    table(
      ['rollup of everything', 's'],
      [
        ['first', seconds(first)],
        ['again', seconds(again)],
      ],
    ),
  )
  report(
    table(
      ['answer', 'p50 ms', 'p95 ms', 'p99 ms'],
      [
        ['enhanced, 1y, from rollups', ...fromRollups],
        ['enhanced, 1y, from the cache', ...fromCache],
        ['win-rate, 90d, from rows', ...winRate],
      ],
    ),
  )
  return 0
}

/** All sums and results, from the wish to the end. */
async function rebuild({ apiUrl }: BenchStack): Promise<number> {
  const url = `${apiUrl}/v1/connections/default/analytics`
  const began = performance.now()
  const wished = new Date().toISOString()
  const answer = await fetch(`${url}/rebuild`, { method: 'POST' })
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`)
  for (;;) {
    const rollup = RollupSchema.parse(await (await fetch(url)).json())
    const isDone = rollup.waiting_days === 0 && (rollup.computed_at ?? '') > wished
    if (isDone) return performance.now() - began
    await sleep(LOOK_AGAIN_MS)
  }
}

/** Percentiles of requests one after another, after some that warm up. */
async function time({ apiUrl }: BenchStack, path: string, requests: number): Promise<string[]> {
  const times: number[] = []
  for (let request = -10; request < requests; request += 1) {
    const began = performance.now()
    const answer = await fetch(apiUrl + path)
    await answer.arrayBuffer()
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`)
    if (request >= 0) times.push(performance.now() - began)
  }
  times.sort((a, b) => a - b)
  return [0.5, 0.95, 0.99].map((share) =>
    (times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? Number.NaN).toFixed(1),
  )
}
