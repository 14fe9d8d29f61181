import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  buildRowRanges,
  containsRow,
  countRows,
  intersectsRows,
  iterateRows,
} from './row-ranges.ts'

const ascending = fc
  .uniqueArray(fc.integer({ min: 1, max: 60 }))
  .map((numbers) => numbers.sort((left, right) => left - right))

test('ranges hold exactly the rows they were built of', () => {
  fc.assert(
    fc.property(ascending, (numbers) => {
      const ranges = buildRowRanges(numbers)
      expect([...iterateRows(ranges)]).toEqual(numbers)
      expect(countRows(ranges)).toBe(numbers.length)
      for (let row = 0; row <= 61; row++)
        expect(containsRow(ranges, row)).toBe(numbers.includes(row))
    }),
  )
})

test('ranges meet an extent where one of their rows lies in it', () => {
  fc.assert(
    fc.property(ascending, fc.nat(61), fc.nat(10), (numbers, first, length) => {
      const isMet = numbers.some((row) => row >= first && row <= first + length)
      expect(intersectsRows(buildRowRanges(numbers), first, first + length)).toBe(isMet)
    }),
  )
})

test('neighbours share a range', () => {
  expect(buildRowRanges([1, 2, 3, 7, 9, 10])).toEqual([1, 3, 7, 7, 9, 10])
})

test('rows out of order or twice, and half a range, are refused', () => {
  expect(() => buildRowRanges([2, 1])).toThrow(RangeError)
  expect(() => buildRowRanges([2, 2])).toThrow(RangeError)
  expect(() => countRows([1])).toThrow(RangeError)
})
