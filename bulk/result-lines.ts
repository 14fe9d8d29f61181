import type { Readable } from 'node:stream'
import { UnreadableInputError } from './staging/input-issue.ts'
import { type CsvRecord, createCsvSplitter } from './staging/split-csv.ts'

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

/** Thrown where a result file cannot be read to its end as CSV, or lacks a column that it must have. */
export class ResultFileError extends Error {
  override name = 'ResultFileError'
}

/**
 * Lines of one result file, streamed. Columns are found by name without regard to case and order; line ends and
 * quoting may be any. A file without bytes has no lines. Throws ResultFileError for a malformed or truncated file and
 * the source's own error where the source breaks off.
 */
export async function* readResultLines(
  source: Readable | AsyncIterable<Buffer>,
  kind: ResultKind,
): AsyncGenerator<ReadResultLine, void, undefined> {
  const splitter = createCsvSplitter()
  const decoder = new TextDecoder('utf-8')
  let header: ResultHeader | null = null
  let recordNumber = 0

  function* linesOf(records: readonly CsvRecord[]): Generator<ReadResultLine, void, undefined> {
    for (const { fields } of records) {
      recordNumber += 1
      if (header === null) {
        header = readHeader(fields, kind)
        continue
      }
      if (fields.length !== header.width) {
        throw new ResultFileError(
          `Record ${recordNumber} of the ${kind} results has ${fields.length} cells for ${header.width} columns`,
        )
      }
      yield { columns: header.columns, line: readLine(fields, header, kind) }
    }
  }

  try {
    for await (const chunk of source) {
      // A stream of bytes without an encoding yields Buffers.
      yield* linesOf(splitter.push(decoder.decode(chunk as Buffer, { stream: true })))
    }
    yield* linesOf(splitter.push(decoder.decode()))
    yield* linesOf(splitter.finish())
  } catch (cause) {
    if (!(cause instanceof UnreadableInputError)) throw cause
    throw new ResultFileError(`The ${kind} results are not CSV: ${cause.issue.message}`, { cause })
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

function readHeader(record: readonly string[], kind: ResultKind): ResultHeader {
  const names = record.map((name) => name.trim().toLowerCase())
  const header: ResultHeader = {
    width: record.length,
    columns: record.filter((_, place) => !names[place]?.startsWith('sf__')),
    places: [...names.keys()].filter((place) => !names[place]?.startsWith('sf__')),
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

function readLine(record: readonly string[], header: ResultHeader, kind: ResultKind): ResultLine {
  const created = record[header.createdPlace]?.toLowerCase()
  return {
    outcome: kind,
    salesforceId: record[header.idPlace] || null,
    created: created === 'true' ? true : created === 'false' ? false : null,
    error: kind === 'failed' ? (record[header.errorPlace] ?? '') : null,
    cells: header.places.map((place) => record[place] ?? ''),
  }
}
