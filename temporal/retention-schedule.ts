import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client'
import { taskQueue } from '../contracts/task-queues.ts'
import { retentionScheduleId } from '../contracts/workflow-ids.ts'
import type { TemporalConnection } from './connect.ts'

/** Makes the daily retention Schedule exist. Safe from several processes at once. */
export async function ensureRetentionSchedule(
  temporal: TemporalConnection,
  installationId: string,
): Promise<void> {
  const scheduleId = retentionScheduleId(installationId)
  try {
    await temporal.schedules.create({
      scheduleId,
      spec: { calendars: [{ hour: 3, minute: 17 }], jitter: '30 min' },
      action: {
        type: 'startWorkflow',
        workflowType: 'retention',
        workflowId: scheduleId,
        taskQueue: taskQueue(installationId, 'conveyor'),
        args: [],
        staticSummary: 'remove content past its time',
      },
      policies: {
        overlap: ScheduleOverlapPolicy.SKIP,
        // The default of a year would run once for every day that the server was down.
        catchupWindow: '1 day',
      },
    })
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error
  }
}
