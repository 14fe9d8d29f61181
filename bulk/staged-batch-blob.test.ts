import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BlobFormError, packBlob } from './blob-frame.ts'
import { ingestCsvRow } from './ingest-csv.ts'
import { decodeRowResults } from './row-results-blob.ts'
import { decodeStagedBatch, encodeStagedBatch, openStagedBatch } from './staged-batch-blob.ts'

const cell = fc.option(
  fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('', '"', 'a,b', 'x\r\ny', '\n', '\u{1f600}', '#N', '#N/A '),
  ),
)
const row = fc.record({ rowNumber: fc.integer({ min: 1, max: 9 }), cells: fc.tuple(cell, cell) })

test('a batch comes back as it was, whatever its row numbers and cells', () => {
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const batch = { columns: ['Name', 'Phone'], rows }
      expect(decodeStagedBatch(encodeStagedBatch(batch))).toEqual(batch)
    }),
  )
})

test('it is stored as the lines that go on the wire', () => {
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const columns = ['Name', 'Phone']
      const stored = openStagedBatch(encodeStagedBatch({ columns, rows }))
      expect(stored.lines.toString()).toBe(
        rows.map(({ cells }) => ingestCsvRow(columns, columns, cells)).join(''),
      )
      expect(stored.rowNumbers).toEqual(rows.map(({ rowNumber }) => rowNumber))
    }),
  )
})

test('rows without columns, and a single column, keep their number', () => {
  for (const columns of [[], ['Name']]) {
    const rows = [1, 2].map((rowNumber) => ({ rowNumber, cells: columns.map(() => null) }))
    expect(decodeStagedBatch(encodeStagedBatch({ columns, rows }))).toEqual({ columns, rows })
  }
})

test('a blob of another kind, cut off, changed, or of no kind is refused', () => {
  const blob = encodeStagedBatch({ columns: ['A'], rows: [{ rowNumber: 1, cells: ['x'] }] })
  expect(() => decodeRowResults(blob)).toThrow(BlobFormError)
  expect(() => decodeStagedBatch(blob.subarray(0, blob.length - 3))).toThrow(BlobFormError)
  expect(() => decodeStagedBatch(Buffer.from('nonsense'))).toThrow(BlobFormError)
  expect(() => decodeStagedBatch(Buffer.alloc(2))).toThrow(BlobFormError)
  const longer = Buffer.from(blob)
  longer.writeUInt32LE(blob.readUInt32LE(0) + 1)
  expect(() => decodeStagedBatch(longer)).toThrow(BlobFormError)
  const huge = Buffer.from(blob)
  huge.writeUInt32LE(0xffffffff)
  expect(() => decodeStagedBatch(huge)).toThrow(BlobFormError)
})

test('a changed bit makes no other batch, wherever it is', () => {
  const rows = Array.from({ length: 20 }, (_, at) => ({ rowNumber: at + 1, cells: [`name ${at}`] }))
  const batch = { columns: ['A'], rows }
  const blob = encodeStagedBatch(batch)
  let noticed = 0
  for (let at = 0; at < blob.length; at += 1) {
    const changed = Buffer.from(blob)
    changed.writeUInt8(changed.readUInt8(at) ^ 0x10, at)
    try {
      // A few bits of the frame mean nothing.
      expect(decodeStagedBatch(changed)).toEqual(batch)
    } catch (error) {
      if (!(error instanceof BlobFormError)) throw error
      noticed += 1
    }
  }
  expect(noticed).toBeGreaterThan(0.9 * blob.length)
})

test.each([
  ['fewer rows than it names', [1, 2], '"x"\n'],
  ['more rows than it names', [1, 1], '"x"\n"y"\n'],
  ['a row of another width', [1, 1], '"x","y"\n'],
  ['lines that are no CSV', [1, 1], '"x\n'],
])('a batch with %s is refused', (_, runs, lines) => {
  expect(() => decodeStagedBatch(packBlob(['rows/2', ['A'], runs], lines))).toThrow(BlobFormError)
})
