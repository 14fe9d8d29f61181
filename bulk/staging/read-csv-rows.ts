import type { Cell } from '../../contracts/bulk-job.ts'
import type { ColumnRegistry } from './column-registry.ts'
import { decodeText } from './decode-text.ts'
import { type InputIssue, inputIssue, UnreadableInputError } from './input-issue.ts'
import type { ReadPage, ReadRow } from './read-row.ts'
import { type CsvRecord, createCsvSplitter } from './split-csv.ts'

/** What Salesforce users write to clear a field. */
const CLEAR = '#N/A'

/**
 * Reads CSV with a header line. An empty cell leaves its field alone, `#N/A` clears it.
 * @throws {UnreadableInputError} where what follows cannot be told apart.
 */
export async function* readCsvRows(
  source: AsyncIterable<Uint8Array>,
  registry: ColumnRegistry,
): AsyncGenerator<ReadPage> {
  const splitter = createCsvSplitter()
  let columns: readonly string[] | null = null
  let rowNumber = 0

  function pageOf(records: CsvRecord[]): ReadPage {
    const rows: ReadRow[] = []
    const issues: InputIssue[] = []
    for (const record of records) {
      if (columns === null) {
        columns = headerOf(record, registry)
        continue
      }
      rowNumber += 1
      const { line, fields } = record
      if (fields.length !== columns.length) {
        const message = `Line ${line} has ${fields.length} cells; the header has ${columns.length}.`
        issues.push(inputIssue('ragged_row', message, { rowNumber, line }))
        continue
      }
      const nul = fields.findIndex((field) => field.includes('\u0000'))
      if (nul >= 0) {
        const message = 'The value holds a NUL character, which Salesforce cannot store.'
        const field = columns[nul] ?? null
        issues.push(inputIssue('invalid_character', message, { rowNumber, line, field }))
        continue
      }
      rows.push({ rowNumber, line, columns, cells: cellsOf(fields) })
    }
    return { rows, issues }
  }

  for await (const text of decodeText(source)) yield pageOf(splitter.push(text))
  yield pageOf(splitter.finish())
}

function headerOf({ fields, line }: CsvRecord, registry: ColumnRegistry): readonly string[] {
  const bad = fields.findIndex((name) => name.trim() === '' || name.includes('\u0000'))
  if (bad >= 0) {
    const message = `Column ${bad + 1} of the header has no name.`
    throw new UnreadableInputError(inputIssue('invalid_header', message, { line }))
  }
  return registry.shape(fields)
}

function cellsOf(fields: string[]): Cell[] {
  const cells: Cell[] = fields
  for (let place = 0; place < cells.length; place++) {
    const field = cells[place]
    if (field === '') cells[place] = null
    else if (field === CLEAR) cells[place] = ''
  }
  return cells
}
