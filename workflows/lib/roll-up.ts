import { condition } from '@temporalio/workflow'
import type { RollUpInput, RollUpProgress } from '../../contracts/analytics-rollup.ts'
import { rollups } from '../proxies.ts'

/** Rows that are being written to are left for a while. */
const PAUSE_MS = 1_000
/** Where days are marked as fast as they are computed, the next run goes on. */
const MOST_SLICES = 500

/** Drains the marked days of a connection, and computes what is made of them. */
export async function rollUp(
  input: RollUpInput,
  onProgress: (progress: RollUpProgress) => void = () => {},
): Promise<RollUpProgress> {
  let computed = 0
  let progress: RollUpProgress = { computed: 0, left: 0 }
  for (let slice = 0; slice < MOST_SLICES; slice++) {
    const done = await rollups().drainBuckets(input)
    computed += done.computed
    progress = { computed, left: done.left }
    onProgress(progress)
    if (done.left === 0) break
    if (done.computed === 0) await condition(() => false, PAUSE_MS)
  }
  await rollups().refreshResults({ ...input, changed: computed > 0 })
  return progress
}
