import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  sleep,
  TimeoutFailure,
} from '@temporalio/workflow'
import type { BlockReason } from '../../contracts/bulk-job.ts'
import type { BlockedDetails } from '../../contracts/bulk-job-steps.ts'
import { FAILURE_TYPES } from '../../contracts/failure-types.ts'

export interface BlockGateOptions {
  /** Number of wake signals so far. */
  readonly wakes: () => number
  /** Makes the job `Blocked` for everybody to see. */
  readonly onBlocked: (blocked: BlockedDetails) => Promise<void>
  /** Nothing holds the job any more. */
  readonly onUnblocked: () => Promise<void>
}

const FIRST_DELAY_MS = 30_000
const LONGEST_DELAY_MS = 15 * 60_000
const SUPERSEDED_DELAY_MS = 2_000

export type BlockGate = ReturnType<typeof createBlockGate>

/**
 * Keeps a job from failing of what a person, or time, can mend: the step that failed is tried again at a
 * wake signal or by itself after a growing delay, for as long as it takes.
 */
export function createBlockGate(options: BlockGateOptions) {
  let held = 0

  return {
    /** `step` is told whether it is what holds the job: then it ends as soon as it knows that nothing is amiss. */
    async run<T>(step: (holds: boolean) => Promise<T>): Promise<T> {
      let delay = FIRST_DELAY_MS
      let holding = false
      try {
        for (;;) {
          const wakesSeen = options.wakes()
          try {
            return await step(holding)
          } catch (error) {
            if (isCancellation(error)) throw error
            if (isSuperseded(error)) {
              // Two attempts got in each other's way; the rows say how to go on.
              await sleep(SUPERSEDED_DELAY_MS)
              continue
            }
            const blocked = blockedDetails(error)
            if (!holding) {
              holding = true
              held += 1
            }
            await options.onBlocked(blocked)
          }
          await condition(() => options.wakes() > wakesSeen, delay, {
            summary: 'blocked: try again',
          })
          delay = Math.min(delay * 2, LONGEST_DELAY_MS)
        }
      } finally {
        if (holding) {
          held -= 1
          // Also where the step was cancelled: the job must not stay Blocked with nothing that holds it.
          if (held === 0) await CancellationScope.nonCancellable(options.onUnblocked)
        }
      }
    },
  }
}

function isSuperseded(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : error
  return cause instanceof ApplicationFailure && cause.type === FAILURE_TYPES.superseded
}

/** Every failure that is not a cancellation holds the job; none ends it. */
function blockedDetails(error: unknown): BlockedDetails {
  const cause = error instanceof ActivityFailure ? error.cause : error
  if (cause instanceof ApplicationFailure && cause.type === FAILURE_TYPES.blocked) {
    const [details] = cause.details ?? []
    // Our own activities put it there; see activities/failures.ts.
    return details as BlockedDetails
  }
  if (cause instanceof TimeoutFailure)
    return { reason: 'salesforce_unavailable', detail: cause.message }
  if (cause instanceof ApplicationFailure) {
    const reason: BlockReason =
      cause.type === FAILURE_TYPES.unavailable ? 'salesforce_unavailable' : 'internal_error'
    return { reason, detail: cause.message }
  }
  throw error
}
