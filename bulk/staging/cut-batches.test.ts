import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Cell } from '../../contracts/bulk-job.ts'
import { decodeStagedBatch, encodeWireBatch } from '../staged-batch-blob.ts'
import { type CutBatch, createBatchCutter } from './cut-batches.ts'
import type { ReadRow } from './read-row.ts'

function cutAll(rows: readonly ReadRow[], maxRows: number, maxBytes: number): CutBatch[] {
  const cutter = createBatchCutter({ maxRows, maxBytes })
  const batches = rows.map((row) => cutter.push(row))
  return [...batches, cutter.finish()].filter((batch) => batch !== null)
}

const shapes = [['A', 'B'], ['B'], ['C', 'A']] as const
const rowsOf = fc
  .array(
    fc.record({
      shape: fc.constantFrom(...shapes),
      gap: fc.integer({ min: 1, max: 3 }),
      text: fc.option(fc.string({ maxLength: 30 })),
    }),
    { maxLength: 40 },
  )
  .map((made) => {
    let rowNumber = 0
    return made.map(({ shape, gap, text }): ReadRow => {
      rowNumber += gap
      const cells = shape.map((): Cell => text)
      return { rowNumber, line: null, columns: shape, cells }
    })
  })

test('every row is in one batch, with its own cells under its own columns', () => {
  fc.assert(
    fc.property(
      rowsOf,
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 200 }),
      (rows, maxRows, maxBytes) => {
        const batches = cutAll(rows, maxRows, maxBytes)
        expect(batches.map((batch) => batch.batchNumber)).toEqual(batches.map((_, at) => at + 1))
        const found = batches.flatMap((batch) => {
          expect(batch.rowNumbers.length).toBeLessThanOrEqual(maxRows)
          expect(batch.rowNumbers.length === 1 || batch.encodedBytes <= 2 * maxBytes).toBe(true)
          expect(batch.encodedBytes).toBe(Buffer.byteLength(batch.lines))
          const { rows } = decodeStagedBatch(
            encodeWireBatch(batch.columns, batch.rowNumbers, batch.lines),
          )
          return rows.map(({ rowNumber, cells }) => ({
            rowNumber,
            cells: new Map(
              batch.columns
                .map((column, at) => [column, cells[at] ?? null] as const)
                .filter(([, cell]) => cell !== null),
            ),
          }))
        })
        expect(found).toEqual(
          rows.map(({ rowNumber, columns, cells }) => ({
            rowNumber,
            cells: new Map(
              columns
                .map((column, at) => [column, cells[at] ?? null] as const)
                .filter(([, cell]) => cell !== null),
            ),
          })),
        )
      },
    ),
  )
})
