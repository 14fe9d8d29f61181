import type { JobWarning } from '../../contracts/http/metadata.ts'
import type { BulkJob } from '../../db/bulk-jobs.ts'
import { createMetadataChangeQueries, type MetadataChange } from '../../db/metadata-changes.ts'
import type { WorkspaceDatabase } from '../../db/workspace-database.ts'

const MOST_CHANGES = 1_000

/** What went away, or became another thing, under a job while it ran: of the object itself and of columns that it writes. */
export async function jobWarnings(
  database: WorkspaceDatabase,
  job: Pick<
    BulkJob,
    'connectionId' | 'objectType' | 'columns' | 'externalIdField' | 'createdAt' | 'completedAt'
  >,
): Promise<JobWarning[]> {
  const losses = await createMetadataChangeQueries(database).listLosses(
    job.connectionId,
    job.objectType,
    job.createdAt,
    job.completedAt ?? new Date(),
    MOST_CHANGES,
  )
  const used = new Set(
    [...job.columns, ...(job.externalIdField === null ? [] : [job.externalIdField])].map(
      // `Owner.Email` names a record by the relationship `Owner`.
      (column) => (column.split('.')[0] ?? '').trim().toLowerCase(),
    ),
  )
  return losses.flatMap((change) => warningOf(change, used))
}

function warningOf(change: MetadataChange, used: ReadonlySet<string>): JobWarning[] {
  const { kind, objectType, field, before, after, changeId, createdAt } = change
  const warning = (code: JobWarning['code'], message: string) => [
    { code, field, message, noticed_at: createdAt.toISOString(), change_id: changeId },
  ]
  switch (kind) {
    case 'object_removed':
      return warning(kind, `${objectType} is gone, or hidden from the integration user.`)
    case 'field_removed':
      if (!isUsed(change, used)) return []
      return warning(
        kind,
        `${objectType}.${field} is gone, or hidden from the integration user. Rows that were not written by then fail.`,
      )
    case 'field_type_changed': {
      if (!isUsed(change, used)) return []
      const types = `${String(before?.['type'])} → ${String(after?.['type'])}`
      return warning(kind, `${objectType}.${field} has another type (${types}).`)
    }
    case 'object_added':
    case 'field_added':
    case 'picklist_changed':
      return []
    default:
      return unknownKind(kind)
  }
}

function isUsed({ field, before }: MetadataChange, used: ReadonlySet<string>): boolean {
  const relationship = before?.['relationship_name']
  return [field, relationship].some(
    (name) => typeof name === 'string' && used.has(name.toLowerCase()),
  )
}

function unknownKind(kind: never): never {
  throw new Error(`Unknown kind ${String(kind)}`)
}
