import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ROW_OUTCOMES } from '../contracts/bulk-job.ts'
import { BlobFormError, packBlob } from './blob-frame.ts'
import { decodeRowResults, encodeRowResults } from './row-results-blob.ts'

const word = fc.option(fc.string({ unit: 'binary' }))
const result = fc.record({
  rowNumber: fc.nat(),
  outcome: fc.constantFrom(...ROW_OUTCOMES),
  salesforceId: word,
  created: fc.option(fc.boolean()),
  errorCode: fc.option(fc.constantFrom('A', 'B')),
  errorMessage: fc.option(fc.constantFrom('x', 'y', '\ud800')),
  errorFields: fc.array(fc.constantFrom('Name', 'Phone'), { maxLength: 2 }),
  retryable: fc.boolean(),
  upstreamJobId: fc.option(fc.constantFrom('750A', '750B')),
})

test('results come back as they were', () => {
  fc.assert(
    fc.property(fc.array(result, { maxLength: 40 }), (results) => {
      expect(decodeRowResults(encodeRowResults(results))).toEqual(results)
    }),
  )
})

test('rows that share all but their ids take little more than these', () => {
  const results = Array.from({ length: 200 }, (_, index) => ({
    rowNumber: index + 1,
    outcome: 'success' as const,
    salesforceId: `001000000${String(index).padStart(6, '0')}AAA`,
    created: true,
    errorCode: null,
    errorMessage: null,
    errorFields: [],
    retryable: false,
    upstreamJobId: '750000000000001AAA',
  }))
  expect(encodeRowResults(results).length).toBeLessThan(200 * 8)
})

test('results that name other rows than they hold, or no verdict, are refused', () => {
  const verdict = [0, true, null, null, [], false, null]
  const blob = (...rest: unknown[]) => packBlob(['results/2', ...rest])
  expect(decodeRowResults(blob([1, 1], [verdict], [], ['001']))).toHaveLength(1)
  expect(() => decodeRowResults(blob([1, 2], [verdict], [], ['001']))).toThrow(BlobFormError)
  expect(() => decodeRowResults(blob([1, 1], [], [], ['001']))).toThrow(BlobFormError)
  expect(() => decodeRowResults(blob([1, 4e9], [verdict], [], ['001']))).toThrow(BlobFormError)
  const two = [verdict, verdict]
  expect(() => decodeRowResults(blob([1, 2], two, [1], ['001', '002']))).toThrow(BlobFormError)
  expect(() => decodeRowResults(blob([1, 1], [[9]], [], ['001']))).toThrow(BlobFormError)
})
