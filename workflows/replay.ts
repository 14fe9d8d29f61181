import {
  ActivityFailure,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  isCancellation,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import type { EndReplayInput, ReplayInput, ReplayProgress } from '../contracts/replay.ts'
import { database, slices } from './proxies.ts'

const progressQuery = defineQuery<ReplayProgress | null>('progress')
const wakeSignal = defineSignal('wake')

/** How long it waits for deliveries to leave; the last is repeated. */
const PAUSES_MS = [2_000, 5_000, 15_000, 60_000]

/**
 * Makes deliveries of what failed or is missing, slice by slice. Where it has come to is in its row: a reset, a second
 * run or a lost answer only go on from there. Cancelling the run cancels the replay.
 */
export async function replay({ workspaceId, replayId }: ReplayInput): Promise<ReplayProgress> {
  const input: ReplayInput = { workspaceId, replayId }
  let progress: ReplayProgress | null = null
  let woken = false
  let pauses = 0
  setHandler(progressQuery, () => progress)
  setHandler(wakeSignal, () => {
    woken = true
  })
  try {
    for (;;) {
      progress = await slices.replaySome(input)
      show(replayId, progress)
      if (progress.state !== 'running') return progress
      pauses = progress.waits ? pauses + 1 : 0
      if (progress.waits) {
        await condition(() => woken, PAUSES_MS[Math.min(pauses, PAUSES_MS.length) - 1] ?? 60_000)
      }
      woken = false
      if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof replay>(input)
    }
  } catch (error) {
    const end = endOf(error)
    if (end === null) throw error
    return CancellationScope.nonCancellable(() => database.endReplay({ ...input, ...end }))
  }
}

/** Null for what is no end of the replay, such as going on as a new run. */
function endOf(error: unknown): Pick<EndReplayInput, 'state' | 'error'> | null {
  if (isCancellation(error)) return { state: 'cancelled', error: null }
  if (!(error instanceof ActivityFailure)) return null
  return { state: 'failed', error: error.cause?.message ?? error.message }
}

function show(replayId: string, progress: ReplayProgress): void {
  const { state, kind, lookedAt, queued, reached, waits } = progress
  setCurrentDetails(
    [
      `Replay \`${replayId}\` (${kind}): ${waits ? 'waits until some deliveries have left' : state}.`,
      '',
      '| looked at | deliveries made | up to |',
      '|---|---|---|',
      `| ${lookedAt} | ${queued} | ${reached ?? 'the beginning'} |`,
      '',
      'The signal `wake` makes it look now; cancelling the run cancels the replay.',
    ].join('\n'),
  )
}
