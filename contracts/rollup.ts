/** What is added up by buckets. A new one needs a name here and a definition in `activities/rollup/`. */
export const ROLLUP_METRICS = ['integration'] as const
export type RollupMetric = (typeof ROLLUP_METRICS)[number]

/**
 * Days back that the figures of `integration` can be added up again, today included: what they are made of is kept a
 * little longer. Older days keep the figures that they have.
 */
export const INTEGRATION_DAYS = 89

/** Days of UTC as `YYYY-MM-DD`, both inclusive. */
export interface DayRange {
  readonly from: string
  readonly until: string
}

/** Which buckets of all workspaces are marked before a run looks at what is dirty. */
export type RollupMark =
  /** Today, the day of an hour ago, and so many days before them. */
  | { readonly kind: 'recent'; readonly daysBefore: number }
  | { readonly kind: 'range'; readonly range: DayRange }
  | { readonly kind: 'none' }

/** Input of the workflow `rollup`, and of each run that continues it. */
export interface RollupInput {
  readonly metric: RollupMetric
  readonly mark: RollupMark
  /** What the run before this one had done; its marks stand. */
  readonly from?: RollupProgress
}

/** What operators see of a run, and its result. */
export interface RollupProgress {
  /** Buckets that it marked. */
  readonly marked: number
  readonly done: number
  /** Attempts that failed; their buckets stay dirty for a later run. */
  readonly failed: number
  /** Dirty buckets of the metric at the last look. */
  readonly left: number
}

export interface RollupMarkInput {
  readonly metric: RollupMetric
  readonly mark: RollupMark
}

export interface RollupSliceInput {
  readonly metric: RollupMetric
}

export interface RollupSlice {
  readonly done: number
  readonly failed: number
  /** Dirty buckets that are due now. */
  readonly left: number
}
