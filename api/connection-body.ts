import { blockRemedy } from '../contracts/block-remedies.ts'
import type { ConnectionBody } from '../contracts/http/connections.ts'
import type { Connection } from '../db/connection-row.ts'

export function connectionUrl(connectionId: string): string {
  return `/v1/connections/${encodeURIComponent(connectionId)}`
}

/** A connection as callers see it: never a token or a secret. */
export function connectionBody(connection: Connection): ConnectionBody {
  const { blockedReason, apiUsage } = connection
  return {
    id: connection.connectionId,
    name: connection.name,
    flow: connection.flow,
    status: connection.status,
    default: connection.isDefault,
    login_url: connection.loginUrl,
    instance_url: connection.instanceUrl,
    organization_id: connection.organizationId,
    username: connection.username,
    user_id: connection.userId,
    scopes: (connection.scope ?? '').split(/\s+/).filter((scope) => scope !== ''),
    blocked:
      blockedReason === null
        ? null
        : {
            reason: blockedReason,
            detail: connection.blockedDetail ?? '',
            remedy: blockRemedy(blockedReason),
          },
    api_usage:
      apiUsage === null
        ? null
        : { used: apiUsage.used, limit: apiUsage.limit, seen_at: apiUsage.seenAt.toISOString() },
    authorized_at: connection.authorizedAt?.toISOString() ?? null,
    created_at: connection.createdAt.toISOString(),
  }
}
