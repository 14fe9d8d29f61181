import { readFile } from 'node:fs/promises'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'

/** Fields of Account that the demo fills. */
export const COLUMNS = [
  'Name',
  'AccountNumber',
  'BillingCity',
  'BillingState',
  'BillingCountry',
  'BillingLatitude',
  'BillingLongitude',
  'NumberOfEmployees',
  'ParentId',
] as const
export type AccountRow = Record<(typeof COLUMNS)[number], string>

/** A row that must fail, why, and what makes it right. */
export interface FlawedRow {
  readonly row: AccountRow
  readonly flaw: string
  readonly correction: Partial<AccountRow>
}

const empty = Object.fromEntries(COLUMNS.map((column) => [column, ''])) as AccountRow

const FLAWED: readonly FlawedRow[] = [
  {
    row: { ...empty, AccountNumber: 'ZZ1', BillingCity: 'Nowhere' },
    flaw: 'no name',
    correction: { Name: 'Nowhere Municipal' },
  },
  {
    row: {
      ...empty,
      Name: 'Lighter Than Air Field',
      AccountNumber: 'ZZ2',
      NumberOfEmployees: 'twelve',
    },
    flaw: 'a number in words',
    correction: { NumberOfEmployees: '12' },
  },
  {
    row: { ...empty, Name: 'Branch Strip', AccountNumber: 'ZZ3', ParentId: '001000000000000AAA' },
    flaw: 'a parent that does not exist',
    correction: { ParentId: '' },
  },
  {
    row: { ...empty, Name: 'Polar Field', AccountNumber: 'ZZ4', BillingLatitude: 'north' },
    flaw: 'a latitude in words',
    correction: { BillingLatitude: '89.5', BillingLongitude: '0' },
  },
]

export interface DemoRows {
  readonly csv: string
  readonly total: number
  /** By row number, from 1. */
  readonly flawed: ReadonlyMap<number, FlawedRow>
}

/** The airports as accounts, with the flawed rows spread among them. */
export async function readDemoRows(): Promise<DemoRows> {
  const text = await readFile(new URL('../data/airports.csv', import.meta.url), 'utf8')
  // The header of our own file names these columns.
  const airports = parse(text, { columns: true, skip_empty_lines: true }) as Record<
    string,
    string
  >[]
  const rows: AccountRow[] = airports.map((airport) => ({
    ...empty,
    Name: airport['name'] || (airport['iata'] ?? ''),
    AccountNumber: airport['iata'] ?? '',
    BillingCity: airport['city'] ?? '',
    BillingState: airport['state'] ?? '',
    BillingCountry: airport['country'] ?? '',
    BillingLatitude: airport['latitude'] ?? '',
    BillingLongitude: airport['longitude'] ?? '',
  }))
  const flawed = new Map<number, FlawedRow>()
  const step = Math.floor(rows.length / (FLAWED.length + 1))
  FLAWED.forEach((flaw, index) => {
    const position = step * (index + 1) + index
    rows.splice(position, 0, flaw.row)
    flawed.set(position + 1, flaw)
  })
  return {
    csv: stringify(rows, { header: true, columns: [...COLUMNS] }),
    total: rows.length,
    flawed,
  }
}
