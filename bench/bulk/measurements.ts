import type { ClientRun } from './client-run.ts'
import type { BenchCase } from './options.ts'
import type { ConveyorRun } from './run-conveyor.ts'
import type { UpstreamTotals } from './upstream-org.ts'

/** A run and what the org said of it. */
export interface Measured<T> {
  readonly run: T
  readonly upstream: UpstreamTotals
  /** Share of the processors that programs outside the benchmark took during the run; `null` where unknown. */
  readonly othersShare: number | null
}

/** All runs of one case on one simulator, each on an emptied org. */
export interface CaseResult extends BenchCase {
  readonly csvBytes: number
  readonly conveyor: readonly Measured<ConveyorRun>[]
  readonly plain: readonly Measured<ClientRun>[]
  readonly jsforce: readonly Measured<ClientRun>[]
}

export interface BulkBenchResult {
  readonly cases: readonly CaseResult[]
  readonly legacyRows: number
  readonly legacy: readonly Measured<ConveyorRun>[]
}

/** The run whose wall time is the median; the later of two in the middle. */
export function medianRun<T extends { readonly wallMs: number }>(
  runs: readonly Measured<T>[],
): Measured<T> | undefined {
  return runs.toSorted((a, b) => a.run.wallMs - b.run.wallMs)[runs.length >> 1]
}

/** Wall time from acceptance to the end, over that of the plain client; medians of each. */
export function wallRatio(result: CaseResult): number | undefined {
  const conveyor = medianRun(result.conveyor)
  const plain = medianRun(result.plain)
  return conveyor && plain && conveyor.run.wallMs / plain.run.wallMs
}

/** From the last answer that the org gave a job to the job's own end, by the org's clock. */
export function afterUpstreamMs({ run, upstream }: Measured<ConveyorRun>): number {
  return run.job.completedAt - upstream.lastFinishedAt
}

/** What acceptance to end took beyond the org's own work on closed jobs. */
export function overheadMs({ run, upstream }: Measured<ConveyorRun>): number {
  return run.wallMs - (upstream.lastFinishedAt - upstream.firstClosedAt)
}
