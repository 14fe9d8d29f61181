import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RowResult } from '../../contracts/bulk-job.ts'
import { chunksOf, eachResult, resultsByBatch } from './load-results.ts'

function resultOf(rowNumber: number): RowResult {
  return {
    rowNumber,
    outcome: 'success',
    salesforceId: null,
    created: true,
    errorCode: null,
    errorMessage: null,
    errorFields: [],
    retryable: false,
    upstreamJobId: null,
  }
}

function loadOf(sizes: readonly number[]) {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const results = Array.from({ length: total }, (_, at) => resultOf(at + 1))
  const batches = sizes.map((rowCount, at) => ({ batchNumber: at + 1, rowCount }))
  return { results, load: resultsByBatch(results, batches) }
}

test('results are cut at the bounds of their batches, as often as they are gone through', () => {
  const { results, load } = loadOf([2, 1, 3])
  for (let time = 0; time < 2; time += 1) {
    expect([...load].map((batch) => batch.results.map((result) => result.rowNumber))).toEqual([
      [1, 2],
      [3],
      [4, 5, 6],
    ])
    expect([...eachResult(load)]).toEqual(results)
  }
})

test('a row without a result is an error, not a gap', () => {
  const load = resultsByBatch([resultOf(1)], [{ batchNumber: 1, rowCount: 2 }])
  expect(() => [...load]).toThrow('batch 1')
})

test('chunks hold every batch once, and no more than is asked for', () => {
  const most = { rows: 10, batches: 4 }
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 40 }), (sizes) => {
      const { load } = loadOf(sizes)
      const chunks = [...chunksOf(load, most)]
      expect(chunks.flat()).toEqual([...load])
      for (const chunk of chunks) {
        expect(chunk.length).toBeLessThanOrEqual(most.batches)
        const before = chunk.slice(0, -1).flatMap((batch) => batch.results)
        expect(before.length).toBeLessThan(most.rows)
      }
    }),
  )
})
