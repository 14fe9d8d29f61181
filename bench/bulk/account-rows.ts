import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** External-id text field whose values are unique; the correlation field of keyed jobs. */
export const KEY_FIELD = 'Conveyor_Key__c'

const COLUMNS = [
  'Name',
  'AccountNumber',
  'Phone',
  'Website',
  'Industry',
  'AnnualRevenue',
  'NumberOfEmployees',
  'BillingCity',
  'Description',
] as const

const FIRST = ['Northwind', 'Blue Ridge', 'Müller', 'Pacific', 'Sørensen', 'Old Mill', 'Vega']
const SECOND = ['Logistics', 'Foods, Inc.', 'Holdings', '"Atlas" Supply', 'Partners', 'Systems']
const INDUSTRIES = ['Banking', 'Energy', 'Food & Beverage', 'Retail', 'Transportation', 'Other']
const CITIES = ['Zürich', 'Kraków', 'Portland', 'São Paulo', 'Leeds', 'Nagoya', 'Austin']
const NOTES = [
  'Renewal in spring, contract under review.',
  'Met at the trade fair.\nAsked for a second offer.',
  'Key account; invoices go to the head office, not to the branch.',
  '',
]
const ROWS_A_CHUNK = 1_000

/** The same rows at every run: Name, numbers and key are unique, the rest repeats. */
function accountCells(index: number, keyed: boolean): string[] {
  const n = String(index).padStart(8, '0')
  const cells = [
    `${pick(FIRST, index, 1)} ${pick(SECOND, index, 3)} ${n}`,
    `A-${n}`,
    `+1 555 ${n.slice(1, 4)} ${n.slice(4)}`,
    `https://account-${n}.example.com`,
    pick(INDUSTRIES, index, 5),
    String((index * 7_919) % 90_000_000),
    String((index * 31) % 50_000),
    pick(CITIES, index, 7),
    pick(NOTES, index, 11),
  ]
  return keyed ? [...cells, `bench-${n}`] : cells
}

function pick(list: readonly string[], index: number, stride: number): string {
  return list[Math.floor(index / stride) % list.length] ?? ''
}

function columns(keyed: boolean): readonly string[] {
  return keyed ? [...COLUMNS, KEY_FIELD] : COLUMNS
}

/** Records as the JSON routes take them; empty cells are left out. */
export function accountRecords(count: number): Record<string, string>[] {
  const names = columns(true)
  return Array.from({ length: count }, (_, index) =>
    Object.fromEntries(
      accountCells(index + 1, true).flatMap((cell, at) =>
        cell === '' ? [] : [[names[at] ?? '', cell]],
      ),
    ),
  )
}

/** Writes a CSV file of Accounts and returns its size in bytes. */
export async function writeAccountCsv(path: string, rows: number, keyed: boolean): Promise<number> {
  await pipeline(Readable.from(csvChunks(rows, keyed)), createWriteStream(path))
  return (await stat(path)).size
}

function* csvChunks(rows: number, keyed: boolean): Generator<string> {
  yield `${columns(keyed).join(',')}\n`
  for (let from = 1; from <= rows; from += ROWS_A_CHUNK) {
    let chunk = ''
    const to = Math.min(rows, from + ROWS_A_CHUNK - 1)
    for (let index = from; index <= to; index += 1) {
      chunk += `${accountCells(index, keyed).map(quoted).join(',')}\n`
    }
    yield chunk
  }
}

function quoted(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
