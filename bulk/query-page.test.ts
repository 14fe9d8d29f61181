import { expect, test } from 'vitest'
import { createQueryPageScan } from './query-page.ts'
import { ResultFileError } from './result-lines.ts'

/** What is kept of a page that arrives in pieces of so many bytes. */
function read(csv: string, columns: readonly string[], size = 1_000) {
  const scan = createQueryPageScan(columns)
  const bytes = Buffer.from(csv)
  const kept: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size)
    kept.push(scan.push(bytes.subarray(at, at + size)))
  const { rest, records } = scan.finish()
  return { text: Buffer.concat([...kept, rest]).toString(), records }
}

const PAGE = '"Id","Name"\n"1","a\nb"\n"2","c ""d"", é"\n'

test.each([1, 2, 3, 7, 1_000])('the same in pieces of %i bytes', (size) => {
  expect(read(PAGE, ['Id', 'Name'], size)).toEqual({
    ...{ records: 2, text: '"1","a\nb"\n"2","c ""d"", é"\n' },
  })
})

test('a page without records, without a last line end, or without bytes', () => {
  expect(read('"Id"\n', ['Id'])).toEqual({ text: '', records: 0 })
  expect(read('"Id"', ['Id'])).toEqual({ text: '', records: 0 })
  expect(read('', ['Id'])).toEqual({ text: '', records: 0 })
  expect(read('Id\n1', ['id'])).toEqual({ text: '1\n', records: 1 })
})

test.each([
  ['another column', '"Id","Phone"\n'],
  ['columns in another order', '"Name","Id"\n'],
  ['fewer columns', '"Id"\n'],
  ['a record that is wider', '"Id","Name"\n"1","a","b"\n'],
  ['an end inside quotes', '"Id","Name"\n"1","a'],
  ['a page of something else', '<html>"\n'],
])('refused: %s', (_, csv) => {
  expect(() => read(csv, ['Id', 'Name'])).toThrow(ResultFileError)
})
