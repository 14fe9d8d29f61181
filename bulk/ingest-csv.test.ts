import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ingestCsvHeader, ingestCsvRow } from './ingest-csv.ts'

const awkward = fc.constantFrom(
  '"',
  '""',
  'a,b',
  'a\nb',
  'a\r\nb',
  '\r',
  ' x ',
  "'",
  '\u{1f600}',
  'é',
  '\ufeff',
  '#',
)
const cellArbitrary = fc.oneof(
  fc.constant(null),
  fc.constant(''),
  awkward,
  fc.string({ unit: 'grapheme' }),
)

test('what is written is read back, cell by cell', () => {
  const rows = fc.array(fc.array(cellArbitrary, { minLength: 3, maxLength: 3 }), { maxLength: 8 })
  fc.assert(
    fc.property(rows, (cells) => {
      const columns = ['Name', 'A__c', 'Owner.Email']
      const text =
        ingestCsvHeader(columns) + cells.map((row) => ingestCsvRow(columns, columns, row)).join('')
      const read = parse(text, { record_delimiter: '\n' })
      const expected = cells.map((row) =>
        row.map((cell) => (cell === null ? '' : cell === '' ? '#N/A' : cell)),
      )
      expect(read).toEqual([columns, ...expected])
    }),
  )
})

test('cells are placed by name without regard to case; columns that a batch lacks are empty', () => {
  expect(ingestCsvRow(['Name', 'Phone', 'Id'], ['id', 'NAME'], ['1', 'n'])).toBe('"n",,"1"\n')
})

test('an empty cell leaves a field alone, a blank one clears it, but never the Id', () => {
  expect(ingestCsvRow(['id', 'Name', 'Phone'], ['id', 'Name', 'Phone'], ['', null, ''])).toBe(
    ',,"#N/A"\n',
  )
})

test('a row without values is no blank line', () => {
  expect(ingestCsvRow(['Name'], ['Name'], [null])).toBe('""\n')
  expect(ingestCsvRow(['Name', 'Phone'], ['Name', 'Phone'], [null, null])).toBe('"",\n')
})

test('quotes in column names are doubled', () => {
  expect(ingestCsvHeader(['a"b', 'c'])).toBe('"a""b","c"\n')
})
