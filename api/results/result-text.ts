import { RESULT_COLUMNS, type ResultRow } from '../../contracts/http/bulk-jobs.ts'
import type { ResultedRow } from './result-rows.ts'

export const RESULT_TYPES = ['text/csv', 'application/x-ndjson'] as const
export type ResultType = (typeof RESULT_TYPES)[number]

/** Writes result rows as text of one type. */
export interface ResultWriter {
  readonly head: string
  text(rows: readonly ResultedRow[]): string
}

export function createResultWriter(type: ResultType, columns: readonly string[]): ResultWriter {
  switch (type) {
    case 'text/csv':
      return {
        head: csvLine([...RESULT_COLUMNS, ...columns]),
        text: (rows) => rows.map((row) => csvLine(csvCells(row, columns))).join(''),
      }
    case 'application/x-ndjson':
      return {
        head: '',
        text: (rows) => rows.map((row) => `${JSON.stringify(resultRow(row))}\n`).join(''),
      }
  }
}

/** A field that was cleared reads `#N/A`, so that the file can be sent again and means the same. */
function csvCells({ columns, row, result }: ResultedRow, all: readonly string[]): string[] {
  const own = new Map(columns.map((column, place) => [column, row.cells[place]]))
  return [
    String(result.rowNumber),
    result.outcome,
    result.salesforceId ?? '',
    result.created === null ? '' : String(result.created),
    result.errorCode ?? '',
    result.errorMessage ?? '',
    result.errorFields.join(' '),
    String(result.retryable),
    result.upstreamJobId ?? '',
    ...all.map((column) => {
      const cell = own.get(column) ?? null
      return cell === '' ? '#N/A' : (cell ?? '')
    }),
  ]
}

function resultRow({ columns, row, result }: ResultedRow): ResultRow {
  const record: [string, string | null][] = []
  for (const [place, column] of columns.entries()) {
    const cell = row.cells[place] ?? null
    if (cell !== null) record.push([column, cell === '' ? null : cell])
  }
  return {
    row_number: result.rowNumber,
    outcome: result.outcome,
    salesforce_id: result.salesforceId,
    created: result.created,
    error_code: result.errorCode,
    error_message: result.errorMessage,
    error_fields: [...result.errorFields],
    retryable: result.retryable,
    upstream_job_id: result.upstreamJobId,
    record: Object.fromEntries(record),
  }
}

/** Values go out as they came in, even those that a spreadsheet takes for a formula: they may be sent again. */
function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\n`
}

function csvCell(cell: string): string {
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
