import { expect, test } from 'vitest'
import { asOf } from '../calendar.ts'
import { countFigure } from '../figure.ts'
import { compareReports } from './compare-reports.ts'

const report = (won: number, open: number) => ({
  won: countFigure(won, asOf('2026-06-30')),
  cohort: { open: countFigure(open, asOf('2026-06-30')) },
  rows: [countFigure(1, asOf('2026-06-30'))],
})

test('each figure is held against its own, and lists are left out', () => {
  const compared = compareReports(report(6, 4), report(3, 0))
  expect(compared).toMatchObject({
    won: { previous: { value: 3 }, difference: { value: 3 }, relative: { value: 1 } },
    cohort: { open: { difference: { value: 4 }, relative: { reason: 'zero_baseline' } } },
  })
  expect(Object.keys(compared)).toEqual(['won', 'cohort'])
})
