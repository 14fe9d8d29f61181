import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type MirrorBody, MirrorSchema } from '../../contracts/http/mirror.ts'
import { type BenchStack, startBenchStack } from '../bench-stack.ts'
import { UsageError, wholeNumber } from '../command-line.ts'
import { watchOthers } from '../machine-load.ts'
import { count, machine, percent, seconds, table } from '../markdown.ts'
import { createOrgClient } from '../simulator/org-client.ts'

const MOST_ROWS = 10_000_000
/** Within what one upstream job takes. */
const ROWS_A_JOB = 500_000
const MORE_ROWS = 1_000
const LOOK_AGAIN_MS = 200

interface Measured {
  readonly what: string
  readonly ms: number
  readonly changed: number
  readonly calls: number
}

/** Measures the pull of one org's rows; 1 where rows are missing. */
export async function runMirrorBenchmark(args: string[], usage: string): Promise<number> {
  let options: { readonly rows: number; readonly keep: boolean }
  try {
    const { values } = parseArgs({
      args,
      options: { rows: { type: 'string', default: '200000' }, keep: { type: 'boolean' } },
    })
    options = {
      rows: wholeNumber('--rows', values.rows, MOST_ROWS),
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
    return await measure(stack, options.rows, report)
  } finally {
    await stack.stop()
  }
}

async function measure(
  stack: BenchStack,
  rows: number,
  report: (line: string) => void,
): Promise<number> {
  const others = watchOthers()
  for (let from = 0; from < rows; from += ROWS_A_JOB) {
    await addOpportunities(stack, from, Math.min(ROWS_A_JOB, rows - from))
  }
  report(`${count(rows)} opportunities are in the org`)
  const measured: Measured[] = []
  async function measureOne(what: string, reconcile: boolean): Promise<void> {
    const one = await pull(stack, what, reconcile)
    measured.push(one)
    report(`${what}: ${seconds(one.ms)} s, ${count(one.calls)} calls`)
  }
  await measureOne('first load', false)
  await measureOne('nothing changed', false)
  await addOpportunities(stack, rows, MORE_ROWS)
  await measureOne(`${count(MORE_ROWS)} new opportunities`, false)
  await measureOne('all rows again', true)
  const share = others()
  report(`\n${machine()}; others' CPU ${share === null ? 'unknown' : percent(share)}\n`)
  report(
    table(
      ['run', 's', 'calls', 'rows changed', 'rows/s'],
      measured.map(({ what, ms, calls, changed }) => [
        what,
        seconds(ms),
        count(calls),
        count(changed),
        count(Math.round((changed * 1_000) / ms)),
      ]),
    ),
  )
  const mirrored = opportunitiesOf(await look(stack))?.rows
  if (mirrored === rows + MORE_ROWS) return 0
  report(`The mirror holds ${mirrored} opportunities of ${rows + MORE_ROWS}.`)
  return 1
}

async function addOpportunities(stack: BenchStack, from: number, rows: number): Promise<void> {
  const csv = join(stack.scratchDirectory, `opportunities-${from}.csv`)
  await pipeline(Readable.from(lines(from, rows)), createWriteStream(csv))
  const client = await createOrgClient(stack.orgUrl, stack.client)
  const written = await client.waitForJob('ingest', await client.upload('Opportunity', csv))
  if (written !== rows) throw new Error(`The org took ${written} opportunities of ${rows}.`)
}

function* lines(from: number, rows: number): Generator<string> {
  yield 'Name,StageName,CloseDate,Amount,LeadSource\n'
  for (let n = from; n < from + rows; n += 1) {
    const stage = n % 4 === 0 ? 'Closed Won' : 'Prospecting'
    yield `Opportunity ${n},${stage},2026-${String((n % 12) + 1).padStart(2, '0')}-15,${n % 50_000},Web\n`
  }
}

/** One run, from the wish to its end. */
async function pull(stack: BenchStack, what: string, reconcile: boolean): Promise<Measured> {
  const began = performance.now()
  const answer = await fetch(`${stack.apiUrl}${PATH}/refresh`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ reconcile }),
  })
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`)
  for (;;) {
    const mirror = await look(stack)
    const { run, objects } = mirror
    if (!run.asked_for && run.state !== 'running') {
      if (run.state !== 'idle') throw new Error(`The run is ${run.state}: ${run.detail}`)
      const sum = (of: (each: (typeof objects)[number]) => number) =>
        objects.reduce((total, each) => total + of(each), 0)
      return {
        ...{ what, ms: performance.now() - began },
        ...{ changed: sum(({ changed }) => changed), calls: sum(({ calls }) => calls) },
      }
    }
    await sleep(LOOK_AGAIN_MS)
  }
}

const PATH = '/v1/connections/default/mirror'

async function look({ apiUrl }: BenchStack): Promise<MirrorBody> {
  return MirrorSchema.parse(await (await fetch(apiUrl + PATH)).json())
}

function opportunitiesOf({ objects }: MirrorBody): MirrorBody['objects'][number] | undefined {
  return objects.find(({ object }) => object === 'Opportunity')
}
