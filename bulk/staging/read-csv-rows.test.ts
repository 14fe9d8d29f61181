import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Cell } from '../../contracts/bulk-job.ts'
import { createColumnRegistry } from './column-registry.ts'
import { type InputIssue, UnreadableInputError } from './input-issue.ts'
import { readCsvRows } from './read-csv-rows.ts'
import type { ReadRow } from './read-row.ts'

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(text: string | Buffer, size = 7) {
  const registry = createColumnRegistry()
  const rows: ReadRow[] = []
  const issues: InputIssue[] = []
  const bytes = Buffer.isBuffer(text) ? text : Buffer.from(text)
  for await (const page of readCsvRows(pieces(bytes, size), registry)) {
    rows.push(...page.rows)
    issues.push(...page.issues)
  }
  return { rows, issues, columns: registry.columns() }
}

async function faultOf(text: string | Buffer, size?: number): Promise<InputIssue> {
  try {
    await read(text, size)
  } catch (error) {
    if (error instanceof UnreadableInputError) return error.issue
    throw error
  }
  throw new Error('The text was read.')
}

describe('readCsvRows', () => {
  test('leaves fields of empty cells alone and clears those of #N/A', async () => {
    const { rows, columns } = await read('Name,Phone,Site\r\nAcme,,#N/A\r\n"",1,"a ""b"""\n')
    expect(columns).toEqual(['Name', 'Phone', 'Site'])
    expect(rows.map((row) => row.cells)).toEqual([
      ['Acme', null, ''],
      [null, '1', 'a "b"'],
    ])
  })

  test('numbers rows from 1 and keeps the line on which each begins', async () => {
    const { rows } = await read('A,B\n"x\ny\n",1\n\nz,2')
    expect(rows.map(({ rowNumber, line }) => [rowNumber, line])).toEqual([
      [1, 2],
      [2, 6],
    ])
  })

  test('drops a byte order mark', async () => {
    expect((await read('\uFEFFName\nAcme\n', 1)).columns).toEqual(['Name'])
  })

  test('names every ragged row by its line and reads on', async () => {
    const { rows, issues } = await read('A,B\n1,2\n3\n4,5,6\n7,8\n')
    expect(issues.map(({ code, rowNumber, line }) => [code, rowNumber, line])).toEqual([
      ['ragged_row', 2, 3],
      ['ragged_row', 3, 4],
    ])
    expect(rows.map((row) => row.rowNumber)).toEqual([1, 4])
  })

  test.each([
    ['text after a closing quote', 'A\n"x"y\n', 'invalid_csv', 2],
    ['a quote inside a bare field', 'A,B\n1,2\nx"y,1\n', 'invalid_csv', 3],
    ['a lone carriage return', 'A,B\n1,2\r3,4\n', 'invalid_csv', 2],
    ['an end inside quotes', 'A\n1\n"abc', 'body_incomplete', 3],
    ['a column without a name', 'A,,C\n1,2,3\n', 'invalid_header', 1],
  ])('refuses %s with its line', async (_what, text, code, line) => {
    expect(await faultOf(text)).toMatchObject({ code, line })
  })

  test.each([1, 3, 64_000])(
    'refuses what is not UTF-8, with its line, in pieces of %i',
    async (size) => {
      const text = Buffer.concat([Buffer.from('A\nok\nb'), Buffer.from([0xff]), Buffer.from('\n')])
      expect(await faultOf(text, size)).toMatchObject({ code: 'invalid_utf8', line: 3 })
      const cut = Buffer.from('A\né').subarray(0, 3)
      expect(await faultOf(cut, size)).toMatchObject({ code: 'invalid_utf8', line: 2 })
    },
  )

  test('refuses a NUL with row and field', async () => {
    const { issues } = await read('A,B\n1,x\u0000\n')
    expect(issues).toMatchObject([{ code: 'invalid_character', rowNumber: 1, field: 'B' }])
  })

  test('refuses a record without an end before it fills the memory', async () => {
    expect((await faultOf(`A\n"${'x'.repeat(2_100_000)}`, 64_000)).code).toBe('record_too_large')
  })

  test('refuses more columns than Salesforce knows', async () => {
    const header = Array.from({ length: 5_001 }, (_, at) => `C${at}`).join(',')
    expect((await faultOf(header, 64_000)).code).toBe('too_many_columns')
  })

  test('reads what was written, however it is cut into pieces', async () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.replaceAll('\0', '')),
      fc.constantFrom('', '"', '""', ',', '\n', '\r\n', '\r', 'a\nb', '#N/A', ' x '),
    )
    const table = fc.integer({ min: 1, max: 4 }).chain((width) =>
      fc.array(fc.array(value, { minLength: width, maxLength: width }), {
        minLength: 1,
        maxLength: 6,
      }),
    )
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.integer({ min: 1, max: 40 }),
        async (rows, lineEnd, endsLast, size) => {
          const wellFormed = rows.map((row) => row.map((cell) => cell.toWellFormed()))
          const header = wellFormed[0]?.map((_, at) => `C${at}`) ?? []
          const quote = (cell: string) =>
            /[",\r\n]/.test(cell) || cell === '' ? `"${cell.replaceAll('"', '""')}"` : cell
          const lines = [header, ...wellFormed].map((row) => row.map(quote).join(','))
          const text = lines.join(lineEnd) + (endsLast ? lineEnd : '')
          const expected = wellFormed.map((row) =>
            row.map((cell): Cell => (cell === '' ? null : cell === '#N/A' ? '' : cell)),
          )
          const found = await read(text, size)
          expect(found.issues).toEqual([])
          expect(found.rows.map((row) => row.cells)).toEqual(expected)
        },
      ),
      { numRuns: 300 },
    )
  })
})
