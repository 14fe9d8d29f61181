import type { ColumnRegistry } from './column-registry.ts'
import type { InputIssue } from './input-issue.ts'
import type { ReadPage, ReadRow } from './read-row.ts'
import { recordToRow } from './record-to-row.ts'

const RECORDS_AT_ONCE = 1_000

/** Rows of records that are already in memory. `rowNumbers` are 1, 2, 3 … unless given. */
export async function* readJsonRecords(
  records: readonly unknown[],
  registry: ColumnRegistry,
  rowNumbers?: readonly number[],
): AsyncGenerator<ReadPage> {
  for (let first = 0; first < records.length; first += RECORDS_AT_ONCE) {
    const rows: ReadRow[] = []
    const issues: InputIssue[] = []
    for (let at = first; at < Math.min(records.length, first + RECORDS_AT_ONCE); at++) {
      const rowNumber = rowNumbers?.[at] ?? at + 1
      const row = recordToRow(records[at], { rowNumber, line: null }, registry, issues)
      if (row !== null) rows.push(row)
    }
    yield { rows, issues }
  }
}
