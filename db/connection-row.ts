import { sql } from 'slonik'
import type { BlockReason } from '../contracts/bulk-job.ts'
import type { ConnectionFlow, ConnectionStatus } from '../contracts/connection.ts'

/** A row of `connections`: one authorised Salesforce org of a workspace. */
export interface Connection {
  readonly connectionId: string
  readonly workspaceId: string
  readonly name: string
  readonly isDefault: boolean
  readonly flow: ConnectionFlow
  readonly status: ConnectionStatus
  /** Null for the environment's. */
  readonly loginUrl: string | null
  readonly instanceUrl: string | null
  readonly organizationId: string | null
  readonly salesforceUserId: string | null
  readonly username: string | null
  /** The name by which callers of the legacy routes know it. */
  readonly userId: string | null
  readonly scope: string | null
  readonly authorizedAt: Date | null
  readonly createdAt: Date
  readonly isDeleted: boolean
  readonly blockedReason: BlockReason | null
  readonly blockedDetail: string | null
  /** Calls used and allowed in the rolling 24 hours, as last seen; null before the first answer. */
  readonly apiUsage: { readonly used: number; readonly limit: number; readonly seenAt: Date } | null
}

export interface ConnectionRow {
  connection_id: string
  workspace_id: string
  name: string
  is_default: boolean
  flow: ConnectionFlow
  login_url: string | null
  instance_url: string | null
  organization_id: string | null
  salesforce_user_id: string | null
  username: string | null
  user_id: string | null
  scope: string | null
  authorized_at: Date | null
  created_at: Date
  revoked_at: Date | null
  deleted_at: Date | null
  blocked_reason: BlockReason | null
  blocked_detail: string | null
  api_usage_used: number | null
  api_usage_limit: number | null
  api_usage_at: Date | null
}

export function toConnection(r: ConnectionRow): Connection {
  return {
    connectionId: r.connection_id,
    workspaceId: r.workspace_id,
    name: r.name,
    isDefault: r.is_default,
    flow: r.flow,
    status: statusOf(r),
    loginUrl: r.login_url,
    instanceUrl: r.instance_url,
    organizationId: r.organization_id,
    salesforceUserId: r.salesforce_user_id,
    username: r.username,
    userId: r.user_id,
    scope: r.scope,
    authorizedAt: r.authorized_at,
    createdAt: r.created_at,
    isDeleted: r.deleted_at !== null,
    blockedReason: r.blocked_reason,
    blockedDetail: r.blocked_detail,
    apiUsage:
      r.api_usage_used === null || r.api_usage_limit === null || r.api_usage_at === null
        ? null
        : { used: r.api_usage_used, limit: r.api_usage_limit, seenAt: r.api_usage_at },
  }
}

function statusOf(r: ConnectionRow): ConnectionStatus {
  if (r.revoked_at !== null || r.deleted_at !== null) return 'revoked'
  return r.blocked_reason === 'authentication_failed' ? 'reauthorization_required' : 'connected'
}

export const connectionColumns = sql.fragment`
  connection_id, workspace_id, name, is_default, flow, login_url, instance_url, organization_id,
  salesforce_user_id, username, user_id, scope, authorized_at, created_at, revoked_at, deleted_at,
  blocked_reason, blocked_detail, api_usage_used, api_usage_limit, api_usage_at`
