/** Names and types of the `bulk-job` capability that cross a room's border. */

/** Write operations of Bulk API 2.0, spelt as the HTTP API and the database spell them. */
export const BULK_OPERATIONS = ['insert', 'update', 'upsert', 'delete', 'hard_delete'] as const
export type BulkOperation = (typeof BULK_OPERATIONS)[number]

/**
 * Life of a job. `Staging` is hidden from callers: its rows are still arriving.
 * `Paused` and `Blocked` show as `InProgress` on the legacy routes.
 */
export const BULK_JOB_STATES = [
  'Staging',
  'Queued',
  'InProgress',
  'Paused',
  'Blocked',
  'Completed',
  'CompletedWithErrors',
  'Failed',
  'Aborted',
] as const
export type BulkJobState = (typeof BULK_JOB_STATES)[number]

/** States that never change again. A retry makes a new job. */
export const TERMINAL_BULK_JOB_STATES = [
  'Completed',
  'CompletedWithErrors',
  'Failed',
  'Aborted',
] as const satisfies readonly BulkJobState[]
export type TerminalBulkJobState = (typeof TERMINAL_BULK_JOB_STATES)[number]

export function isTerminalBulkJobState(state: BulkJobState): state is TerminalBulkJobState {
  return (TERMINAL_BULK_JOB_STATES as readonly BulkJobState[]).includes(state)
}

/** Status words that callers of the replaced service know (contract 1.5). */
export type LegacyBulkJobStatus = Exclude<BulkJobState, 'Staging' | 'Paused' | 'Blocked'>

export function legacyBulkJobStatus(state: BulkJobState): LegacyBulkJobStatus {
  switch (state) {
    case 'Staging':
      return 'Queued'
    case 'Paused':
    case 'Blocked':
      return 'InProgress'
    default:
      return state
  }
}

/** What a person wants of a job. A column of the job's row: signals only wake the workflow. */
export type BulkJobWish = 'run' | 'pause' | 'cancel'

/** The one outcome that every input row ends with; the four counts sum to the input. */
export const ROW_OUTCOMES = ['success', 'failed', 'unprocessed', 'unknown'] as const
export type RowOutcome = (typeof ROW_OUTCOMES)[number]

/** Counts of rows by outcome. */
export interface OutcomeCounts {
  readonly success: number
  readonly failed: number
  readonly unprocessed: number
  readonly unknown: number
}

/**
 * One cell of a staged row.
 * `null` leaves the field alone (an empty cell on the wire), `''` clears it (`#N/A` on the wire;
 * Salesforce has no empty strings), anything else is the value.
 */
export type Cell = string | null

/** A row as it was staged: its number in the caller's input (1-based) and its cells, by the columns of its batch. */
export interface StagedRow {
  readonly rowNumber: number
  readonly cells: readonly Cell[]
}

/** The content of one batch blob. `columns` are the field names of its rows, in order. */
export interface StagedBatch {
  readonly columns: readonly string[]
  readonly rows: readonly StagedRow[]
}

/** What is known of one row at the end. */
export interface RowResult {
  readonly rowNumber: number
  readonly outcome: RowOutcome
  /** 18-character Salesforce id; null where there is none or it cannot be told apart. */
  readonly salesforceId: string | null
  /** True where the row made a new record; null where that is not known. */
  readonly created: boolean | null
  /** Salesforce's code (`REQUIRED_FIELD_MISSING`) or ours in lower case (`results_expired`). */
  readonly errorCode: string | null
  readonly errorMessage: string | null
  readonly errorFields: readonly string[]
  /** True where sending the same row again may succeed and cannot double it. */
  readonly retryable: boolean
  /** Salesforce id of the upstream job that decided the row. */
  readonly upstreamJobId: string | null
}

/**
 * Why a job is `Blocked`: things that a person can mend.
 * Each has a remedy in `block-remedies.ts`.
 */
export const BLOCK_REASONS = [
  'authentication_failed',
  'permission_missing',
  'quota_exhausted',
  'organization_changed',
  'api_disabled',
  'storage_exhausted',
  'workflow_ended',
  'results_unreadable',
  'result_quota_full',
  'request_refused',
  'salesforce_unavailable',
  'internal_error',
] as const
export type BlockReason = (typeof BLOCK_REASONS)[number]

/** States of an upstream job's row; each is committed before the call that it announces. */
export type UpstreamJobState =
  | 'creating'
  | 'created'
  | 'uploading'
  | 'uploaded'
  | 'closing'
  | 'done'
  | 'abandoned'

/** States of a load: consecutive batches, or the rows of an earlier load that go again. */
export type LoadState = 'planned' | 'sending' | 'sent' | 'settled'

/** Inclusive ranges of row numbers, flattened: `[1, 200, 205, 205]`. */
export type RowRanges = readonly number[]

/** Input of the `bulkJob` workflow. Everything else is read from the job's row. */
export interface BulkJobInput {
  readonly jobId: string
}

/** Result of the `bulkJob` workflow. */
export interface BulkJobResult {
  readonly jobId: string
  readonly state: TerminalBulkJobState
  readonly totalRecords: number
  readonly counts: OutcomeCounts
}

/** Salesforce keeps a job's results for seven days (bulk_api_2_limits). */
export const RESULTS_KEPT_DAYS = 7

/** Bounds of one load: well under Salesforce's 150 MB (after base64) a job; DESIGN 4. */
export const LOAD_MAX_BYTES = 50_000_000
export const LOAD_MAX_ROWS = 100_000

/** Most records that the legacy route takes in one request (contract 1.3). */
export const LEGACY_MAX_RECORDS = 10_000
