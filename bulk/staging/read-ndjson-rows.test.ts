import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createColumnRegistry } from './column-registry.ts'
import { type InputIssue, UnreadableInputError } from './input-issue.ts'
import { readNdjsonRows } from './read-ndjson-rows.ts'
import type { ReadRow } from './read-row.ts'

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(text: string, size = 5) {
  const rows: ReadRow[] = []
  const issues: InputIssue[] = []
  for await (const page of readNdjsonRows(
    pieces(Buffer.from(text), size),
    createColumnRegistry(),
  )) {
    rows.push(...page.rows)
    issues.push(...page.issues)
  }
  return { rows, issues }
}

function asObject({ columns, cells }: ReadRow) {
  return Object.fromEntries(columns.map((column, place) => [column, cells[place]]))
}

describe('readNdjsonRows', () => {
  test('clears fields of null and "", and takes relationships one level deep', async () => {
    const { rows } = await read(
      '{"attributes":{"type":"Account"},"Name":"Acme","Site":null,"Phone":"","Owner":{"Email":"a@b.c"}}\r\n\n{"Name":"Ölmühle","IsActive":true}',
    )
    expect(rows.map(asObject)).toEqual([
      { Name: 'Acme', Site: '', Phone: '', 'Owner.Email': 'a@b.c' },
      { Name: 'Ölmühle', IsActive: 'true' },
    ])
    expect(rows.map(({ rowNumber, line }) => [rowNumber, line])).toEqual([
      [1, 1],
      [2, 3],
    ])
  })

  test.each([
    ['12345678901234567890', '12345678901234567890'],
    ['0.1234567890123456789', '0.1234567890123456789'],
    ['1234567.25', '1234567.25'],
    ['-7', '-7'],
    ['1e400', '1e400'],
    ['0.0000001', '0.0000001'],
  ])('keeps the number %s', async (sent, kept) => {
    const { rows } = await read(`{"Amount":${sent}}`)
    expect(rows[0]?.cells).toEqual([kept])
  })

  test('names what is wrong by row, line and field, and reads on', async () => {
    const { rows, issues } = await read(
      '{"A":[1]}\n{"A":{"B":{"C":1}}}\nnot json\n[1]\n{"A":"\\u0000"}\n{"A":"\\ud800"}\n{"A":1}\n{"A":',
    )
    expect(
      issues.map(({ code, rowNumber, line, field }) => [code, rowNumber, line, field]),
    ).toEqual([
      ['value_not_scalar', 1, 1, 'A'],
      ['value_not_scalar', 2, 2, 'A.B'],
      ['invalid_json', 3, 3, null],
      ['record_not_object', 4, 4, null],
      ['invalid_character', 5, 5, 'A'],
      ['invalid_character', 6, 6, 'A'],
      ['invalid_json', 8, 8, null],
    ])
    expect(rows.map((row) => row.rowNumber)).toEqual([7])
  })

  test('takes __proto__ for a name like any other', async () => {
    const { rows } = await read('{"__proto__":"x","constructor":"y"}')
    expect(rows[0]?.columns).toEqual(['__proto__', 'constructor'])
    expect(rows[0]?.cells).toEqual(['x', 'y'])
  })

  test('keeps one spelling of a name, the first', async () => {
    const { rows } = await read('{"Name":"a"}\n{"NAME":"b"}\n{"name ":"c"}')
    expect(rows.map((row) => row.columns)).toEqual([['Name'], ['Name'], ['Name']])
  })

  test('refuses nesting that would exhaust the stack, without failing', async () => {
    const { issues } = await read(
      `{"A":1e9,"B":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      64_000,
    )
    expect(issues).toMatchObject([{ rowNumber: 1 }])
  })

  test('refuses a line without an end before it fills the memory', async () => {
    await expect(read(`{"A":"${'x'.repeat(2_100_000)}`, 64_000)).rejects.toThrow(
      UnreadableInputError,
    )
  })

  test('reads what was written, however it is cut into pieces', async () => {
    const key = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,6}$/)
    const value = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 10 }).map((text) => text.replaceAll('\0', '')),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    )
    const record = fc.uniqueArray(fc.tuple(key, value), {
      selector: ([name]) => name.toLowerCase(),
      minLength: 1,
      maxLength: 5,
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 40 }),
        async (records, size) => {
          const text = records.map((each) => JSON.stringify(Object.fromEntries(each))).join('\n')
          const { rows, issues } = await read(text, size)
          expect(issues).toEqual([])
          const lowered = rows.map(({ columns, cells }) =>
            Object.fromEntries(columns.map((name, at) => [name.toLowerCase(), cells[at]])),
          )
          expect(lowered).toEqual(
            records.map((each) =>
              Object.fromEntries(
                each.map(([name, cell]) => [
                  name.toLowerCase(),
                  cell === null ? '' : String(cell).toWellFormed(),
                ]),
              ),
            ),
          )
        },
      ),
      { numRuns: 200 },
    )
  })
})
