import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ROW_OUTCOMES } from '../contracts/bulk-job.ts'
import {
  BlobFormError,
  decodeRowResults,
  decodeStagedBatch,
  encodeRowResults,
  encodeStagedBatch,
} from './batch-blob.ts'

const word = fc.option(fc.string({ unit: 'binary' }))

test('a batch comes back as it was, whatever its row numbers and cells', async () => {
  const row = fc.record({ rowNumber: fc.integer({ min: 1, max: 9 }), cells: fc.tuple(word, word) })
  await fc.assert(
    fc.asyncProperty(fc.array(row), async (rows) => {
      const batch = { columns: ['Name', 'Phone'], rows }
      expect(await decodeStagedBatch(await encodeStagedBatch(batch))).toEqual(batch)
    }),
  )
})

test('results come back as they were', async () => {
  const result = fc.record({
    rowNumber: fc.nat(),
    outcome: fc.constantFrom(...ROW_OUTCOMES),
    salesforceId: word,
    created: fc.option(fc.boolean()),
    errorCode: word,
    errorMessage: word,
    errorFields: fc.array(fc.string()),
    retryable: fc.boolean(),
    upstreamJobId: word,
  })
  await fc.assert(
    fc.asyncProperty(fc.array(result), async (results) => {
      expect(await decodeRowResults(await encodeRowResults(results))).toEqual(results)
    }),
  )
})

test('a blob of another kind, cut off, or of no kind is refused', async () => {
  const rows = await encodeStagedBatch({ columns: ['A'], rows: [{ rowNumber: 1, cells: ['x'] }] })
  await expect(decodeRowResults(rows)).rejects.toThrow(BlobFormError)
  await expect(decodeStagedBatch(rows.subarray(0, rows.length - 3))).rejects.toThrow(BlobFormError)
  await expect(decodeStagedBatch(Buffer.from('nonsense'))).rejects.toThrow(BlobFormError)
  const short = zstdCompressSync(JSON.stringify(['rows/1', ['A'], [1, 2], [['x']]]))
  await expect(decodeStagedBatch(short)).rejects.toThrow(BlobFormError)
  const long = zstdCompressSync(JSON.stringify(['rows/1', ['A'], [1, 1], [['x'], ['y']]]))
  await expect(decodeStagedBatch(long)).rejects.toThrow(BlobFormError)
})
