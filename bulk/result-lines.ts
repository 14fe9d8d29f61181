import { CsvFormError, createCsvScanner, type ScannedRecord } from './scan-csv.ts'

/** Which of the three result files of an ingest job is read. */
export type ResultKind = 'success' | 'failed' | 'unprocessed'

export interface ResultLine {
  readonly outcome: ResultKind
  readonly salesforceId: string | null
  readonly created: boolean | null
  /** `CODE:message:fields --` as Salesforce writes it; null but in the file of failed rows. */
  readonly error: string | null
  /** The echoed values, by the `columns` that come with the line. */
  readonly cells: readonly string[]
}

/** A line with the caller's columns of its file; Salesforce's own (`sf__…`) are taken out of both. */
export interface ReadResultLine {
  readonly columns: readonly string[]
  readonly line: ResultLine
}

/** A line as it stands in its file, good only until the next; `toLine` makes it last. */
export interface ResultRecord {
  readonly outcome: ResultKind
  /** The caller's columns of the file, and where each stands in the record. */
  readonly columns: readonly string[]
  readonly places: readonly number[]
  readonly record: ScannedRecord
  salesforceId(): string | null
  created(): boolean | null
  error(): string | null
  toLine(): ReadResultLine
}

/** Thrown where a result file cannot be read to its end as CSV, or lacks a column that it must have. */
export class ResultFileError extends Error {
  override name = 'ResultFileError'
}

export interface ResultReader {
  push(piece: Buffer): void
  /** To be called at the end of the file. */
  finish(): void
}

/**
 * Reads one result file piece by piece. Columns are found by name without regard to case and order; line ends and
 * quoting may be any. A file without bytes has no lines.
 * @throws {ResultFileError} for a malformed or truncated file.
 */
export function createResultReader(
  kind: ResultKind,
  onRecord: (record: ResultRecord) => void,
): ResultReader {
  let header: ResultHeader | null = null
  let view: ResultRecord | null = null
  let recordNumber = 0

  const scanner = createCsvScanner((record) => {
    recordNumber += 1
    if (header === null || view === null) {
      header = readHeader(record, kind)
      view = viewOf(record, header, kind)
    } else if (record.width === header.width) onRecord(view)
    else {
      throw new ResultFileError(
        `Record ${recordNumber} of the ${kind} results has ${record.width} cells for ${header.width} columns`,
      )
    }
  })

  function reported(scan: () => void): void {
    try {
      scan()
    } catch (cause) {
      if (!(cause instanceof CsvFormError)) throw cause
      throw new ResultFileError(`The ${kind} results are not CSV: ${cause.message}`, { cause })
    }
  }

  return {
    push: (piece) => reported(() => scanner.push(piece)),
    finish: () => reported(() => scanner.finish()),
  }
}

interface ResultHeader {
  readonly width: number
  readonly columns: readonly string[]
  readonly places: readonly number[]
  readonly idPlace: number
  readonly createdPlace: number
  readonly errorPlace: number
}

function readHeader(record: ScannedRecord, kind: ResultKind): ResultHeader {
  const all = Array.from({ length: record.width }, (_, place) => record.text(place))
  const names = all.map((name) => name.trim().toLowerCase())
  const places = [...names.keys()].filter((place) => !names[place]?.startsWith('sf__'))
  const header: ResultHeader = {
    width: all.length,
    columns: places.map((place) => all[place] ?? ''),
    places,
    idPlace: names.indexOf('sf__id'),
    createdPlace: names.indexOf('sf__created'),
    errorPlace: names.indexOf('sf__error'),
  }
  if (kind === 'success' && header.idPlace < 0) {
    throw new ResultFileError('The success results have no column sf__Id')
  }
  if (kind === 'failed' && header.errorPlace < 0) {
    throw new ResultFileError('The failed results have no column sf__Error')
  }
  return header
}

function viewOf(record: ScannedRecord, header: ResultHeader, kind: ResultKind): ResultRecord {
  const { columns, places, idPlace, createdPlace, errorPlace } = header
  const view: ResultRecord = {
    outcome: kind,
    columns,
    places,
    record,
    salesforceId: () => record.text(idPlace) || null,
    created() {
      const word = record.text(createdPlace).toLowerCase()
      return word === 'true' ? true : word === 'false' ? false : null
    },
    error: () => (kind === 'failed' ? record.text(errorPlace) : null),
    toLine: () => ({
      columns,
      line: {
        outcome: kind,
        salesforceId: view.salesforceId(),
        created: view.created(),
        error: view.error(),
        cells: places.map((place) => record.text(place)),
      },
    }),
  }
  return view
}
