import { expect, test } from 'vitest'
import { asOf } from '../calendar.ts'
import { countFigure } from '../figure.ts'
import { allUnknown, valuesOf } from './figure-tree.ts'
import { snakeNames } from './snake-names.ts'

const tree = {
  total: countFigure(3, asOf('2026-06-30')),
  rows: [{ name: 'A', count: countFigure(2, asOf('2026-06-30')) }],
  nested: { deep: countFigure(1, asOf('2026-06-30')), label: 'x' },
}

test('values stand where the figures were', () => {
  expect(valuesOf(tree)).toEqual({
    total: 3,
    rows: [{ name: 'A', count: 2 }],
    nested: { deep: 1, label: 'x' },
  })
})

test('what is not known has no rows and a reason', () => {
  const unknown = allUnknown(tree, 'not_pulled_yet')
  expect(valuesOf(unknown)).toEqual({ total: null, rows: [], nested: { deep: null, label: 'x' } })
  expect(unknown.nested.deep).toMatchObject({ reason: 'not_pulled_yet', n: 0, interval: null })
})

test('names get underscores, save those that begin with a capital', () => {
  expect(snakeNames([{ stillIn: 1, StageName: 'a', parts: [{ withoutAmount: 2 }] }])).toEqual([
    { still_in: 1, StageName: 'a', parts: [{ without_amount: 2 }] },
  ])
})
