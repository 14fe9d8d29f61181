import { ResultFileError } from './result-lines.ts'
import { CsvFormError, createCsvScanner } from './scan-csv.ts'

const LINE_FEED = 0x0a

export interface QueryPageScan {
  /** The piece without the header line, which may be all of it. */
  push(piece: Buffer): Buffer
  /** To be called at the end of the page: what is missing of its last line, and how many records it had. */
  finish(): { readonly rest: Buffer; readonly records: number }
}

/**
 * Looks through one page of a query's results while its bytes are kept as they are: the columns must be those that were
 * selected, and every record as wide as they are.
 * @throws {ResultFileError} for a malformed, truncated or foreign page.
 */
export function createQueryPageScan(columns: readonly string[]): QueryPageScan {
  let records = -1
  let isHeaderOver = false
  let lastByte = LINE_FEED
  const scanner = createCsvScanner((record) => {
    records += 1
    if (record.width !== columns.length) {
      const what = records === 0 ? 'The header' : `Record ${records}`
      throw new ResultFileError(
        `${what} of the results has ${record.width} cells for ${columns.length} columns`,
      )
    }
    if (records > 0) return
    const strange = columns.findIndex(
      (name, place) => name.toLowerCase() !== record.text(place).toLowerCase(),
    )
    if (strange >= 0) {
      throw new ResultFileError(
        `Column ${strange + 1} of the results is not ${columns[strange]}, which was selected there`,
      )
    }
  })

  function scanned(scan: () => void): void {
    try {
      scan()
    } catch (cause) {
      if (!(cause instanceof CsvFormError)) throw cause
      throw new ResultFileError(`The results are not CSV: ${cause.message}`, { cause })
    }
  }

  return {
    push(piece) {
      scanned(() => scanner.push(piece))
      if (piece.length > 0) lastByte = piece[piece.length - 1] ?? LINE_FEED
      if (isHeaderOver) return piece
      // Names of fields have no line breaks: the first one ends the header.
      const end = piece.indexOf(LINE_FEED)
      if (end < 0) return NOTHING
      isHeaderOver = true
      return piece.subarray(end + 1)
    },
    finish() {
      scanned(() => scanner.finish())
      const isCut = isHeaderOver && lastByte !== LINE_FEED
      return { rest: isCut ? Buffer.from('\n') : NOTHING, records: Math.max(0, records) }
    },
  }
}

const NOTHING: Buffer = Buffer.alloc(0)
