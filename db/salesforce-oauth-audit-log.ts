import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** A row of `salesforce_oauth_audit_log`: what happened to the tokens of a connection. */
export interface OauthAuditEntry {
  readonly workspaceId: string
  readonly connectionId: string | null
  readonly userId: string | null
  readonly username: string | null
  readonly action: 'authorize' | 'exchange' | 'refresh' | 'revoke'
  readonly success: boolean
  readonly errorMessage?: string | null
  readonly address?: string | null
  readonly userAgent?: string | null
  /** Never a token, a code or a secret. */
  readonly details?: Readonly<Record<string, string | number | boolean | null>>
}

export function createOauthAuditLogQueries(connection: CommonQueryMethods) {
  return {
    /** In the transaction that does what it speaks of, where there is one: both or neither. */
    async append(entry: OauthAuditEntry): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into salesforce_oauth_audit_log (workspace_id, connection_id, user_id, username, action, details,
          ip_address, user_agent, success, error_message)
        values (${entry.workspaceId}, ${entry.connectionId}, ${entry.userId}, ${entry.username},
          ${entry.action}, ${sql.jsonb({ ...entry.details })}, ${entry.address ?? null},
          ${entry.userAgent ?? null}, ${entry.success}, ${entry.errorMessage ?? null})`)
    },
  }
}
