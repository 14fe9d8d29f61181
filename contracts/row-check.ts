import type { BulkOperation, Cell } from './bulk-job.ts'
import type { ObjectDescribe } from './metadata.ts'

/** Codes of what can be wrong with a row before anything is sent. Stable: callers match on them. */
export const ROW_ISSUE_CODES = [
  'unknown_field',
  'field_not_writable',
  'missing_id',
  'invalid_id',
  'missing_external_id',
  'missing_external_id_field',
  'not_an_external_id',
  'duplicate_key',
  'field_too_long',
  'reserved_value',
  'value_not_scalar',
  'unknown_object',
  'operation_not_allowed',
  'empty_row',
  'duplicate_column',
] as const
export type RowIssueCode = (typeof ROW_ISSUE_CODES)[number]

/** One thing wrong with the input. `rowNumber` is 1-based and null where a column or the whole job is at fault. */
export interface RowIssue {
  readonly code: RowIssueCode
  readonly rowNumber: number | null
  readonly field: string | null
  /** One sentence that names what is wrong and how to mend it. Holds no value of the record. */
  readonly message: string
}

/** What rows are checked against. `describe` is null while it is not known: then only what needs none is checked. */
export interface RowCheckSubject {
  readonly operation: BulkOperation
  readonly objectType: string
  readonly externalIdField: string | null
  readonly correlationField: string | null
  readonly describe: ObjectDescribe | null
}

export interface RowChecker {
  /** Once per set of columns. */
  checkColumns(columns: readonly string[]): RowIssue[]
  /** Once per row; the columns must have been checked before. */
  checkRow(columns: readonly string[], rowNumber: number, cells: readonly Cell[]): RowIssue[]
}
