import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type DayRange, INTEGRATION_DAYS } from '../contracts/rollup.ts'
import { DEFAULT_WORKSPACE_ID } from '../contracts/tenancy.ts'
import type { CommandContext } from './command.ts'
import { CommandError } from './command-error.ts'

const LOOK_MS = 500
/** Looks without an answer after which a person wants to know why nothing moves. */
const SILENT_LOOKS = 20
const DAY_MS = 86_400_000

/** `metrics backfill`: adds the figures of past days up again. @throws {CommandError} */
export async function runMetricsCommand(
  args: readonly string[],
  context: CommandContext,
): Promise<void> {
  const [verb, ...rest] = args
  if (verb !== 'backfill') throw new CommandError('metrics takes backfill.')
  const range = readRange(rest, new Date())
  const run = await context.openRollupRange('integration')
  if (!(await run.start(range))) {
    throw new Error(`${run.workflowId} is under way already. Wait for its end, or cancel it.`)
  }
  await context.database.system.appendAudit({
    ...{ workspaceId: DEFAULT_WORKSPACE_ID, actorKind: 'operator', actorId: null },
    ...{ action: 'metrics.backfill_started', subject: run.workflowId, outcome: 'success' },
    ...{ address: null, requestId: null, details: { ...range } },
  })
  context.note(`${run.workflowId} runs in Temporal; ending this command does not end it.`)
  let told = ''
  for (let silent = 0; ; await sleep(LOOK_MS)) {
    const { status, progress } = await run.look()
    if (progress === null) {
      silent += 1
      if (silent === SILENT_LOOKS)
        context.note('No worker answers. The run goes on once one is there.')
    } else {
      silent = 0
      const { done, failed, left } = progress
      const line = `${done} days added up, ${failed} failed, ${left} left`
      if (line !== told) context.note(line)
      told = line
    }
    if (status === 'COMPLETED') {
      context.print(`${range.from} to ${range.until}: ${told}`)
      return
    }
    if (status !== 'RUNNING') throw new Error(`${run.workflowId} ended ${status}. Start it again.`)
  }
}

function readRange(args: readonly string[], now: Date): DayRange {
  const { values } = parse(args)
  const oldest = dayOf(now.getTime() - (INTEGRATION_DAYS - 1) * DAY_MS)
  const today = dayOf(now.getTime())
  const from = values.from ?? oldest
  const until = values.until ?? today
  for (const [name, day] of [
    ['--from', from],
    ['--until', until],
  ] as const) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || dayOf(Date.parse(day)) !== day) {
      throw new CommandError(`${name} takes a day as ${today}.`)
    }
    if (day < oldest || day > today) {
      throw new CommandError(
        `${name} takes a day from ${oldest} to ${today}: what older figures were made of is not kept, so they stay as they are.`,
      )
    }
  }
  if (from > until) throw new CommandError('--from is after --until.')
  return { from, until }
}

function dayOf(time: number): string {
  return Number.isFinite(time) ? new Date(time).toISOString().slice(0, 10) : ''
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { from: { type: 'string' }, until: { type: 'string' } },
    })
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error))
  }
}
