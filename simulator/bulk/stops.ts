import { effectOf } from '../faults/fault.ts'
import type { Job, JobChange } from '../store/job-store.ts'

/** Rows before which a job stops until all before them are committed: what faults ask for. */
export interface Stops {
  /** The place of the next one, infinite where there is none. */
  next(): number
  /** All rows before the next stop are committed. Gives how the job ends there, `null` to go on. */
  arrive(wait: (ms: number) => Promise<void>): Promise<JobChange | null>
}

/** `position` is the first row that is not committed: what lies before it is over. */
export function createStops(job: Job, position: number): Stops {
  const failure = effectOf(job.effects, 'fail_job')
  const stuck = effectOf(job.effects, 'stuck')
  const failAt = failure?.afterRows ?? Number.POSITIVE_INFINITY
  // A job that is stuck from its first row on waits before it is read.
  let stuckAt =
    stuck === null || stuck.afterRows === 0 || stuck.afterRows < position
      ? Number.POSITIVE_INFINITY
      : stuck.afterRows

  return {
    next: () => Math.min(failAt, stuckAt),
    async arrive(wait) {
      if (stuck !== null && stuckAt <= failAt) {
        stuckAt = Number.POSITIVE_INFINITY
        await wait(stuck.ms)
        return null
      }
      if (failure === null) return null
      return { state: 'Failed', errorMessage: failure.message, retries: failure.retries }
    },
  }
}
