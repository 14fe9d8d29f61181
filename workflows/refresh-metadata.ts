import {
  ActivityFailure,
  CancellationScope,
  continueAsNew,
  defineQuery,
  isCancellation,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import type { MetadataInput, RefreshMetadataStep, RefreshProgress } from '../contracts/metadata.ts'
import { database, refreshes } from './proxies.ts'

const progressQuery = defineQuery<RefreshProgress | null>('progress')

/**
 * Looks at the list of all objects of a connection and at those that are kept, slice by slice. Where it has come to is
 * in the connection's row: a reset, a second attempt or a lost answer only go on from there, and a second run at the
 * same time does nothing.
 */
export async function refreshMetadata(input: MetadataInput): Promise<RefreshProgress> {
  const { connectionId, workspaceId } = input
  // The same for all runs that this one goes on as.
  const holder = workflowInfo().firstExecutionRunId
  const step: RefreshMetadataStep = { connectionId, workspaceId, holder }
  let progress: RefreshProgress | null = null
  setHandler(progressQuery, () => progress)
  try {
    for (;;) {
      progress = await refreshes.refreshSomeMetadata(step)
      show(connectionId, progress)
      if (progress.state !== 'running') return progress
      if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof refreshMetadata>(input)
    }
  } catch (error) {
    const why = endOf(error)
    if (why === null) throw error
    return CancellationScope.nonCancellable(() =>
      database.endMetadataRefresh({ ...step, error: why }),
    )
  }
}

/** Null for what is no end, such as going on as a new run. */
function endOf(error: unknown): string | null {
  if (isCancellation(error)) return 'The run was cancelled.'
  if (!(error instanceof ActivityFailure)) return null
  return error.cause?.message ?? error.message
}

function show(connectionId: string, progress: RefreshProgress): void {
  const { state, objectsDone, objectsTotal, calls, changes, reached } = progress
  setCurrentDetails(
    [
      `Metadata of \`${connectionId}\`: ${state}.`,
      '',
      '| objects | calls | differences | up to |',
      '|---|---|---|---|',
      `| ${objectsDone} of ${objectsTotal} | ${calls} | ${changes} | ${reached ?? 'the beginning'} |`,
    ].join('\n'),
  )
}
