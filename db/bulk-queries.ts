import { type CommonQueryMethods, sql } from 'slonik'
import type { BlockReason } from '../contracts/bulk-job.ts'
import type {
  BulkQueryFailure,
  BulkQueryState,
  EndedBulkQueryState,
} from '../contracts/bulk-query.ts'
import { type BulkQuery, bulkQueryColumns, bulkQueryRow, toBulkQuery } from './bulk-query-row.ts'
import { type ExactPlace, exactTime } from './exact-time.ts'
import { row } from './row-type.ts'

export type { BulkQuery } from './bulk-query-row.ts'

/** What a value of a row is sealed for. */
export function bulkQueryContext(queryId: string, column: 'request' | 'error_detail'): string {
  return `bulk_queries/${queryId}/${column}`
}

export type NewBulkQuery = Pick<
  BulkQuery,
  | 'queryId'
  | 'workspaceId'
  | 'connectionId'
  | 'objectType'
  | 'request'
  | 'includeDeleted'
  | 'createdBy'
> & { readonly requestId: string | null }

/** Durable queries as callers make, read and steer them; `bulk-query-attempts.ts` has what workers do with them. */
export function createBulkQueryQueries(connection: CommonQueryMethods) {
  const one = async (query: ReturnType<typeof sql.fragment>) => {
    const found = await connection.maybeOne(sql.type(bulkQueryRow)`${query}`)
    return found ? toBulkQuery(found) : null
  }

  return {
    async insert(query: NewBulkQuery): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into bulk_queries (query_id, workspace_id, connection_id, object_type, request, include_deleted,
          created_by, request_id)
        values (${query.queryId}, ${query.workspaceId}, ${query.connectionId}, ${query.objectType},
          ${sql.binary(query.request)}, ${query.includeDeleted}, ${query.createdBy}, ${query.requestId})`)
    },

    async get(queryId: string): Promise<BulkQuery | null> {
      return one(
        sql.fragment`select ${bulkQueryColumns} from bulk_queries where query_id = ${queryId}`,
      )
    },

    /** Newest first, before the given place. */
    async list(
      filter: {
        readonly state?: BulkQueryState | undefined
        readonly objectType?: string | undefined
      },
      limit: number,
      before: ExactPlace | null,
    ): Promise<BulkQuery[]> {
      const conditions = [
        sql.fragment`true`,
        ...(filter.state === undefined ? [] : [sql.fragment`state = ${filter.state}`]),
        ...(filter.objectType === undefined
          ? []
          : [sql.fragment`lower(object_type) = lower(${filter.objectType})`]),
        ...(before === null
          ? []
          : [sql.fragment`(created_at, query_id) < (${exactTime(before.at)}, ${before.id})`]),
      ]
      const found = await connection.any(sql.type(bulkQueryRow)`
        select ${bulkQueryColumns} from bulk_queries where ${sql.join(conditions, sql.fragment` and `)}
        order by created_at desc, query_id desc limit ${limit}`)
      return found.map(toBulkQuery)
    },

    /** Bytes of results that the workspace keeps. */
    async storedBytes(workspaceId: string): Promise<number> {
      return connection.oneFirst(sql.type(row<{ bytes: number }>())`
        select coalesce(sum(stored_bytes), 0)::bigint as bytes from bulk_queries
        where workspace_id = ${workspaceId} and purged_at is null`)
    },

    /** Null where it has ended. */
    async askCancel(queryId: string): Promise<BulkQuery | null> {
      return one(sql.fragment`
        update bulk_queries set wish = 'cancel' where query_id = ${queryId} and completed_at is null
        returning ${bulkQueryColumns}`)
    },

    /** `InProgress`, from any state that has not ended; clears what blocked it. Null where it has ended. */
    async setInProgress(queryId: string): Promise<BulkQuery | null> {
      return one(sql.fragment`
        update bulk_queries set state = 'InProgress', started_at = coalesce(started_at, now()),
          blocked_reason = null, blocked_detail = null, blocked_at = null
        where query_id = ${queryId} and completed_at is null
        returning ${bulkQueryColumns}`)
    },

    async setBlocked(queryId: string, reason: BlockReason, detail: string): Promise<boolean> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        update bulk_queries set state = 'Blocked', blocked_reason = ${reason}, blocked_detail = ${detail},
          blocked_at = coalesce(blocked_at, now())
        where query_id = ${queryId} and completed_at is null`)
      return rowCount === 1
    },

    /** Ends it without its results; those that are there are removed by whoever purges. Null where it had ended. */
    async end(
      queryId: string,
      state: Exclude<EndedBulkQueryState, 'Completed'>,
      error: { readonly code: BulkQueryFailure; readonly detail: Buffer | null } | null,
    ): Promise<BulkQuery | null> {
      return one(sql.fragment`
        update bulk_queries set state = ${state}, completed_at = now(), epoch = epoch + 1,
          error_code = ${error?.code ?? null}, error_detail = ${error?.detail ? sql.binary(error.detail) : null},
          blocked_reason = null, blocked_detail = null, blocked_at = null
        where query_id = ${queryId} and completed_at is null
        returning ${bulkQueryColumns}`)
    },

    /** Pins the organization at the first call; returns the pinned one ever after. */
    async pinOrganization(queryId: string, organizationId: string): Promise<string> {
      return connection.oneFirst(sql.type(row<{ organization_id: string }>())`
        update bulk_queries set organization_id = coalesce(organization_id, ${organizationId})
        where query_id = ${queryId} returning organization_id`)
    },

    /** Whether it is blocked by a connection with which nothing is wrong any more. */
    async isHeldForNothing(queryId: string): Promise<boolean> {
      return connection.exists(sql.type(row<{ found: number }>())`
        select 1 as found from bulk_queries q join connections c using (connection_id)
        where q.query_id = ${queryId} and q.state = 'Blocked'
          and q.blocked_reason = 'authentication_failed' and c.blocked_reason is null`)
    },

    /**
     * Run as the system. Ended queries whose results are due for removal: after so many days; at once where there is
     * nothing to read.
     */
    async listPurgeable(
      olderThanDays: number,
      limit: number,
    ): Promise<readonly { readonly queryId: string; readonly workspaceId: string }[]> {
      const found = await connection.any(
        sql.type(row<{ query_id: string; workspace_id: string }>())`
        select query_id, workspace_id from bulk_queries
        where purged_at is null and completed_at is not null
          and (state <> 'Completed' or completed_at < now() - ${olderThanDays} * interval '1 day')
        order by completed_at limit ${limit}`,
      )
      return found.map((r) => ({ queryId: r.query_id, workspaceId: r.workspace_id }))
    },

    async setPurged(queryId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update bulk_queries set purged_at = now(), stored_bytes = 0
        where query_id = ${queryId} and completed_at is not null`)
    },
  }
}
