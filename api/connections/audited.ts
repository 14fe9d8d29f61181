import { createAuditLogQueries } from '../../db/audit-log.ts'
import { auditEntry } from '../audit.ts'
import type { ApiContext } from '../dependencies.ts'
import { ApiError } from '../errors.ts'

/** Does what Salesforce is asked for and notes in the audit log how it ended. */
export async function audited<T>(
  c: ApiContext,
  did: { readonly action: string; readonly subject: string | null },
  work: () => Promise<T>,
): Promise<T> {
  const log = createAuditLogQueries(c.var.database)
  try {
    const result = await work()
    await log.append(auditEntry(c, did))
    return result
  } catch (error) {
    if (error instanceof ApiError) {
      await log.append(auditEntry(c, { ...did, outcome: 'failed', details: { code: error.code } }))
    }
    throw error
  }
}
