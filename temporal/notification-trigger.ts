import type { NotificationInput } from '../contracts/notification.ts'
import { taskQueue } from '../contracts/task-queues.ts'
import { notificationWorkflowId } from '../contracts/workflow-ids.ts'
import type { TemporalConnection } from './connect.ts'

/** A caller of the API may wait for it. */
const DEADLINE_MS = 2_000
/** Of a process and channel: signals of one workflow are bounded, and one wakes it for all that waits. */
const AT_MOST_EVERY_MS = 1_000

export interface NotificationTrigger {
  /**
   * Wakes the channels' workflows: at once, and then once a second at most. Never throws and waits for nothing: what
   * Temporal does not hear of, `createNotificationSweep` finds.
   */
  trigger(workspaceId: string, channelIds: readonly string[]): void
  /** Wakes one, now. Rejects where Temporal does not answer. */
  wake(input: NotificationInput): Promise<void>
  /** Forgets what was to be triggered later. */
  stop(): void
}

export function createNotificationTrigger(
  temporal: TemporalConnection,
  installationId: string,
  options: {
    /** Rejects where the namespace is another installation's, before anything is done there. */
    readonly requireOwn: () => Promise<void>
    readonly logger: { warn(fields: object, message: string): void }
    readonly atMostEveryMs?: number
  },
): NotificationTrigger {
  const { client } = temporal
  const everyMs = options.atMostEveryMs ?? AT_MOST_EVERY_MS
  /** Channels that were triggered within the last second; true where they are to be again. */
  const recent = new Map<string, { again: boolean; timer: NodeJS.Timeout }>()
  let isTold = false

  async function wake(input: NotificationInput): Promise<void> {
    // Field by field: nothing else goes into Temporal.
    const { workspaceId, channelId } = input
    await client.connection.withDeadline(Date.now() + DEADLINE_MS, async () => {
      await options.requireOwn()
      await client.workflow.signalWithStart('notification', {
        workflowId: notificationWorkflowId(installationId, channelId),
        taskQueue: taskQueue(installationId, 'conveyor'),
        args: [{ workspaceId, channelId }],
        signal: 'wake',
        signalArgs: [],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        staticSummary: `notices of ${channelId}`,
      })
    })
  }

  function fire(input: NotificationInput): void {
    const { channelId } = input
    const timer = setTimeout(() => {
      const due = recent.get(channelId)?.again === true
      recent.delete(channelId)
      if (due) fire(input)
    }, everyMs)
    timer.unref()
    recent.set(channelId, { again: false, timer })
    wake(input).then(
      () => {
        isTold = false
      },
      (error: unknown) => {
        // One line an outage, not one a second.
        if (!isTold) options.logger.warn({ err: error }, 'notices wait for Temporal')
        isTold = true
      },
    )
  }

  return {
    wake,
    trigger(workspaceId, channelIds) {
      for (const channelId of channelIds) {
        const known = recent.get(channelId)
        if (known === undefined) fire({ workspaceId, channelId })
        else known.again = true
      }
    },
    stop() {
      for (const { timer } of recent.values()) clearTimeout(timer)
      recent.clear()
    },
  }
}
