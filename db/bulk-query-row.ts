import { sql } from 'slonik'
import type { BlockReason } from '../contracts/bulk-job.ts'
import type { BulkQueryFailure, BulkQueryState, BulkQueryWish } from '../contracts/bulk-query.ts'
import { row } from './row-type.ts'

/** A row of `bulk_queries`. */
export interface BulkQuery {
  readonly queryId: string
  readonly workspaceId: string
  readonly connectionId: string
  readonly objectType: string
  readonly request: Buffer
  readonly includeDeleted: boolean
  readonly state: BulkQueryState
  readonly wish: BulkQueryWish
  readonly blockedReason: BlockReason | null
  readonly blockedDetail: string | null
  readonly blockedAt: Date | null
  readonly epoch: number
  readonly upstreamState: 'creating' | 'created' | 'complete' | null
  readonly salesforceJobId: string | null
  readonly upstreamAttempts: number
  readonly upstreamCreatedAt: Date | null
  readonly recordsProcessed: number
  readonly nextLocator: string | null
  readonly pages: number
  readonly records: number
  readonly storedBytes: number
  readonly errorCode: BulkQueryFailure | null
  readonly errorDetail: Buffer | null
  readonly createdBy: string | null
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly completedAt: Date | null
  readonly purgedAt: Date | null
  /** Where it stands in lists, to the microsecond. */
  readonly place: string
}

export interface BulkQueryRow {
  query_id: string
  workspace_id: string
  connection_id: string
  object_type: string
  request: Buffer
  include_deleted: boolean
  state: BulkQueryState
  wish: BulkQueryWish
  blocked_reason: BlockReason | null
  blocked_detail: string | null
  blocked_at: Date | null
  epoch: number
  upstream_state: BulkQuery['upstreamState']
  salesforce_job_id: string | null
  upstream_attempts: number
  upstream_created_at: Date | null
  records_processed: number
  next_locator: string | null
  pages: number
  records: number
  stored_bytes: number
  error_code: BulkQueryFailure | null
  error_detail: Buffer | null
  created_by: string | null
  created_at: Date
  started_at: Date | null
  completed_at: Date | null
  purged_at: Date | null
  place: string
}

export const bulkQueryColumns = sql.fragment`
  query_id, workspace_id, connection_id, object_type, request, include_deleted, state, wish, blocked_reason,
  blocked_detail, blocked_at, epoch, upstream_state, salesforce_job_id, upstream_attempts, upstream_created_at,
  records_processed, next_locator, pages, records, stored_bytes, error_code, error_detail, created_by, created_at,
  started_at, completed_at, purged_at, exact_time(created_at) as place`

export const bulkQueryRow = row<BulkQueryRow>()

export function toBulkQuery(r: BulkQueryRow): BulkQuery {
  return {
    queryId: r.query_id,
    workspaceId: r.workspace_id,
    connectionId: r.connection_id,
    objectType: r.object_type,
    request: r.request,
    includeDeleted: r.include_deleted,
    state: r.state,
    wish: r.wish,
    blockedReason: r.blocked_reason,
    blockedDetail: r.blocked_detail,
    blockedAt: r.blocked_at,
    epoch: r.epoch,
    upstreamState: r.upstream_state,
    salesforceJobId: r.salesforce_job_id,
    upstreamAttempts: r.upstream_attempts,
    upstreamCreatedAt: r.upstream_created_at,
    recordsProcessed: r.records_processed,
    nextLocator: r.next_locator,
    pages: r.pages,
    records: r.records,
    storedBytes: r.stored_bytes,
    errorCode: r.error_code,
    errorDetail: r.error_detail,
    createdBy: r.created_by,
    createdAt: r.created_at,
    startedAt: r.started_at,
    completedAt: r.completed_at,
    purgedAt: r.purged_at,
    place: r.place,
  }
}
