import {
  afterUpstreamMs,
  type BulkBenchResult,
  type CaseResult,
  overheadMs,
  wallRatio,
} from './measurements.ts'
import { COMPARED_ROWS } from './options.ts'

const RATIO_BAR = 1.15
const FLAT_BAR = 0.2
const LEGACY_CREATE_MS = 500
const LEGACY_OVERHEAD_MS = 1_000
const BARRED_ROWS = 1_000_000

/** A figure beside the bar that was set for it. */
export interface Bar {
  readonly what: string
  readonly bar: string
  readonly figure: string
  /** `null` where this run cannot tell. */
  readonly met: boolean | null
}

/** The bars for bulk jobs, with the worst figure where there are several runs. */
export function judge({ cases, legacy }: BulkBenchResult): readonly Bar[] {
  const keyed = (rows: number) => cases.find((one) => one.keyed && one.rows === rows)
  const large = keyed(BARRED_ROWS)
  const small = keyed(COMPARED_ROWS)
  const ratio = large && wallRatio(large)
  const create = Math.max(...legacy.map(({ run }) => run.createMs))
  const overhead = Math.max(...legacy.map(overheadMs))
  const after = Math.max(...legacy.map(afterUpstreamMs))
  return [
    {
      what: '1,000,000 rows: acceptance to end, over the plain client',
      bar: `≤ ${RATIO_BAR}`,
      figure: ratio?.toFixed(2) ?? 'not run',
      met: ratio === undefined ? null : ratio <= RATIO_BAR,
    },
    ...(['api', 'transfers', 'worker'] as const).map((part) => flatness(part, small, large)),
    {
      what: '10,000-record legacy job: create answers',
      bar: `< ${LEGACY_CREATE_MS} ms`,
      figure: `${create.toFixed(0)} ms`,
      met: create < LEGACY_CREATE_MS,
    },
    {
      what: '10,000-record legacy job: acceptance to end, less the org’s own time',
      bar: `< ${LEGACY_OVERHEAD_MS} ms`,
      figure: `${overhead.toFixed(0)} ms, ${after.toFixed(0)} of them after the org’s end`,
      met: overhead < LEGACY_OVERHEAD_MS,
    },
  ]
}

function flatness(part: string, small: CaseResult | undefined, large: CaseResult | undefined): Bar {
  const before = peak(part, small)
  const after = peak(part, large)
  const change = before === null || after === null ? null : after / before - 1
  return {
    what: `peak memory of ${part}, 100,000 to 1,000,000 rows`,
    bar: `± ${FLAT_BAR * 100} %`,
    figure:
      change === null
        ? 'not run'
        : `${change < 0 ? '−' : '+'}${Math.abs(change * 100).toFixed(0)} %`,
    met: change === null ? null : Math.abs(change) <= FLAT_BAR,
  }
}

function peak(part: string, result: CaseResult | undefined): number | null {
  const peaks = result?.conveyor.map(({ run }) => run.use[part]?.peakRssBytes ?? null) ?? []
  if (peaks.length === 0 || peaks.includes(null)) return null
  return Math.max(...peaks.filter((bytes) => bytes !== null))
}
