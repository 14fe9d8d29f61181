import type { NewAuditEntry } from '../db/audit-log.ts'
import type { Caller } from './caller.ts'
import type { ApiContext } from './dependencies.ts'

/** What a request did, as the audit log keeps it. Who and from where come with the request. */
export function auditEntry(
  c: ApiContext,
  did: {
    readonly action: string
    readonly subject: string | null
    readonly outcome?: NewAuditEntry['outcome']
    readonly details?: Readonly<Record<string, unknown>>
  },
): NewAuditEntry {
  const { caller } = c.var
  return {
    workspaceId: caller.workspaceId,
    ...actorOf(caller),
    action: did.action,
    subject: did.subject,
    outcome: did.outcome ?? 'success',
    address: c.var.address,
    requestId: c.var.requestId,
    details: did.details ?? {},
  }
}

function actorOf({ keyId, sessionId }: Caller): Pick<NewAuditEntry, 'actorKind' | 'actorId'> {
  if (sessionId !== null) return { actorKind: 'session', actorId: sessionId }
  return { actorKind: keyId === null ? 'local' : 'api_key', actorId: keyId }
}
