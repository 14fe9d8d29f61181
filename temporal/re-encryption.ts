import type { ReEncryptInput, ReEncryptProgress } from '../contracts/re-encryption.ts'
import { taskQueue } from '../contracts/task-queues.ts'
import { reEncryptWorkflowId } from '../contracts/workflow-ids.ts'
import type { TemporalConnection } from './connect.ts'

const DEADLINE_MS = 5_000

export interface ReEncryptionLook {
  /** As Temporal says it: RUNNING, COMPLETED, FAILED … */
  readonly status: string
  /** Null while no worker answers. */
  readonly progress: ReEncryptProgress | null
}

/** The one run of `reEncrypt` that an installation has at a time. */
export interface ReEncryption {
  readonly workflowId: string
  /** Starts it, or finds it running; rejects when Temporal does not answer. */
  start(keyId: string): Promise<void>
  look(): Promise<ReEncryptionLook>
}

export function createReEncryption(
  temporal: TemporalConnection,
  installationId: string,
): ReEncryption {
  const { client } = temporal
  const workflowId = reEncryptWorkflowId(installationId)

  function soon<T>(call: () => Promise<T>): Promise<T> {
    return client.connection.withDeadline(Date.now() + DEADLINE_MS, call)
  }

  return {
    workflowId,

    async start(keyId) {
      const input: ReEncryptInput = { keyId }
      await soon(() =>
        client.workflow.start('reEncrypt', {
          workflowId,
          taskQueue: taskQueue(installationId, 'conveyor'),
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: `seal all with the key ${keyId}`,
        }),
      )
    },

    async look() {
      // Each call finds the newest run, also after one that continued as another.
      const handle = client.workflow.getHandle(workflowId)
      const { status } = await soon(() => handle.describe())
      if (status.name !== 'RUNNING' && status.name !== 'COMPLETED') {
        return { status: status.name, progress: null }
      }
      const progress = await soon(() => handle.query<ReEncryptProgress>('progress')).catch(
        // A query needs a worker, and there may be none for a while. The run waits for one too.
        () => null,
      )
      return { status: status.name, progress }
    },
  }
}
