import {
  ScheduleAlreadyRunning,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client'
import { ROLLUP_METRICS, type RollupInput } from '../contracts/rollup.ts'
import { taskQueue } from '../contracts/task-queues.ts'
import { rollupScheduleId } from '../contracts/workflow-ids.ts'
import type { TemporalConnection } from './connect.ts'

/** Of each metric two Schedules: today's figures every few minutes, and once a night the days that may have changed. */
const KINDS = [
  {
    kind: 'recent',
    spec: { intervals: [{ every: '5 minutes' }], jitter: '30 s' },
    // A run makes up for all that were missed.
    catchupWindow: '5 minutes',
    daysBefore: 0,
    summary: 'figures of today',
  },
  {
    kind: 'nightly',
    spec: { calendars: [{ hour: 1, minute: 41 }], jitter: '10 min' },
    catchupWindow: '1 day',
    daysBefore: 3,
    summary: 'figures of the last three days',
  },
] as const

/** Makes the Schedules of all rollups exist. Safe from several processes at once. */
export async function ensureRollupSchedules(
  temporal: TemporalConnection,
  installationId: string,
): Promise<void> {
  for (const metric of ROLLUP_METRICS) {
    for (const { kind, spec, catchupWindow, daysBefore, summary } of KINDS) {
      const scheduleId = rollupScheduleId(installationId, metric, kind)
      const input: RollupInput = { metric, mark: { kind: 'recent', daysBefore } }
      await ensure(temporal, {
        scheduleId,
        spec:
          'intervals' in spec
            ? { ...spec, intervals: [...spec.intervals] }
            : { ...spec, calendars: [...spec.calendars] },
        action: {
          type: 'startWorkflow',
          workflowType: 'rollup',
          workflowId: scheduleId,
          taskQueue: taskQueue(installationId, 'conveyor'),
          args: [input],
          staticSummary: `add up ${metric}: ${summary}`,
        },
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
      })
    }
  }
}

async function ensure(temporal: TemporalConnection, schedule: ScheduleOptions): Promise<void> {
  try {
    await temporal.schedules.create(schedule)
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error
  }
}
