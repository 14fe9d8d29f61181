import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BatchExtent, planLoads } from './plan-loads.ts'
import { countRows, iterateRows } from './row-ranges.ts'

const batchesArbitrary = fc
  .array(
    fc.record({
      rowCount: fc.integer({ min: 1, max: 30 }),
      encodedBytes: fc.nat(400),
      gap: fc.nat(2),
    }),
    {
      maxLength: 40,
    },
  )
  .map((shapes) => {
    let next = 1
    return shapes.map(({ rowCount, encodedBytes, gap }, index): BatchExtent => {
      const firstRow = next + gap
      next = firstRow + rowCount
      return { batchNumber: index + 1, firstRow, rowCount, encodedBytes }
    })
  })

test('every row is in exactly one load, in order, and no load of several batches is over a limit', () => {
  fc.assert(
    fc.property(batchesArbitrary, fc.nat(80), fc.nat(1000), (batches, maxRows, maxBytes) => {
      const headerBytes = 10
      const loads = planLoads(batches, { maxRows, maxBytes, headerBytes })
      const planned = loads.flatMap((load) => [...iterateRows(load.ranges)])
      const given = batches.flatMap(({ firstRow, rowCount }) =>
        Array.from({ length: rowCount }, (_, index) => firstRow + index),
      )
      expect(planned).toEqual(given)
      for (const load of loads) {
        expect(countRows(load.ranges)).toBe(load.rowCount)
        const isOneBatch = batches.some(
          (batch) =>
            batch.rowCount === load.rowCount &&
            batch.encodedBytes + headerBytes === load.encodedBytes,
        )
        if (!isOneBatch) {
          expect(load.rowCount).toBeLessThanOrEqual(maxRows)
          expect(load.encodedBytes).toBeLessThanOrEqual(maxBytes)
        }
      }
    }),
  )
})

test('loads are as full as they can be', () => {
  const batches = Array.from({ length: 5 }, (_, index) => ({
    batchNumber: index + 1,
    firstRow: index * 200 + 1,
    rowCount: 200,
    encodedBytes: 1_000,
  }))
  const loads = planLoads(batches, { maxRows: 400, maxBytes: 1_000_000 })
  expect(loads.map((load) => load.ranges)).toEqual([
    [1, 400],
    [401, 800],
    [801, 1000],
  ])
  expect(planLoads(batches)).toHaveLength(1)
})

test('a batch whose row numbers have gaps ends where it says', () => {
  const loads = planLoads([
    { batchNumber: 1, firstRow: 3, rowCount: 2, lastRow: 90, encodedBytes: 1 },
    { batchNumber: 2, firstRow: 91, rowCount: 1, encodedBytes: 1 },
  ])
  expect(loads).toEqual([{ ranges: [3, 91], rowCount: 3, encodedBytes: 2 }])
})

test('batches that overlap are refused', () => {
  const batch = { rowCount: 5, encodedBytes: 1 }
  expect(() =>
    planLoads([
      { batchNumber: 1, firstRow: 1, ...batch },
      { batchNumber: 2, firstRow: 5, ...batch },
    ]),
  ).toThrow(RangeError)
})
