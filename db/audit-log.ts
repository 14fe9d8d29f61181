import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

export type AuditActorKind = 'api_key' | 'session' | 'local' | 'operator' | 'salesforce' | 'system'

/** A row of `audit_log`. */
export interface AuditEntry {
  readonly entryId: number
  readonly workspaceId: string
  readonly at: Date
  readonly actorKind: AuditActorKind
  readonly actorId: string | null
  /** `subject.verb`, such as `api_key.created`. */
  readonly action: string
  readonly subject: string | null
  readonly outcome: 'success' | 'refused' | 'failed'
  readonly address: string | null
  readonly requestId: string | null
  readonly details: Readonly<Record<string, unknown>>
}

export type NewAuditEntry = Omit<AuditEntry, 'entryId' | 'at'>

interface AuditRow {
  entry_id: number
  workspace_id: string
  at: Date
  actor_kind: AuditActorKind
  actor_id: string | null
  action: string
  subject: string | null
  outcome: AuditEntry['outcome']
  address: string | null
  request_id: string | null
  details: Record<string, unknown>
}

const toAuditEntry = (r: AuditRow): AuditEntry => ({
  entryId: r.entry_id,
  workspaceId: r.workspace_id,
  at: r.at,
  actorKind: r.actor_kind,
  actorId: r.actor_id,
  action: r.action,
  subject: r.subject,
  outcome: r.outcome,
  address: r.address,
  requestId: r.request_id,
  details: r.details,
})

export interface AuditFilter {
  readonly action?: string | undefined
  readonly subject?: string | undefined
  readonly since?: Date | undefined
  readonly until?: Date | undefined
}

export function createAuditLogQueries(connection: CommonQueryMethods) {
  return {
    /** In the transaction that does what it speaks of, where there is one: both or neither. */
    async append(entry: NewAuditEntry): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into audit_log (workspace_id, actor_kind, actor_id, action, subject, outcome, address,
          request_id, details)
        values (${entry.workspaceId}, ${entry.actorKind}, ${entry.actorId}, ${entry.action},
          ${entry.subject}, ${entry.outcome}, ${entry.address}, ${entry.requestId},
          ${sql.jsonb(entry.details as never)})`)
    },

    /** Newest first, before the given entry. */
    async list(
      filter: AuditFilter,
      limit: number,
      beforeEntryId: number | null,
    ): Promise<AuditEntry[]> {
      const conditions = [
        sql.fragment`true`,
        ...(beforeEntryId === null ? [] : [sql.fragment`entry_id < ${beforeEntryId}`]),
        ...(filter.action === undefined ? [] : [sql.fragment`action = ${filter.action}`]),
        ...(filter.subject === undefined ? [] : [sql.fragment`subject = ${filter.subject}`]),
        ...(filter.since === undefined ? [] : [sql.fragment`at >= ${sql.timestamp(filter.since)}`]),
        ...(filter.until === undefined ? [] : [sql.fragment`at < ${sql.timestamp(filter.until)}`]),
      ]
      const found = await connection.any(sql.type(row<AuditRow>())`
        select entry_id, workspace_id, at, actor_kind, actor_id, action, subject, outcome, address,
          request_id, details
        from audit_log where ${sql.join(conditions, sql.fragment` and `)}
        order by entry_id desc limit ${limit}`)
      return found.map(toAuditEntry)
    },
  }
}
