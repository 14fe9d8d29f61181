import { type RowError, rowError } from '../values/row-error.ts'

export const LOCK_ERROR = 'UNABLE_TO_LOCK_ROW'

/** The refusal of a write that could not get at these records. */
export function lockError(records: readonly string[]): RowError {
  return rowError(
    LOCK_ERROR,
    `unable to obtain exclusive access to this record or ${records.length} records: ${records.join(',')}`,
  )
}
