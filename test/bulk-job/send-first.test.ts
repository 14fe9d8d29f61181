import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountFor, distinctNames, expectExact } from '../setup/accounting.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'

const ROWS_A_LOAD = 20
const LOADS = 36
/** More than a process has places for transfers: sends and settles wait for one. */
const LANES = 16

let conveyor: TestConveyor

beforeAll(async () => {
  conveyor = await startTestConveyor({
    environment: {
      CONVEYOR_LOAD_MAX_ROWS: String(ROWS_A_LOAD),
      CONVEYOR_BULK_LANES: String(LANES),
    },
  })
  await conveyor.startWorker()
})
afterAll(() => conveyor.stop())

interface Step {
  readonly name: string
  readonly scheduled: number
  readonly started: number
  readonly priority: number | undefined
}

/** The steps of a run that ended, each with the times at which it was asked for and begun, in milliseconds. */
async function stepsOf(jobId: string): Promise<readonly Step[]> {
  const { client } = conveyor.temporal
  const { events } = await client.workflow.getHandle(conveyor.workflowId(jobId)).fetchHistory()
  const scheduled = new Map<string, Omit<Step, 'started'>>()
  const steps: Step[] = []
  for (const event of events ?? []) {
    const at = Number(event.eventTime?.seconds) * 1_000 + Number(event.eventTime?.nanos) / 1e6
    const asked = event.activityTaskScheduledEventAttributes
    if (asked) {
      const name = String(asked.activityType?.name)
      const priority = asked.priority?.priorityKey ?? undefined
      scheduled.set(String(event.eventId), { name, scheduled: at, priority })
    }
    const step = scheduled.get(String(event.activityTaskStartedEventAttributes?.scheduledEventId))
    if (step) steps.push({ ...step, started: at })
  }
  return steps
}

test('where places for transfers are short, loads are sent before others are settled', async () => {
  await conveyor.org.addFault({
    match: { call: 'bulk.results' },
    times: 'always',
    action: { type: 'delay', ms: 600 },
  })
  const names = distinctNames(LOADS * ROWS_A_LOAD)
  const jobId = await conveyor.stage(
    { columns: ['Name'], rows: names.map((name) => [name]) },
    { batchRows: ROWS_A_LOAD },
  )
  expect((await conveyor.waitForEnd(jobId)).state).toBe('Completed')
  expectExact(await accountFor(conveyor, jobId, names))

  const steps = await stepsOf(jobId)
  const sends = steps.filter(({ name }) => name === 'sendLoad')
  const settles = steps.filter(({ name }) => name === 'settleLoad')
  expect(sends.length).toBe(LOADS)
  expect(new Set(sends.map(({ priority }) => priority))).toEqual(new Set([2]))
  // Places were short.
  expect(
    settles.filter(({ scheduled, started }) => started - scheduled > 500).length,
  ).toBeGreaterThan(4)
  // Tasks are spread over partitions, each in order for itself: not every send goes first, but they wait less.
  // In the order in which they come, they wait longer.
  expect(meanWait(sends)).toBeLessThan(meanWait(settles) * 0.75)
})

function meanWait(steps: readonly Step[]): number {
  const waits = steps.map(({ scheduled, started }) => started - scheduled)
  return waits.reduce((sum, wait) => sum + wait, 0) / waits.length
}
