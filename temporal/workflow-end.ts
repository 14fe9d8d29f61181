import { WorkflowFailedError } from '@temporalio/client'
import { ApplicationFailure, WorkflowNotFoundError } from '@temporalio/common'
import type { TemporalConnection } from './connect.ts'

export type WorkflowEnd =
  | { readonly kind: 'running' }
  /** Nobody wanted it to end: it may be started again. */
  | { readonly kind: 'lost'; readonly why: string }
  /** A person, or a defect, ended it: starting it again by itself could repeat the harm. */
  | { readonly kind: 'ended'; readonly why: string }

const NONDETERMINISM = /TMPRL1100|nondeterminism/i
const COMPLETED = 'the workflow completed and its work did not'

/** Whether a workflow whose work is not done still runs, and why not. */
export async function endOfWorkflow(
  temporal: TemporalConnection,
  workflowId: string,
): Promise<WorkflowEnd> {
  const handle = temporal.client.workflow.getHandle(workflowId)
  try {
    const { status } = await handle.describe()
    switch (status.name) {
      case 'RUNNING':
      case 'CONTINUED_AS_NEW':
      case 'PAUSED':
        return { kind: 'running' }
      case 'COMPLETED':
        return { kind: 'lost', why: COMPLETED }
      case 'FAILED':
        return await endOfFailed(temporal, workflowId)
      default:
        return { kind: 'ended', why: `The workflow ended as ${status.name} in Temporal.` }
    }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) {
      return { kind: 'lost', why: 'Temporal does not know the workflow' }
    }
    throw error
  }
}

async function endOfFailed(temporal: TemporalConnection, workflowId: string): Promise<WorkflowEnd> {
  try {
    await temporal.client.workflow.getHandle(workflowId).result()
    return { kind: 'lost', why: COMPLETED }
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error
    const { cause } = error
    // The failure that Temporal's core makes of it has no type of its own, only this code in its message.
    if (cause instanceof ApplicationFailure && NONDETERMINISM.test(cause.message)) {
      return { kind: 'lost', why: 'the history does not fit this release' }
    }
    return { kind: 'ended', why: `The workflow failed: ${cause?.message ?? error.message}` }
  }
}
