import type { Cell } from '../../contracts/bulk-job.ts'
import type { InputIssue } from './input-issue.ts'

/** One row as it was read. Rows of one shape share the same `columns` array, so that work per shape is done once. */
export interface ReadRow {
  /** From 1, in the caller's input. */
  readonly rowNumber: number
  /** Line of the text on which the row begins, from 1; null where the body has no lines of its own. */
  readonly line: number | null
  readonly columns: readonly string[]
  readonly cells: Cell[]
}

/** What was read of one piece of the body. Rows with issues are not among the rows. */
export interface ReadPage {
  readonly rows: readonly ReadRow[]
  readonly issues: readonly InputIssue[]
}

/** Most characters of one record: twice what Salesforce takes (400,000) and then some; bounds memory. */
export const MOST_RECORD_CHARACTERS = 2_000_000

/** Most columns of one job; Salesforce takes 5,000 fields a record (bulk_api_2_limits). */
export const MOST_COLUMNS = 5_000
