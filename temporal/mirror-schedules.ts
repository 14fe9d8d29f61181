import { createHash } from 'node:crypto'
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client'
import type { MirrorInput } from '../contracts/mirror.ts'
import { taskQueue } from '../contracts/task-queues.ts'
import { mirrorScheduleId } from '../contracts/workflow-ids.ts'
import type { TemporalConnection } from './connect.ts'

const DEADLINE_MS = 5_000
const LONGEST_JITTER_MS = 5 * 60_000

export interface MirrorSchedules {
  /** Makes it exist as it should be; a new one begins its first run at once. */
  ensure(input: MirrorInput, everyMs: number): Promise<void>
  remove(connectionId: string): Promise<void>
  /** A run that begins from now on: after the one that is under way, if there is one. */
  pull(input: MirrorInput): Promise<void>
}

/** One Schedule a connection. All can be repeated, from several processes at once. */
export function createMirrorSchedules(
  temporal: TemporalConnection,
  installationId: string,
  options: {
    /** Rejects where the namespace is another installation's, before anything is done there. */
    readonly requireOwn: () => Promise<void>
  },
): MirrorSchedules {
  const { client, schedules } = temporal
  const queue = taskQueue(installationId, 'conveyor')

  function soon<T>(call: () => Promise<T>): Promise<T> {
    return client.connection.withDeadline(Date.now() + DEADLINE_MS, async () => {
      await options.requireOwn()
      return call()
    })
  }

  const actionOf = ({ workspaceId, connectionId }: MirrorInput) => ({
    type: 'startWorkflow' as const,
    workflowType: 'syncMirror',
    workflowId: mirrorScheduleId(installationId, connectionId),
    taskQueue: queue,
    args: [{ workspaceId, connectionId }],
    staticSummary: `pull the mirror of ${connectionId}`,
  })

  return {
    ensure: (input, everyMs) =>
      soon(async () => {
        const scheduleId = mirrorScheduleId(installationId, input.connectionId)
        const made = {
          action: actionOf(input),
          spec: specOf(input.connectionId, everyMs),
          policies: {
            overlap: ScheduleOverlapPolicy.SKIP,
            // One run pulls all that several would have.
            catchupWindow: everyMs,
          },
        } satisfies Omit<ScheduleOptions, 'scheduleId'>
        try {
          await schedules.create({ ...made, scheduleId, state: { triggerImmediately: true } })
        } catch (error) {
          if (!(error instanceof ScheduleAlreadyRunning)) throw error
          // What a person paused stays so.
          await schedules
            .getHandle(scheduleId)
            .update((found) => ({ ...found, ...made, state: found.state }))
        }
      }),

    remove: (connectionId) =>
      soon(async () => {
        try {
          await schedules.getHandle(mirrorScheduleId(installationId, connectionId)).delete()
        } catch (error) {
          if (!(error instanceof ScheduleNotFoundError)) throw error
        }
      }),

    pull: (input) =>
      soon(async () => {
        const { connectionId } = input
        try {
          await schedules
            .getHandle(mirrorScheduleId(installationId, connectionId))
            .trigger(ScheduleOverlapPolicy.BUFFER_ONE)
        } catch (error) {
          if (!(error instanceof ScheduleNotFoundError)) throw error
          // Without a Schedule: there are none, or it is still to be made.
          const { workflowId, taskQueue, args, staticSummary } = actionOf(input)
          await client.workflow.start('syncMirror', {
            ...{ workflowId, taskQueue, args, staticSummary },
            workflowIdConflictPolicy: 'USE_EXISTING',
            workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          })
        }
      }),
  }
}

/** Spread over the interval by the connection, the same at each start, so that orgs and the database are not all asked at once. */
function specOf(connectionId: string, everyMs: number): ScheduleOptions['spec'] {
  const share = createHash('sha256').update(connectionId).digest().readUInt32BE(0) / 2 ** 32
  // Temporal counts in whole seconds.
  const every = Math.max(1_000, Math.round(everyMs / 1_000) * 1_000)
  return {
    intervals: [{ every, offset: Math.floor((share * every) / 1_000) * 1_000 }],
    jitter: Math.min(LONGEST_JITTER_MS, Math.floor(every / 10)),
  }
}
