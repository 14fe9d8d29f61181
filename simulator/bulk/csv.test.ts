import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type ByteOrderMark,
  CsvError,
  createCsvReader,
  csvLine,
  DELIMITERS,
  LINE_ENDINGS,
} from './csv.ts'

const delimiters = fc.constantFrom(...(Object.keys(DELIMITERS) as (keyof typeof DELIMITERS)[]))
const endings = fc.constantFrom('LF' as const, 'CRLF' as const)
const cell = fc.string({
  unit: fc.constantFrom('a', 'ä', '"', ',', ';', '|', '^', '`', '\t', '\n', '\r\n', ' '),
})
const table = fc.integer({ min: 2, max: 5 }).chain((columns) =>
  fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), {
    minLength: 1,
    maxLength: 8,
  }),
)

function readInPieces(
  text: string,
  size: number,
  delimiter: string,
  ending: 'LF' | 'CRLF',
  byteOrderMark: ByteOrderMark = 'drop',
) {
  const reader = createCsvReader(delimiter, ending, byteOrderMark)
  const rows: string[][] = []
  for (let at = 0; at < text.length; at += size)
    rows.push(...reader.push(text.slice(at, at + size)))
  rows.push(...reader.end())
  return rows
}

describe('the CSV reader', () => {
  test('gives what another library wrote, however the text is cut', () => {
    fc.assert(
      fc.property(
        table,
        delimiters,
        endings,
        fc.integer({ min: 1, max: 20 }),
        fc.boolean(),
        (rows, delimiter, ending, size, quoted) => {
          // A first cell that begins with a byte order mark is not what is tested here.
          const text = stringify(rows, {
            delimiter: DELIMITERS[delimiter],
            record_delimiter: LINE_ENDINGS[ending],
            quoted,
            quoted_match: /[\r\n]/,
          })
          expect(readInPieces(text, size, DELIMITERS[delimiter], ending)).toEqual(rows)
        },
      ),
    )
  })

  test('writes what another library reads', () => {
    fc.assert(
      fc.property(table, delimiters, endings, (rows, delimiter, ending) => {
        const text = rows
          .map((row) => csvLine(row, DELIMITERS[delimiter], LINE_ENDINGS[ending]))
          .join('')
        const read = parse(text, {
          delimiter: DELIMITERS[delimiter],
          record_delimiter: LINE_ENDINGS[ending],
        })
        expect(read).toEqual(rows)
      }),
    )
  })

  test('refuses the other line ending', () => {
    expect(() => readInPieces('A,B\r\n1,2\r\n', 99, ',', 'LF')).toThrow(
      'LineEnding is invalid on user data. Current LineEnding setting is LF',
    )
    expect(() => readInPieces('A,B\n1,2\n', 99, ',', 'CRLF')).toThrow(CsvError)
  })

  test('keeps rows of empty cells and drops lines without any character', () => {
    expect(readInPieces('A,B\n,\n\n1,\n', 3, ',', 'LF')).toEqual([
      ['A', 'B'],
      ['', ''],
      ['1', ''],
    ])
    expect(readInPieces('A\n""\n\nx', 3, ',', 'LF')).toEqual([['A'], [''], [''], ['x']])
  })

  test('takes off a byte order mark and reads a last row without line ending', () => {
    expect(readInPieces('\ufeffA,B\n1,', 1, ',', 'LF')).toEqual([
      ['A', 'B'],
      ['1', ''],
    ])
  })

  test('leaves a byte order mark where it is when told so', () => {
    expect(readInPieces('\ufeffA,B\n', 9, ',', 'LF', 'keep')).toEqual([['\ufeffA', 'B']])
    expect(() => readInPieces('\ufeff"A",B\n', 9, ',', 'LF', 'keep')).toThrow('unescaped quote')
  })

  test('refuses quotes inside a value that is not quoted, and text after a closing quote', () => {
    expect(() => readInPieces('A,B\n1"x",2\n', 4, ',', 'LF')).toThrow('unescaped quote')
    expect(() => readInPieces('A,B\n"1"x,2\n', 4, ',', 'LF')).toThrow('unescaped quote')
  })

  test('reads no further than a row can be long', () => {
    const reader = createCsvReader(',', 'LF', 'drop')
    const piece = 'x'.repeat(250_000)
    reader.push(`A,B\n1,"${piece}`)
    const pieces = () => {
      for (let count = 0; count < 5; count += 1) reader.push(piece)
    }
    expect(pieces).toThrow('A row has more than 1000000 characters')
    // The largest record that there may be, in its longest form.
    const quotes = '""'.repeat(400_000)
    expect(readInPieces(`A,B\n1,"${quotes}"\n`, 250_000, ',', 'LF')[1]?.[1]).toHaveLength(400_000)
  })

  test('refuses a quote that is never closed', () => {
    expect(() => readInPieces('A,B\n"1,2\n', 4, ',', 'LF')).toThrow('A quote is never closed')
  })
})
