import { expect, test } from 'vitest'
import {
  createResultReader,
  type ReadResultLine,
  ResultFileError,
  type ResultKind,
} from './result-lines.ts'

function read(text: string, kind: ResultKind, pieceSize = 3): ReadResultLine[] {
  const lines: ReadResultLine[] = []
  const reader = createResultReader(kind, (record) => lines.push(record.toLine()))
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += pieceSize)
    reader.push(bytes.subarray(at, at + pieceSize))
  reader.finish()
  return lines
}

test('success lines give the id and whether it is new, whatever the order and case of the columns', () => {
  const lines = read(
    '\ufeffName,SF__CREATED,"Émile","sf__Id"\r\n"a ""q""\nb",true,é,001\r\nc,false,,002\r\n',
    'success',
  )
  expect(lines).toEqual([
    {
      columns: ['Name', 'Émile'],
      line: {
        outcome: 'success',
        salesforceId: '001',
        created: true,
        error: null,
        cells: ['a "q"\nb', 'é'],
      },
    },
    {
      columns: ['Name', 'Émile'],
      line: {
        outcome: 'success',
        salesforceId: '002',
        created: false,
        error: null,
        cells: ['c', ''],
      },
    },
  ])
})

test('failed lines give the error, unprocessed ones nothing', () => {
  const failed = read('"sf__Id","sf__Error","Name"\n"","CODE:text, more:Name --","a"\n', 'failed')
  expect(failed[0]?.line).toEqual({
    outcome: 'failed',
    salesforceId: null,
    created: null,
    error: 'CODE:text, more:Name --',
    cells: ['a'],
  })
  const unprocessed = read('Name\na\n""\n', 'unprocessed')
  expect(unprocessed.map(({ line }) => line.cells)).toEqual([['a'], ['']])
})

test('a file without bytes, or with a header alone, has no lines', () => {
  expect(read('', 'success')).toEqual([])
  expect(read('"sf__Id","sf__Created","Name"\n', 'success')).toEqual([])
  expect(read('sf__Id,sf__Error,Name\n1,E,a\n\n', 'failed')).toHaveLength(1)
})

test.each([
  ['cut off inside a value', 'sf__Id,Name\n001,"a'],
  ['a row too short', 'sf__Id,sf__Created,Name\n001,true\n'],
  ['a row too long', 'sf__Id,Name\n001,a,b\n'],
  ['a quote inside a bare value', 'sf__Id,Name\n001,a"b\n'],
  ['no id column', 'Name\na\n'],
])('%s is an error', (_, text) => {
  expect(() => read(text, 'success')).toThrow(ResultFileError)
})
