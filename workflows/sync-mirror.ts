import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  continueAsNew,
  defineQuery,
  isCancellation,
  log,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow'
import type { BlockedDetails } from '../contracts/bulk-job-steps.ts'
import { FAILURE_TYPES } from '../contracts/failure-types.ts'
import type {
  EndMirrorInput,
  MirrorInput,
  MirrorProgress,
  MirrorResult,
} from '../contracts/mirror.ts'
import { rollUp } from './lib/roll-up.ts'
import { mirrorSlices, rows } from './proxies.ts'

const progressQuery = defineQuery<MirrorProgress | null>('progress')

type End = Pick<EndMirrorInput, 'state' | 'reason' | 'detail'>

/**
 * Pulls the mirror of one connection up to date, slice by slice, and takes the day's snapshot. Where it has come to is in
 * rows: a reset, a second run or a lost worker only go on from there. What a person has to mend ends the run as blocked;
 * the next one looks again.
 */
export async function syncMirror({
  workspaceId,
  connectionId,
}: MirrorInput): Promise<MirrorResult> {
  // The same over continuations and resets: what it left behind is its own.
  const input = { workspaceId, connectionId, holder: workflowInfo().firstExecutionRunId }
  let progress: MirrorProgress | null = null
  setHandler(progressQuery, () => progress)
  const begun = await rows.beginMirror(input)
  if (begun.status === 'skipped') return { state: 'skipped', detail: begun.why }
  let end: End = { state: 'idle', reason: null, detail: null }
  try {
    for (;;) {
      progress = await mirrorSlices().mirrorSome(input)
      show(connectionId, progress)
      if (progress.state === 'finished') break
      if (progress.waitMs > 0) await sleep(progress.waitMs)
      if (workflowInfo().continueAsNewSuggested) {
        await continueAsNew<typeof syncMirror>({ workspaceId, connectionId })
      }
    }
  } catch (error) {
    if (isSuperseded(error)) return { state: 'skipped', detail: 'Another run has taken over.' }
    const failed = endOf(error)
    if (failed === null) throw error
    end = failed
  }
  await CancellationScope.nonCancellable(() => rows.endMirror({ ...input, ...end }))
  await rollUpAfterPull({ workspaceId, connectionId })
  return { state: end.state, detail: end.detail }
}

/** What was pulled counts at once. The pull has ended well without it: what is not rolled up stays marked. */
async function rollUpAfterPull(input: MirrorInput): Promise<void> {
  try {
    await CancellationScope.nonCancellable(() => rollUp(input))
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error
    log.warn('the rollup after a pull has failed', { error: error.cause?.message ?? error.message })
  }
}

function isSuperseded(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : undefined
  return cause instanceof ApplicationFailure && cause.type === FAILURE_TYPES.superseded
}

/** Null for what is no end of the run, such as going on as a new one. */
function endOf(error: unknown): End | null {
  if (isCancellation(error))
    return { state: 'idle', reason: null, detail: 'The run was cancelled.' }
  if (!(error instanceof ActivityFailure)) return null
  const { cause } = error
  if (cause instanceof ApplicationFailure && cause.type === FAILURE_TYPES.blocked) {
    // Written by our own table of failures.
    const blocked = cause.details?.[0] as BlockedDetails | undefined
    return {
      ...{ state: 'blocked', reason: blocked?.reason ?? 'internal_error' },
      detail: blocked?.detail ?? cause.message,
    }
  }
  return { state: 'failed', reason: null, detail: cause?.message ?? error.message }
}

function show(connectionId: string, progress: MirrorProgress): void {
  setCurrentDetails(
    [
      `Mirror of connection \`${connectionId}\`: ${progress.state}.`,
      '',
      '| object | does | rows changed | calls | error |',
      '|---|---|---|---|---|',
      ...progress.objects.map(
        ({ object, phase, changed, calls, error }) =>
          `| ${object} | ${phase} | ${changed} | ${calls} | ${error ?? ''} |`,
      ),
    ].join('\n'),
  )
}
