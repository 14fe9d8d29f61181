import type { BlockReason } from './bulk-job.ts'

/** Life of a durable query. `Blocked`: a person can mend what holds it. */
export const BULK_QUERY_STATES = [
  'Queued',
  'InProgress',
  'Blocked',
  'Completed',
  'Failed',
  'Aborted',
] as const
export type BulkQueryState = (typeof BULK_QUERY_STATES)[number]
export type EndedBulkQueryState = 'Completed' | 'Failed' | 'Aborted'

export function hasBulkQueryEnded(state: BulkQueryState): state is EndedBulkQueryState {
  return state === 'Completed' || state === 'Failed' || state === 'Aborted'
}

/** What a person wants; a column of the row. */
export type BulkQueryWish = 'run' | 'cancel'

/** Why a durable query failed. Stable: callers match on them. */
export const BULK_QUERY_FAILURES = ['query_refused', 'results_gone', 'workflow_ended'] as const
export type BulkQueryFailure = (typeof BULK_QUERY_FAILURES)[number]

/** Input of the workflow `bulkQuery`: all else is in the row. */
export interface BulkQueryInput {
  readonly workspaceId: string
  readonly queryId: string
}

export type BlockBulkQueryInput = BulkQueryInput & {
  readonly reason: BlockReason
  readonly detail: string
}

/** What the activities tell the workflow, and operators see: states and counts, never rows. */
export interface BulkQueryProgress {
  readonly state: BulkQueryState
  readonly wish: BulkQueryWish
  readonly upstream: 'none' | 'creating' | 'created' | 'complete'
  readonly salesforceJobId: string | null
  readonly pages: number
  readonly records: number
}

export type PollQueryJobInput = BulkQueryInput & {
  /** The query is `Blocked` for an earlier look: the first good one is to end at once. */
  readonly holdsJob: boolean
}
