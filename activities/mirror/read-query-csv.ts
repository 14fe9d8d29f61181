import type { Readable } from 'node:stream'
import { createCsvScanner } from '../../bulk/scan-csv.ts'

/**
 * Reads a page of a query job's results, record by record in one list: a page has a bounded number of rows.
 * @throws {CsvFormError} where it is malformed or cut off.
 */
export async function readQueryCsv(stream: Readable): Promise<readonly Record<string, string>[]> {
  const records: Record<string, string>[] = []
  let header: readonly string[] | null = null
  const scanner = createCsvScanner((record) => {
    const cells = Array.from({ length: record.width }, (_, place) => record.text(place))
    if (header === null) {
      header = cells
      return
    }
    records.push(Object.fromEntries(header.map((name, place) => [name, cells[place] ?? ''])))
  })
  for await (const piece of stream) scanner.push(piece)
  scanner.finish()
  return records
}
