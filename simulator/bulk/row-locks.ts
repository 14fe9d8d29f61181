import { type LockingWrite, lockedRecords, upsertedId } from '../locks/locked-records.ts'
import type { Job } from '../store/job-store.ts'
import type { RecordStore } from '../store/record-store.ts'
import type { ColumnPlan } from './column-plan.ts'
import type { IdLookup } from './id-lookup.ts'
import type { PreparedRow } from './prepare-row.ts'
import { resolveLookups } from './resolve-lookups.ts'

/** Ids of the records that writing a row locks. */
export type RowLocks = (row: PreparedRow) => string[]

export function createRowLocks(
  store: RecordStore,
  lookup: IdLookup,
  job: Job,
  plan: ColumnPlan,
): RowLocks {
  return (row) => {
    const values = { ...row.values }
    // A row whose parent is not found is refused for that, and locks what else it names.
    resolveLookups(lookup, plan, row, values)
    return lockedRecords(store, write(store, job, plan, values))
  }
}

function write(
  store: RecordStore,
  job: Job,
  plan: ColumnPlan,
  values: PreparedRow['values'],
): LockingWrite {
  const { object, key } = plan
  switch (job.operation) {
    case 'insert':
      return { object, id: null, values }
    case 'upsert':
      return { object, id: key === null ? null : upsertedId(store, object, key, values), values }
    case 'update':
      return { object, id: values['Id'] ?? null, values }
    case 'delete':
    case 'hardDelete':
      return { object, id: values['Id'] ?? null, values: {} }
    case 'query':
    case 'queryAll':
      throw new Error(`job ${job.id} writes nothing`)
  }
}
