import { type CommonQueryMethods, sql } from 'slonik'
import type { BlockReason } from '../contracts/bulk-job.ts'
import { row } from './row-type.ts'

/** A row of `connections`: one authorised Salesforce org of a workspace. */
export interface Connection {
  readonly connectionId: string
  readonly workspaceId: string
  readonly organizationId: string | null
  readonly blockedReason: BlockReason | null
  readonly blockedDetail: string | null
  /** Calls used and allowed in the rolling 24 hours, as last seen; null before the first answer. */
  readonly apiUsage: { readonly used: number; readonly limit: number; readonly seenAt: Date } | null
}

interface ConnectionRow {
  connection_id: string
  workspace_id: string
  organization_id: string | null
  blocked_reason: BlockReason | null
  blocked_detail: string | null
  api_usage_used: number | null
  api_usage_limit: number | null
  api_usage_at: Date | null
}

function toConnection(r: ConnectionRow): Connection {
  return {
    connectionId: r.connection_id,
    workspaceId: r.workspace_id,
    organizationId: r.organization_id,
    blockedReason: r.blocked_reason,
    blockedDetail: r.blocked_detail,
    apiUsage:
      r.api_usage_used === null || r.api_usage_limit === null || r.api_usage_at === null
        ? null
        : { used: r.api_usage_used, limit: r.api_usage_limit, seenAt: r.api_usage_at },
  }
}

const columns = sql.fragment`
  connection_id, workspace_id, organization_id, blocked_reason, blocked_detail, api_usage_used,
  api_usage_limit, api_usage_at`

export type ConnectionQueries = ReturnType<typeof createConnectionQueries>

export function createConnectionQueries(connection: CommonQueryMethods) {
  return {
    async get(connectionId: string): Promise<Connection | null> {
      const found = await connection.maybeOne(sql.type(row<ConnectionRow>())`
        select ${columns} from connections where connection_id = ${connectionId}`)
      return found ? toConnection(found) : null
    },

    /** The workspace's default connection, which callers that name none use. */
    async findDefault(workspaceId: string): Promise<Connection | null> {
      const found = await connection.maybeOne(sql.type(row<ConnectionRow>())`
        select ${columns} from connections where workspace_id = ${workspaceId} and is_default`)
      return found ? toConnection(found) : null
    },

    async setApiUsage(connectionId: string, usage: { used: number; limit: number }): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update connections
        set api_usage_used = ${usage.used}, api_usage_limit = ${usage.limit}, api_usage_at = now()
        where connection_id = ${connectionId}`)
    },

    /** The rotated refresh token, sealed, that descends from the configured one of this hash; null without. */
    async findRefreshToken(connectionId: string, origin: string): Promise<Buffer | null> {
      return connection.maybeOneFirst(sql.type(row<{ refresh_token: Buffer | null }>())`
        select refresh_token from connections
        where connection_id = ${connectionId} and refresh_token_origin = ${origin}`)
    },

    async setRefreshToken(connectionId: string, origin: string, sealed: Buffer): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update connections
        set refresh_token = ${sql.binary(sealed)}, refresh_token_origin = ${origin}, updated_at = now()
        where connection_id = ${connectionId}`)
    },

    /** Records why the connection's jobs are held. */
    async block(connectionId: string, reason: BlockReason, detail: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update connections
        set blocked_reason = ${reason}, blocked_detail = ${detail}, blocked_at = coalesce(blocked_at, now()),
          updated_at = now()
        where connection_id = ${connectionId}`)
    },

    /** The connection works again: jobs that it held are woken by the sweeper. */
    async unblock(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update connections
        set blocked_reason = null, blocked_detail = null, blocked_at = null, updated_at = now()
        where connection_id = ${connectionId} and blocked_reason is not null`)
    },
  }
}
