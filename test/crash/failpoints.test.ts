import { afterAll, expect, test } from 'vitest'
import { type Accounting, accountFor, distinctNames, expectExact } from '../setup/accounting.ts'
import { startTestConveyor } from '../setup/conveyor.ts'

/** Every place where a worker is killed: before and after each announced state and each call of a load. */
const FAILPOINTS = [
  'prepare.before-plan',
  'prepare.after-plan',
  'prepare.after',
  'lease.before-lane',
  'lease.after-lane',
  'send.before-creating',
  'send.after-creating',
  'send.before-create-call',
  'send.after-create-call',
  'send.after-created',
  'send.before-uploading',
  'send.after-uploading',
  'send.after-upload-call',
  'send.after-uploaded',
  'send.before-closing',
  'send.after-closing',
  'send.before-close-call',
  'send.after-close-call',
  'send.after-sent',
  'poll.before-get',
  'poll.after-get',
  'settle.before-results',
  'settle.after-results',
  'settle.before-outcomes',
  'settle.after-outcomes',
  'finish.before-state',
  'finish.after-state',
] as const

/** A few in every run of the tests, all of them in `npm run test:crash`. */
const SHORT = [
  'send.after-create-call',
  'send.after-upload-call',
  'send.after-close-call',
  'poll.after-get',
  'settle.before-outcomes',
]
const chosen = process.env['CRASH_SUITE'] === 'full' ? FAILPOINTS : SHORT

/** Heartbeats stop with the worker, so its work is taken up in seconds; no step's whole time-out passes first. */
const TAKEN_UP_WITHIN_MS = 60_000

/** Two loads of 200 rows, with two rows that must fail. */
const NAMES = [...distinctNames(399), '']

const figures: [failpoint: string, accounting: Accounting][] = []
afterAll(() => printTable(figures))

test.concurrent.each(chosen)(
  'killed at %s: every row once',
  { timeout: 180_000 },
  async (failpoint) => {
    const conveyor = await startTestConveyor({ environment: { CONVEYOR_LOAD_MAX_ROWS: '200' } })
    try {
      const doomed = await conveyor.startWorker({ CONVEYOR_FAILPOINT: failpoint })
      const jobId = await conveyor.stage({
        columns: ['Name', 'BillingCity'],
        rows: NAMES.map((name) => [name, 'Boston']),
      })
      expect(await doomed.exited).toMatch(/SIGKILL/)
      await conveyor.startWorker()
      await conveyor.waitForEnd(jobId, TAKEN_UP_WITHIN_MS)
      const accounting = await accountFor(conveyor, jobId, NAMES)
      figures.push([failpoint, accounting])
      expectExact(accounting)
      expect(accounting.outcomes).toEqual({ success: 399, failed: 1, unprocessed: 0, unknown: 0 })
    } finally {
      await conveyor.stop()
    }
  },
)

function printTable(rows: readonly (readonly [string, Accounting])[]): void {
  const lines = rows.map(
    ([failpoint, { rows: count, lost, doubled, hidden, outcomes }]) =>
      `${failpoint.padEnd(26)} ${String(count).padStart(5)} ${String(lost).padStart(5)} ${String(doubled).padStart(8)} ${String(hidden).padStart(7)}  ${outcomes.success}/${outcomes.failed}/${outcomes.unprocessed}/${outcomes.unknown}`,
  )
  process.stdout.write(
    `\nworker killed at             rows  lost  doubled  hidden  success/failed/unprocessed/unknown\n${lines.join('\n')}\n`,
  )
}
