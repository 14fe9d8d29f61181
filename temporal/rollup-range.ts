import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import type { DayRange, RollupInput, RollupMetric, RollupProgress } from '../contracts/rollup.ts'
import { taskQueue } from '../contracts/task-queues.ts'
import { rollupRangeWorkflowId } from '../contracts/workflow-ids.ts'
import type { TemporalConnection } from './connect.ts'

const DEADLINE_MS = 5_000

export interface RollupLook {
  /** As Temporal says it: RUNNING, COMPLETED, FAILED … */
  readonly status: string
  /** Null while no worker answers. */
  readonly progress: RollupProgress | null
}

/** The one run that adds a range of days up again, of a metric at a time. */
export interface RollupRange {
  readonly workflowId: string
  /** False where one runs already. Rejects when Temporal does not answer. */
  start(range: DayRange): Promise<boolean>
  look(): Promise<RollupLook>
}

export function createRollupRange(
  temporal: TemporalConnection,
  installationId: string,
  metric: RollupMetric,
): RollupRange {
  const { client } = temporal
  const workflowId = rollupRangeWorkflowId(installationId, metric)

  function soon<T>(call: () => Promise<T>): Promise<T> {
    return client.connection.withDeadline(Date.now() + DEADLINE_MS, call)
  }

  return {
    workflowId,

    async start(range) {
      const input: RollupInput = { metric, mark: { kind: 'range', range } }
      try {
        await soon(() =>
          client.workflow.start('rollup', {
            workflowId,
            taskQueue: taskQueue(installationId, 'conveyor'),
            args: [input],
            workflowIdConflictPolicy: 'FAIL',
            workflowIdReusePolicy: 'ALLOW_DUPLICATE',
            staticSummary: `add up ${metric}: ${range.from} to ${range.until}`,
          }),
        )
        return true
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return false
        throw error
      }
    },

    async look() {
      // Each call finds the newest run, also after one that continued as another.
      const handle = client.workflow.getHandle(workflowId)
      const { status } = await soon(() => handle.describe())
      if (status.name !== 'RUNNING' && status.name !== 'COMPLETED') {
        return { status: status.name, progress: null }
      }
      const progress = await soon(() => handle.query<RollupProgress>('progress')).catch(
        // A query needs a worker, and there may be none for a while. The run waits for one too.
        () => null,
      )
      return { status: status.name, progress }
    },
  }
}
