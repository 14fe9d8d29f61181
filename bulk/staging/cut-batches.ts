import type { Cell } from '../../contracts/bulk-job.ts'
import { ingestCsvRow } from '../ingest-csv.ts'
import type { ReadRow } from './read-row.ts'

/** A batch that is complete: its lines as they go on the wire, with what planning needs to know of them. */
export interface CutBatch {
  readonly batchNumber: number
  readonly columns: readonly string[]
  /** Ascending; a retry carries a part of its job's rows, with gaps between them. */
  readonly rowNumbers: readonly number[]
  /** One line for each row, by the columns. */
  readonly lines: string
  /** UTF-8 bytes of the lines. */
  readonly encodedBytes: number
}

export interface BatchLimits {
  readonly maxRows: number
  /** UTF-8 bytes on the wire; a single row over it is a batch of its own. */
  readonly maxBytes: number
}

export interface BatchCutter {
  /** Takes a row; gives the batch before it where that is full. Row numbers ascend. */
  push(row: ReadRow): CutBatch | null
  /** What is left. */
  finish(): CutBatch | null
}

/** Cuts rows into batches, in the order in which they come. */
export function createBatchCutter(limits: BatchLimits): BatchCutter {
  let rows: ReadRow[] = []
  let lines: string[] = []
  let bytes = 0
  let batchNumber = 0

  function cut(): CutBatch | null {
    const first = rows[0]
    if (first === undefined) return null
    batchNumber += 1
    const columns = unionOf(rows)
    // Rows of one shape, as all of a CSV body are, keep the lines that they were measured by.
    const text =
      columns === first.columns
        ? lines.join('')
        : rows.map((row) => ingestCsvRow(columns, columns, arranged(row, columns))).join('')
    const batch: CutBatch = {
      batchNumber,
      columns,
      rowNumbers: rows.map((row) => row.rowNumber),
      lines: text,
      encodedBytes: columns === first.columns ? bytes : Buffer.byteLength(text),
    }
    rows = []
    lines = []
    bytes = 0
    return batch
  }

  return {
    push(row) {
      const line = ingestCsvRow(row.columns, row.columns, row.cells)
      const rowBytes = Buffer.byteLength(line)
      const isFull =
        rows.length > 0 && (rows.length >= limits.maxRows || bytes + rowBytes > limits.maxBytes)
      const full = isFull ? cut() : null
      rows.push(row)
      lines.push(line)
      bytes += rowBytes
      return full
    },
    finish: cut,
  }
}

function unionOf(rows: readonly ReadRow[]): readonly string[] {
  const first = rows[0]?.columns ?? []
  if (rows.every((row) => row.columns === first)) return first
  const union = new Set<string>()
  for (const row of rows) for (const column of row.columns) union.add(column)
  return [...union]
}

const placesOf = new WeakMap<readonly string[], WeakMap<readonly string[], Int32Array>>()

/** The row's cells by `columns`; a column that the row does not have is left alone. */
function arranged(row: ReadRow, columns: readonly string[]): readonly Cell[] {
  if (row.columns === columns) return row.cells
  let byUnion = placesOf.get(row.columns)
  if (byUnion === undefined) {
    byUnion = new WeakMap()
    placesOf.set(row.columns, byUnion)
  }
  let places = byUnion.get(columns)
  if (places === undefined) {
    const placeOf = new Map(row.columns.map((column, place) => [column, place]))
    places = Int32Array.from(columns, (column) => placeOf.get(column) ?? -1)
    byUnion.set(columns, places)
  }
  return Array.from(places, (place) => (place < 0 ? null : (row.cells[place] ?? null)))
}
