import { closeSync, openSync, readSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { type ColumnDelimiter, createCsvReader, DELIMITERS, type LineEnding } from './csv.ts'

const PIECE_BYTES = 256 * 1024

/**
 * The rows of an uploaded file, the header first, a piece of the file in memory at a time.
 * Throws CsvError where the file cannot be read as CSV.
 */
export function* readRows(
  path: string,
  delimiter: ColumnDelimiter,
  lineEnding: LineEnding,
): Generator<readonly string[], void, undefined> {
  const reader = createCsvReader(DELIMITERS[delimiter], lineEnding)
  const decoder = new StringDecoder('utf8')
  const buffer = Buffer.alloc(PIECE_BYTES)
  const file = openSync(path, 'r')
  try {
    for (;;) {
      const bytes = readSync(file, buffer, 0, buffer.length, null)
      if (bytes === 0) break
      yield* reader.push(decoder.write(buffer.subarray(0, bytes)))
    }
    yield* reader.push(decoder.end())
    yield* reader.end()
  } finally {
    closeSync(file)
  }
}
