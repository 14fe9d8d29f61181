import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CsvFormError, createCsvScanner } from './scan-csv.ts'
import { MOST_RECORD_CHARACTERS } from './staging/read-row.ts'

function scan(bytes: Buffer, pieceSize: number): string[][] {
  const records: string[][] = []
  const scanner = createCsvScanner((record) => {
    records.push(Array.from({ length: record.width }, (_, place) => record.text(place)))
  })
  // One buffer for all pieces, as files are read: what the scanner keeps of a piece must be its own.
  const buffer = Buffer.alloc(pieceSize)
  for (let at = 0; at < bytes.length; at += pieceSize) {
    const size = bytes.copy(buffer, 0, at, at + pieceSize)
    scanner.push(buffer.subarray(0, size))
  }
  scanner.finish()
  return records
}

const value = fc.oneof(
  fc.constantFrom('', '"', '""', ',', '\n', '\r\n', 'a,b', '\u{1f600}', 'é', '\ufeff', ' x '),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
)
const written = fc.record({ value, isQuoted: fc.boolean() })

test('whatever is written is read back, in pieces of any size', () => {
  const rows = fc.array(fc.array(written, { minLength: 2, maxLength: 70 }), { maxLength: 6 })
  const lineEnd = fc.constantFrom('\n', '\r\n')
  fc.assert(
    fc.property(rows, lineEnd, fc.boolean(), fc.integer({ min: 1, max: 40 }), (...drawn) => {
      const [lines, end, isEnded, pieceSize] = drawn
      const text = lines
        .map((row) =>
          row
            .map((cell) =>
              cell.isQuoted || /[",\r\n]/.test(cell.value)
                ? `"${cell.value.replaceAll('"', '""')}"`
                : cell.value,
            )
            .join(','),
        )
        .join(end)
      const bytes = Buffer.from(isEnded ? text + end : text)
      const expected = lines.map((row) => row.map((cell) => cell.value))
      const first = expected[0]
      // At the very start it is a mark of the encoding and no text.
      if (first !== undefined && lines[0]?.[0]?.isQuoted === false) {
        first[0] = first[0]?.replace(/^\ufeff/, '') ?? ''
      }
      expect(scan(bytes, pieceSize)).toEqual(expected)
    }),
  )
})

test('it reads as csv-parse does', () => {
  const text = fc.string({ unit: fc.constantFrom('"', ',', '\n', 'a', 'b'), maxLength: 30 })
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 9 }), (drawn, pieceSize) => {
      let expected: string[][] | null
      try {
        expected = parse(drawn, {
          record_delimiter: '\n',
          relax_column_count: true,
          skip_empty_lines: true,
        })
      } catch {
        expected = null
      }
      if (expected === null) {
        expect(() => scan(Buffer.from(drawn), pieceSize)).toThrow(CsvFormError)
      } else expect(scan(Buffer.from(drawn), pieceSize)).toEqual(expected)
    }),
    { numRuns: 500 },
  )
})

test('a quoted empty field makes a record, a blank line none', () => {
  expect(scan(Buffer.from('""\n\n\r\n""'), 2)).toEqual([[''], ['']])
})

test.each([
  ['a quote inside a bare field', 'a"b\n'],
  ['text after a closing quote', '"a"b\n'],
  ['an end inside quotes', '"a\n'],
  ['a lone carriage return', 'a\rb\n'],
])('%s is an error with its record', (_, text) => {
  expect(() => scan(Buffer.from(`x\n${text}`), 64)).toThrow(/^Record 2 /)
})

test('a record as long as staging takes one is read, also where its error repeats it', () => {
  const long = '€'.repeat(MOST_RECORD_CHARACTERS - 100)
  const error = `INVALID_FIELD:'${long}' is not a valid value:Name --`
  const text = `"001","${error}","${long}"\n`
  const [record] = scan(Buffer.from(text), 3_000_000)
  expect(record).toHaveLength(3)
  // Not by toEqual, which would print all of it.
  expect(record?.[1] === error && record[2] === long).toBe(true)
})

test('a record without an end does not fill the memory', () => {
  const scanner = createCsvScanner(() => undefined)
  const piece = Buffer.alloc(1_000_000, 'a')
  expect(() => {
    for (let pieces = 0; pieces < 20; pieces += 1) scanner.push(piece)
  }).toThrow(/too long/)
})
