import { closeSync, openSync, readSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import type { Job } from '../store/job-store.ts'
import { type ByteOrderMark, createCsvReader, DELIMITERS } from './csv.ts'

const PIECE_BYTES = 256 * 1024

/**
 * The rows of an uploaded file, the header first, a piece of the file in memory at a time.
 * Throws CsvError where the file cannot be read as CSV.
 */
export function* readRows(
  path: string,
  { columnDelimiter, lineEnding }: Pick<Job, 'columnDelimiter' | 'lineEnding'>,
  byteOrderMark: ByteOrderMark,
): Generator<readonly string[], void, undefined> {
  const reader = createCsvReader(DELIMITERS[columnDelimiter], lineEnding, byteOrderMark)
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
