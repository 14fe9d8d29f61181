import type { Cell, StagedBatch, StagedRow } from '../contracts/bulk-job.ts'
import { BlobFormError, packBlob, unpackBlob } from './blob-frame.ts'
import { ingestCsvRow } from './ingest-csv.ts'
import { buildRowRuns, expandRowRuns, type RowRuns } from './row-runs.ts'
import { CsvFormError, createCsvScanner, type ScannedRecord } from './scan-csv.ts'
import { CLEARING_VALUE } from './wire-value.ts'

const FORM = 'rows/2'

/**
 * A staged batch as it is stored: its rows are the very lines that go on the wire, so that sending them is copying.
 * Cells are read out of the lines only where somebody needs them.
 */
export interface WireBatch {
  readonly columns: readonly string[]
  readonly rowNumbers: readonly number[]
  /** The lines of `ingestCsvRow` by the batch's own columns, in order of the row numbers. */
  readonly lines: Buffer
}

export function encodeStagedBatch({ columns, rows }: StagedBatch): Buffer {
  let lines = ''
  for (const row of rows) lines += ingestCsvRow(columns, columns, row.cells)
  const rowNumbers = rows.map((row) => row.rowNumber)
  return encodeWireBatch(columns, rowNumbers, lines)
}

/** `lines` by `columns`, one for each row number. */
export function encodeWireBatch(
  columns: readonly string[],
  rowNumbers: readonly number[],
  lines: string,
): Buffer {
  return packBlob([FORM, columns, buildRowRuns(rowNumbers)], lines)
}

/** Throws BlobFormError where `blob` is no staged batch. */
export function openStagedBatch(blob: Buffer): WireBatch {
  const { header, body } = unpackBlob(blob, FORM)
  // The form's name is written by the encoder above and by nothing else, so the members follow it. Each row takes
  // a byte of the body at least.
  const [, columns, runs] = header as [string, readonly string[], RowRuns]
  return { columns, rowNumbers: expandRowRuns(runs, body.length), lines: body }
}

export function decodeStagedBatch(blob: Buffer): StagedBatch {
  return decodeWireBatch(openStagedBatch(blob))
}

/** The batch with its cells. The Id's blank cell, which no check lets pass, comes back as one that was left out. */
export function decodeWireBatch(batch: WireBatch): StagedBatch {
  const rows: StagedRow[] = []
  scanWireBatch(batch, (rowNumber, record) => {
    rows.push({ rowNumber, cells: batch.columns.map((_, place) => cellAt(record, place)) })
  })
  return { columns: batch.columns, rows }
}

/** Calls `onRow` for each row in order; the record is good only until the next. */
export function scanWireBatch(
  { columns, rowNumbers, lines }: WireBatch,
  onRow: (rowNumber: number, record: ScannedRecord) => void,
): void {
  // A row without columns is a line with one quoted empty cell.
  const width = Math.max(1, columns.length)
  let place = 0
  const scanner = createCsvScanner((record) => {
    const rowNumber = rowNumbers[place]
    if (rowNumber === undefined)
      throw new BlobFormError('Staged batch holds more rows than it names')
    if (record.width !== width) throw new BlobFormError('Staged batch holds a row of another width')
    place += 1
    onRow(rowNumber, record)
  })
  try {
    scanner.push(lines)
    scanner.finish()
  } catch (cause) {
    if (!(cause instanceof CsvFormError)) throw cause
    throw new BlobFormError('Staged batch holds lines that are no CSV', { cause })
  }
  if (place !== rowNumbers.length) {
    throw new BlobFormError('Staged batch names more rows than it holds')
  }
}

function cellAt(record: ScannedRecord, place: number): Cell {
  const text = record.text(place)
  return text === '' ? null : text === CLEARING_VALUE ? '' : text
}
