import { createHash } from 'node:crypto'
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client'
import type { MetadataInput } from '../contracts/metadata.ts'
import { taskQueue } from '../contracts/task-queues.ts'
import { metadataScheduleId } from '../contracts/workflow-ids.ts'
import type { TemporalConnection } from './connect.ts'

/** Of the time between two runs: connections that were made together do not ask together. */
const JITTER_SHARE = 0.1
const LONGEST_JITTER_MS = 3_600_000

/**
 * Makes the Schedule of a connection be there at this pace. A new one runs at once, so that an org that was just
 * connected is known soon. Safe to repeat, and from several processes at once.
 */
export async function ensureMetadataSchedule(
  temporal: TemporalConnection,
  installationId: string,
  { connectionId, workspaceId }: MetadataInput,
  seconds: number,
): Promise<void> {
  const scheduleId = metadataScheduleId(installationId, connectionId)
  const every = seconds * 1_000
  const input: MetadataInput = { connectionId, workspaceId }
  const spec: ScheduleOptions['spec'] = {
    intervals: [{ every, offset: placeOf(connectionId) % every }],
    jitter: Math.min(every * JITTER_SHARE, LONGEST_JITTER_MS),
  }
  const policies = {
    overlap: ScheduleOverlapPolicy.SKIP,
    // The default of a year would run once for every day that the server was down.
    catchupWindow: Math.min(every, 86_400_000),
  }
  try {
    await temporal.schedules.create({
      ...{ scheduleId, spec, policies },
      action: {
        type: 'startWorkflow',
        workflowType: 'refreshMetadata',
        workflowId: scheduleId,
        taskQueue: taskQueue(installationId, 'conveyor'),
        args: [input],
        staticSummary: `refresh the metadata of ${connectionId}`,
      },
      state: { triggerImmediately: true },
    })
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error
    // An operator who paused it means it: only the pace is set.
    await temporal.schedules.getHandle(scheduleId).update((previous) => ({ ...previous, spec }))
  }
}

/** Removes it where it is there. */
export async function removeMetadataSchedule(
  temporal: TemporalConnection,
  installationId: string,
  connectionId: string,
): Promise<void> {
  try {
    await temporal.schedules.getHandle(metadataScheduleId(installationId, connectionId)).delete()
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error
  }
}

/** Has it run now, unless it is running. False where there is none. */
export async function triggerMetadataSchedule(
  temporal: TemporalConnection,
  installationId: string,
  connectionId: string,
): Promise<boolean> {
  const handle = temporal.schedules.getHandle(metadataScheduleId(installationId, connectionId))
  try {
    await handle.trigger(ScheduleOverlapPolicy.SKIP)
    return true
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false
    throw error
  }
}

/** A number that stays the same for a connection. */
function placeOf(connectionId: string): number {
  return createHash('sha256').update(connectionId).digest().readUInt32BE(0)
}
