/** CSV as Bulk API 2.0 speaks it: six delimiters, two line endings, quotes doubled inside quotes. */

export const DELIMITERS = {
  BACKQUOTE: '`',
  CARET: '^',
  COMMA: ',',
  PIPE: '|',
  SEMICOLON: ';',
  TAB: '\t',
} as const
export type ColumnDelimiter = keyof typeof DELIMITERS

export const LINE_ENDINGS = { LF: '\n', CRLF: '\r\n' } as const
export type LineEnding = keyof typeof LINE_ENDINGS

/** Why a file cannot be read. The whole job fails with it. */
export class CsvError extends Error {
  override name = 'CsvError'
  readonly code: 'ClientInputError' | 'InvalidBatch'

  constructor(code: CsvError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/**
 * Most characters of a row as it is written: a record's 400,000, all of them quotes that are doubled,
 * and what stands between 5,000 values. A quote that is never closed makes one row of a whole file.
 */
const MOST_ROW_CHARACTERS = 1_000_000

/** Whether a byte order mark at the start of a file is left out, or read as part of the header. */
export type ByteOrderMark = 'drop' | 'keep'

/** Every value in quotes: clients exist that split at all six delimiters at once. */
export function csvLine(cells: readonly string[], delimiter: string, ending: string): string {
  let line = ''
  for (let index = 0; index < cells.length; index += 1) {
    const cell = cells[index] ?? ''
    const escaped = cell.includes('"') ? cell.replaceAll('"', '""') : cell
    line += index === 0 ? `"${escaped}"` : `${delimiter}"${escaped}"`
  }
  return line + ending
}

/** Takes the text in pieces, gives the rows that are complete. */
export interface CsvReader {
  push(piece: string): string[][]
  /** The last row, where the file does not end in a line ending. */
  end(): string[][]
}

/**
 * Reads rows piece by piece. Lines without a character are no rows, except where rows have a single
 * column: there the empty line is a row whose one cell is empty.
 * Throws CsvError on a line ending that is not the job's, on a quote that is never closed, or on a row
 * that is too long to be one.
 */
export function createCsvReader(
  delimiter: string,
  lineEnding: LineEnding,
  byteOrderMark: ByteOrderMark,
): CsvReader {
  const crlf = lineEnding === 'CRLF'
  let rest = ''
  let columns = 0
  let first = true

  function wrongEnding(): CsvError {
    return new CsvError(
      'ClientInputError',
      `LineEnding is invalid on user data. Current LineEnding setting is ${lineEnding}`,
    )
  }

  function unescapedQuote(): CsvError {
    return new CsvError(
      'InvalidBatch',
      'Failed to parse CSV. Found unescaped quote. A value with quote should be within a quote',
    )
  }

  function tooLong(): CsvError {
    return new CsvError(
      'InvalidBatch',
      `Failed to parse CSV. A row has more than ${MOST_ROW_CHARACTERS} characters. A quote may not be closed`,
    )
  }

  function accept(row: string[], rows: string[][]): void {
    if (columns === 0) {
      if (row.length === 1 && row[0] === '') return
      columns = row.length
    } else if (row.length === 1 && row[0] === '' && columns > 1) return
    rows.push(row)
  }

  function scan(text: string, atEnd: boolean): string[][] {
    const rows: string[][] = []
    let row: string[] = []
    let rowStart = 0
    let position = 0
    let newline = text.indexOf('\n')
    let nextDelimiter = text.indexOf(delimiter)
    while (position < text.length || (atEnd && row.length > 0)) {
      let cell: string
      if (text.charCodeAt(position) === 34) {
        let close = text.indexOf('"', position + 1)
        while (close !== -1 && text.charCodeAt(close + 1) === 34) {
          close = text.indexOf('"', close + 2)
        }
        if (close === -1 || (!atEnd && close + 2 >= text.length)) break
        const inner = text.slice(position + 1, close)
        cell = inner.includes('"') ? inner.replaceAll('""', '"') : inner
        position = close + 1
        if (newline !== -1 && newline < position) newline = text.indexOf('\n', position)
        if (nextDelimiter !== -1 && nextDelimiter < position) {
          nextDelimiter = text.indexOf(delimiter, position)
        }
      } else {
        if (newline !== -1 && newline < position) newline = text.indexOf('\n', position)
        if (nextDelimiter !== -1 && nextDelimiter < position) {
          nextDelimiter = text.indexOf(delimiter, position)
        }
        let stop = newline === -1 ? text.length : newline
        if (nextDelimiter !== -1 && nextDelimiter < stop) stop = nextDelimiter
        if (stop === text.length && !atEnd) break
        // The CR of a CRLF belongs to the line ending, not to the cell.
        if (stop === newline && stop > position && text.charCodeAt(stop - 1) === 13) stop -= 1
        cell = text.slice(position, stop)
        if (cell.includes('"')) throw unescapedQuote()
        position = stop
      }
      row.push(cell)
      if (position >= text.length) {
        // The end of the file also ends the row.
        accept(row, rows)
        row = []
        rowStart = text.length
        position = text.length
        break
      }
      const code = text.charCodeAt(position)
      if (text.startsWith(delimiter, position)) {
        position += 1
        continue
      }
      const cr = code === 13 && text.charCodeAt(position + 1) === 10
      if (!cr && code !== 10) throw unescapedQuote()
      if (cr !== crlf) throw wrongEnding()
      position += cr ? 2 : 1
      accept(row, rows)
      row = []
      rowStart = position
    }
    rest = text.slice(rowStart)
    if (rest.length > MOST_ROW_CHARACTERS) throw tooLong()
    return rows
  }

  return {
    push(piece) {
      const marked = first && byteOrderMark === 'drop' && piece.startsWith('\ufeff')
      const text = marked ? piece.slice(1) : piece
      if (piece !== '') first = false
      return scan(rest + text, false)
    },
    end() {
      const rows = scan(rest, true)
      if (rest !== '') {
        throw new CsvError('InvalidBatch', 'Failed to parse CSV. A quote is never closed')
      }
      return rows
    },
  }
}
