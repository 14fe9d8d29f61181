import type { BulkOperation } from '../contracts/bulk-job.ts'
import { uuidV7 } from '../security/uuid-v7.ts'

/** `bulk_job_account_insert_<UUIDv7>`: the prefix that callers know, unique and in order of time. */
export function newBulkJobId(objectType: string, operation: BulkOperation): string {
  const object = objectType.toLowerCase().replaceAll(/[^a-z0-9_]/g, '')
  return `bulk_job_${object}_${operation}_${uuidV7()}`
}
