import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import {
  type ReadResultLine,
  ResultFileError,
  type ResultKind,
  readResultLines,
} from './result-lines.ts'

async function collect(lines: AsyncIterable<ReadResultLine>): Promise<ReadResultLine[]> {
  const all: ReadResultLine[] = []
  for await (const line of lines) all.push(line)
  return all
}

async function read(text: string, kind: ResultKind, chunkSize = 3): Promise<ReadResultLine[]> {
  const bytes = Buffer.from(text)
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += chunkSize)
    chunks.push(bytes.subarray(at, at + chunkSize))
  return collect(readResultLines(Readable.from(chunks), kind))
}

test('success lines give the id and whether it is new, whatever the order and case of the columns', async () => {
  const lines = await read(
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

test('failed lines give the error, unprocessed ones nothing', async () => {
  const failed = await read(
    '"sf__Id","sf__Error","Name"\n"","CODE:text, more:Name --","a"\n',
    'failed',
  )
  expect(failed[0]?.line).toEqual({
    outcome: 'failed',
    salesforceId: null,
    created: null,
    error: 'CODE:text, more:Name --',
    cells: ['a'],
  })
  const unprocessed = await read('Name\na\n""\n', 'unprocessed')
  expect(unprocessed.map(({ line }) => line.cells)).toEqual([['a'], ['']])
})

test('a file without bytes, or with a header alone, has no lines', async () => {
  expect(await read('', 'success')).toEqual([])
  expect(await read('"sf__Id","sf__Created","Name"\n', 'success')).toEqual([])
  expect(await read('sf__Id,sf__Error,Name\n1,E,a\n\n', 'failed')).toHaveLength(1)
})

test.each([
  ['cut off inside a value', 'sf__Id,Name\n001,"a'],
  ['a row too short', 'sf__Id,sf__Created,Name\n001,true\n'],
  ['a row too long', 'sf__Id,Name\n001,a,b\n'],
  ['a quote inside a bare value', 'sf__Id,Name\n001,a"b\n'],
  ['no id column', 'Name\na\n'],
])('%s is an error', async (_, text) => {
  await expect(read(text, 'success')).rejects.toThrow(ResultFileError)
})

test('a source that breaks off is its own error, and the source is let go', async () => {
  const broken = new Readable({ read: () => undefined })
  broken.push('sf__Id,Name\n001,a\n')
  const reading = collect(readResultLines(broken, 'success'))
  setImmediate(() => broken.destroy(new Error('connection cut')))
  await expect(reading).rejects.toThrow('connection cut')
})

test('a reader that stops early lets the source go', async () => {
  const source = Readable.from([Buffer.from('sf__Id,Name\n001,a\n002,b\n')])
  for await (const { line } of readResultLines(source, 'success')) {
    expect(line.salesforceId).toBe('001')
    break
  }
  await new Promise((resolve) => setImmediate(resolve))
  expect(source.destroyed).toBe(true)
})
