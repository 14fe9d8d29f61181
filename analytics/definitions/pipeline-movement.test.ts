import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { OpportunitySnapshotRow } from '../../contracts/analytics.ts'
import { snapshot } from '../row-fixtures.ts'
import { type PipelineMovement, pipelineMovement } from './pipeline-movement.ts'

const JUNE = { from: '2026-06-01', to: '2026-06-30' }
const DAYS = { from: '2026-06-01', to: '2026-06-08' }
const CLOSED = { isClosed: true, isWon: true }

function values(movement: PipelineMovement): Record<string, number | null> {
  const { start, created, increased, decreased, movedIn, movedOut, won, lost, end } = movement
  const figures = { start, created, increased, decreased, movedIn, movedOut, won, lost, end }
  return Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, figure.value]))
}

test('each way in and out of the pipeline is told apart', () => {
  const start = [
    snapshot('grows', { amount: 10 }),
    snapshot('shrinks', { amount: 20 }),
    snapshot('wins', { amount: 40 }),
    snapshot('loses', { amount: 80 }),
    snapshot('leaves', { amount: 160 }),
    snapshot('comes', { amount: 320, closeDate: '2026-07-05' }),
    snapshot('deleted', { amount: 640 }),
    snapshot('long won', { amount: 5000, ...CLOSED }),
    snapshot('reopens', { amount: 7, isClosed: true }),
    snapshot('elsewhere', { amount: 9000, closeDate: '2027-01-01' }),
  ]
  const end = [
    snapshot('grows', { amount: 13 }),
    snapshot('shrinks', { amount: 15 }),
    snapshot('wins', { amount: 50, ...CLOSED }),
    snapshot('loses', { amount: 80, isClosed: true }),
    snapshot('leaves', { amount: 170, closeDate: '2026-07-01' }),
    snapshot('comes', { amount: 321 }),
    snapshot('long won', { amount: 5000, ...CLOSED }),
    snapshot('reopens', { amount: 8 }),
    snapshot('new', { amount: 1280 }),
    snapshot('new and won', { amount: 2, ...CLOSED }),
    snapshot('elsewhere', { amount: 9000, closeDate: '2027-01-01' }),
  ]
  const movement = pipelineMovement(start, end, JUNE, DAYS, null)
  expect(values(movement)).toEqual({
    start: 950,
    created: 1282,
    increased: 3 + 10 + 1,
    decreased: 5,
    movedIn: 320 + 8,
    movedOut: 160 + 640,
    won: 50 + 2,
    lost: 80,
    end: 13 + 15 + 321 + 8 + 1280,
  })
  expect(movement.deleted).toBe(1)
  expect(movement.end).toMatchObject({ n: 5, period: { ...DAYS, field: 'as_of' } })
})

test('a missing amount counts as zero and is told; mixed currencies and empty snapshots are null', () => {
  const some = [snapshot('a', { amount: null })]
  const movement = pipelineMovement(some, [snapshot('a', { amount: 5 })], JUNE, DAYS, null)
  expect(movement).toMatchObject({ withoutAmount: 1, start: { value: 0 }, increased: { value: 5 } })
  expect(pipelineMovement([], [], JUNE, DAYS, null).end.reason).toBe('no_history')
  const mixed = ['EUR', 'USD'].map((currencyIsoCode) =>
    snapshot(currencyIsoCode, { currencyIsoCode }),
  )
  expect(pipelineMovement(mixed, [], JUNE, DAYS, null).start.reason).toBe('mixed_currencies')
  const huge = [snapshot('a', { amount: Number.MAX_VALUE })]
  expect(pipelineMovement(huge, [], JUNE, DAYS, null).start.reason).toBe('out_of_range')
})

test('whatever happens to the deals, start and changes add up to the end', () => {
  const state = fc.record({
    opportunityId: fc.integer({ min: 1, max: 12 }).map(String),
    amount: fc.option(
      fc.integer({ min: -1_000_000, max: 100_000_000_000 }).map((cents) => cents / 100),
    ),
    closeDate: fc.constantFrom('2026-05-31', '2026-06-01', '2026-06-30', '2026-07-01'),
    isClosed: fc.boolean(),
    isWon: fc.boolean(),
  })
  const snapshots = fc
    .uniqueArray(state, { selector: (row) => row.opportunityId, maxLength: 12 })
    .map((rows): OpportunitySnapshotRow[] => rows.map((row) => snapshot(row.opportunityId, row)))
  fc.assert(
    fc.property(snapshots, snapshots, (start, end) => {
      fc.pre(start.length + end.length > 0)
      const movement = values(pipelineMovement(start, end, JUNE, DAYS, null))
      const cents = (name: string) => Math.round((movement[name] ?? Number.NaN) * 100)
      expect(
        cents('start') +
          cents('created') +
          cents('increased') -
          cents('decreased') +
          cents('movedIn') -
          cents('movedOut') -
          cents('won') -
          cents('lost'),
      ).toBe(cents('end'))
    }),
    { seed: 42, numRuns: 300 },
  )
})
