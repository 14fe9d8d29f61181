import { sql } from 'slonik'
import type {
  BlockReason,
  BulkJobState,
  BulkJobWish,
  BulkOperation,
  OutcomeCounts,
} from '../contracts/bulk-job.ts'
import { row } from './row-type.ts'

/** A row of `salesforce_bulk_jobs`. */
export interface BulkJob {
  readonly jobId: string
  readonly workspaceId: string
  readonly connectionId: string
  readonly userId: string | null
  readonly operation: BulkOperation
  readonly objectType: string
  readonly externalIdField: string | null
  readonly correlationField: string | null
  readonly state: BulkJobState
  readonly wish: BulkJobWish
  readonly totalRecords: number
  readonly counts: OutcomeCounts
  /** Rows that Salesforce has reported as processed so far. */
  readonly processedRecords: number
  readonly errorDetails: unknown
  readonly columns: readonly string[]
  readonly checkedAt: Date | null
  readonly plannedAt: Date | null
  readonly organizationId: string | null
  readonly blockedReason: BlockReason | null
  readonly blockedDetail: string | null
  readonly blockedAt: Date | null
  /** What new loads wait for; means something while the job is `InProgress`. */
  readonly waitingFor: string | null
  readonly retryOf: string | null
  readonly requestId: string | null
  readonly stagedBytes: number
  readonly startedAt: Date | null
  /** When Salesforce last answered a look at one of the job's loads. */
  readonly lastUpstreamAt: Date | null
  readonly createdAt: Date
  readonly createdBy: string | null
  readonly updatedAt: Date
  readonly completedAt: Date | null
  readonly purgedAt: Date | null
}

export interface BulkJobRow {
  job_id: string
  workspace_id: string
  connection_id: string
  user_id: string | null
  operation: BulkOperation
  object_type: string
  external_id_field: string | null
  correlation_field: string | null
  state: BulkJobState
  wish: BulkJobWish
  total_records: number
  successful_records: number
  failed_records: number
  unprocessed_records: number
  unknown_records: number
  processed_records: number
  error_details: unknown
  columns: string[]
  checked_at: Date | null
  planned_at: Date | null
  organization_id: string | null
  blocked_reason: BlockReason | null
  blocked_detail: string | null
  blocked_at: Date | null
  waiting_for: string | null
  retry_of: string | null
  request_id: string | null
  staged_bytes: number
  started_at: Date | null
  last_upstream_at: Date | null
  created_at: Date
  created_by: string | null
  updated_at: Date
  completed_at: Date | null
  purged_at: Date | null
}

export function toBulkJob(r: BulkJobRow): BulkJob {
  return {
    jobId: r.job_id,
    workspaceId: r.workspace_id,
    connectionId: r.connection_id,
    userId: r.user_id,
    operation: r.operation,
    objectType: r.object_type,
    externalIdField: r.external_id_field,
    correlationField: r.correlation_field,
    state: r.state,
    wish: r.wish,
    totalRecords: r.total_records,
    counts: {
      success: r.successful_records,
      failed: r.failed_records,
      unprocessed: r.unprocessed_records,
      unknown: r.unknown_records,
    },
    processedRecords: r.processed_records,
    errorDetails: r.error_details,
    columns: r.columns,
    checkedAt: r.checked_at,
    plannedAt: r.planned_at,
    organizationId: r.organization_id,
    blockedReason: r.blocked_reason,
    blockedDetail: r.blocked_detail,
    blockedAt: r.blocked_at,
    waitingFor: r.waiting_for,
    retryOf: r.retry_of,
    requestId: r.request_id,
    stagedBytes: r.staged_bytes,
    startedAt: r.started_at,
    lastUpstreamAt: r.last_upstream_at,
    createdAt: r.created_at,
    createdBy: r.created_by,
    updatedAt: r.updated_at,
    completedAt: r.completed_at,
    purgedAt: r.purged_at,
  }
}

export const bulkJobColumns = sql.fragment`
  job_id, workspace_id, connection_id, user_id, operation, object_type, external_id_field,
  correlation_field, state, wish, total_records, successful_records, failed_records,
  unprocessed_records, unknown_records, processed_records, error_details, columns, checked_at,
  planned_at, organization_id, blocked_reason, blocked_detail, blocked_at, waiting_for, retry_of,
  request_id, staged_bytes, started_at, last_upstream_at, created_at, created_by, updated_at,
  completed_at, purged_at`

export const bulkJobRow = row<BulkJobRow>()
