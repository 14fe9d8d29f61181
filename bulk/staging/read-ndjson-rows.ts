import type { ColumnRegistry } from './column-registry.ts'
import { decodeText } from './decode-text.ts'
import { type InputIssue, inputIssue, UnreadableInputError } from './input-issue.ts'
import { parseJsonText } from './parse-json-text.ts'
import { MOST_RECORD_CHARACTERS, type ReadPage, type ReadRow } from './read-row.ts'
import { recordToRow } from './record-to-row.ts'

/**
 * Reads one JSON record a line. Blank lines are no records.
 * @throws {UnreadableInputError} where what follows cannot be told apart.
 */
export async function* readNdjsonRows(
  source: AsyncIterable<Uint8Array>,
  registry: ColumnRegistry,
): AsyncGenerator<ReadPage> {
  let rest = ''
  let line = 0
  let rowNumber = 0

  function pageOf(lines: readonly string[]): ReadPage {
    const rows: ReadRow[] = []
    const issues: InputIssue[] = []
    for (const text of lines) {
      line += 1
      if (text.trim() === '') continue
      if (text.length > MOST_RECORD_CHARACTERS) throw tooLarge(line)
      rowNumber += 1
      const record = parseLine(text, rowNumber, line, issues)
      if (record === undefined) continue
      const row = recordToRow(record, { rowNumber, line }, registry, issues)
      if (row !== null) rows.push(row)
    }
    return { rows, issues }
  }

  for await (const text of decodeText(source)) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MOST_RECORD_CHARACTERS) throw tooLarge(line + lines.length + 1)
    yield pageOf(lines)
  }
  yield pageOf(rest === '' ? [] : [rest])
}

/** Undefined, and an issue, where the line is not JSON. */
function parseLine(text: string, rowNumber: number, line: number, issues: InputIssue[]): unknown {
  try {
    return parseJsonText(text)
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error
    const message = `Line ${line} is not JSON. Each line holds one record; line ends inside values are written \\n.`
    issues.push(inputIssue('invalid_json', message, { rowNumber, line }))
    return undefined
  }
}

function tooLarge(line: number): UnreadableInputError {
  const message = `Line ${line} is over ${MOST_RECORD_CHARACTERS} characters.`
  return new UnreadableInputError(inputIssue('record_too_large', message, { line }))
}
