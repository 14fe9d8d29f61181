import type {
  BlockReason,
  BulkJobResult,
  BulkJobWish,
  LoadState,
  OutcomeCounts,
} from './bulk-job.ts'

/** Inputs and answers of the `bulkJob` workflow's activities: ids, states and counts, never rows. */

export interface JobReference {
  readonly jobId: string
}

export interface LoadReference extends JobReference {
  readonly loadNumber: number
}

/** Details of a failure of type `Blocked`. */
export interface BlockedDetails {
  readonly reason: BlockReason
  readonly detail: string
}

/** `finished` where nothing is left to do: the job was terminal already, was refused or was cancelled before it began. */
export type PreparedBulkJob =
  | {
      readonly status: 'ready'
      readonly lanes: number
      readonly label: string
      readonly totalRecords: number
    }
  | { readonly status: 'finished'; readonly result: BulkJobResult }

export interface LoadSummary {
  readonly loadNumber: number
  readonly round: number
  readonly rowCount: number
  readonly firstRow: number
  readonly lastRow: number
  readonly state: LoadState
  readonly counts: OutcomeCounts
  readonly retriedRecords: number
}

/** What to do next, read from the rows. */
export interface NextLoads {
  readonly wish: BulkJobWish
  /** Loads that may begin now. */
  readonly ready: readonly LoadSummary[]
  /** Milliseconds until the next load that has to wait is due; null where none waits. */
  readonly dueInMs: number | null
  /** Unsettled loads that are not in flight. */
  readonly remaining: number
  readonly total: number
  readonly settled: number
  readonly counts: OutcomeCounts
  /** The latest loads, for the table that operators read. */
  readonly latest: readonly LoadSummary[]
}

/** `settled` where the load was at its end before: a run that was reset comes by again. */
export type SentLoad =
  | { readonly status: 'sent'; readonly salesforceJobId: string }
  | { readonly status: 'settled' }

/** State in which Salesforce ended the job; `Gone` where it knows it no more. */
export type EndedUpstreamState = 'JobComplete' | 'Failed' | 'Aborted' | 'Gone'

export interface PollLoadInput extends LoadReference {
  /** The job is `Blocked` for an earlier look at this very load: the first good one is to end at once. */
  readonly holdsJob: boolean
}

/** `Underway`: not ended, and the first good look of a load that held the job. */
export interface PolledLoad {
  readonly upstreamState: EndedUpstreamState | 'Underway'
  readonly recordsProcessed: number
  readonly recordsFailed: number
}

export interface SettledLoad {
  readonly counts: OutcomeCounts
  /** Rows that go again in a later load. */
  readonly retriedRecords: number
}

/** `never_closed`: nothing of the load was or will be written; `closed`: its results must be read. */
export interface AbortedLoad {
  readonly status: 'never_closed' | 'closed' | 'settled'
}
