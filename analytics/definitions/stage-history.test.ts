import { expect, test } from 'vitest'
import { deal, historyOf, STAGES } from '../row-fixtures.ts'
import { livingHistory } from './deal-paths.ts'
import { pushCount, pushCounts, slippage } from './slippage.ts'
import { stageAgeing } from './stage-ageing.ts'
import { reachedStage, stageConversions } from './stage-conversion.ts'

const YEAR = { from: '2026-01-01', to: '2026-12-31' }
const JUNE = { from: '2026-06-01', to: '2026-06-30' }

const HISTORY = [
  ...historyOf('a', [
    { on: '2026-01-01' },
    { on: '2026-01-11', stageName: 'Qualification' },
    { on: '2026-01-15', amount: 50 },
    { on: '2026-01-31', stageName: 'Closed Won' },
  ]),
  ...historyOf('b', [{ on: '2026-01-01' }, { on: '2026-01-05', stageName: 'Closed Lost' }]),
  ...historyOf('c', [
    { on: '2026-01-01' },
    { on: '2026-01-21', stageName: 'Qualification' },
    { on: '2026-02-01', stageName: 'Prospecting' },
  ]),
  ...historyOf('d', [{ on: '2026-01-01' }, { on: '2026-02-01', stageName: 'No longer there' }]),
]

test('stages tell where the deals went that entered them', () => {
  const stages = stageConversions([...HISTORY].reverse(), STAGES, YEAR)
  expect(stages.map((stage) => stage.stageName)).toEqual([
    'Prospecting',
    'Qualification',
    'Proposal',
    'Negotiation',
  ])
  expect(stages[0]).toMatchObject({
    entered: 4,
    forward: 1,
    lost: 1,
    stillIn: 1,
    backward: 1,
    rate: { value: 0.25, n: 4, period: { field: 'changed' } },
  })
  expect(stages[1]).toMatchObject({ entered: 2, forward: 1, backward: 1, lost: 0, stillIn: 0 })
  expect(stages[2]).toMatchObject({ entered: 0, rate: { value: null, reason: 'no_data' } })
  expect(stageConversions([], STAGES, YEAR)[0]?.rate.reason).toBe('no_history')
})

test('a stage is reached by entering it or one beyond it', () => {
  const reached = (from: string, to: string) => reachedStage(HISTORY, STAGES, YEAR, from, to)
  expect(reached('Prospecting', 'Qualification')).toMatchObject({ value: 0.5, n: 4 })
  expect(reached('Prospecting', 'Proposal')).toMatchObject({ value: 0.25, n: 4 })
  expect(reached('Negotiation', 'Closed Won').reason).toBe('no_data')
  expect(reached('Prospecting', 'Nowhere').reason).toBe('no_source')
})

test('stays are measured within their stage; running ones up to the end of the day', () => {
  const deals = [
    deal({ id: 'c' }),
    deal({ id: 'e', lastStageChangeDate: '2026-01-20T00:00:00Z' }),
    deal({ id: 'f' }),
  ]
  const [prospecting, qualification] = stageAgeing(deals, HISTORY, STAGES, '2026-02-10')
  // 10, 4, 20 and 31 days
  expect(prospecting?.completed.median).toMatchObject({ value: 15, n: 4 })
  // c came back on 1 February at noon, e by what Salesforce keeps on it; nothing is known of f.
  expect(prospecting?.current).toMatchObject({ median: { value: 15.75, n: 2 }, excluded: 1 })
  expect(qualification?.completed.median).toMatchObject({ value: 15.5, n: 2 })
  expect(qualification?.current.median.reason).toBe('no_open_deals')
  const [earlier] = stageAgeing([], HISTORY, STAGES, '2026-01-10')
  expect(earlier?.completed.median).toMatchObject({ value: 4, n: 1 })
})

test('a push is a move to a later month; moves within it and back are none', () => {
  const rows = historyOf('p', [
    { on: '2026-01-01', closeDate: '2026-06-01' },
    { on: '2026-01-02', closeDate: '2026-06-30' },
    { on: '2026-01-03', closeDate: '2026-07-01' },
    { on: '2026-01-04', closeDate: '2026-05-01' },
    { on: '2026-01-05', closeDate: null },
    { on: '2026-01-06', closeDate: '2026-12-01' },
  ])
  expect(pushCount(rows)).toBe(2)
  expect(pushCounts([...rows].reverse()).get('p')).toBe(2)
})

test('slippage is of the deals that were due when the range began', () => {
  const slips = historyOf('slips', [
    { on: '2026-05-01' },
    { on: '2026-06-20', closeDate: '2026-08-01' },
  ])
  const wins = historyOf('wins', [
    { on: '2026-05-01' },
    { on: '2026-06-20', stageName: 'Closed Won' },
  ])
  const stays = historyOf('stays', [
    { on: '2026-05-01' },
    { on: '2026-07-02', closeDate: '2026-08-01' },
  ])
  const late = historyOf('late', [
    { on: '2026-06-05' },
    { on: '2026-06-06', closeDate: '2026-08-01' },
  ])
  const other = historyOf('other', [{ on: '2026-05-01', closeDate: '2026-09-01' }])
  const history = [...slips, ...wins, ...stays, ...late, ...other]
  const share = slippage(history, STAGES, JUNE)
  expect(share.value).toBeCloseTo(1 / 3, 12)
  expect(share.n).toBe(3)
  expect(slippage([], STAGES, JUNE).reason).toBe('no_history')
  expect(slippage(history, STAGES, { from: null, to: null }).reason).toBe('insufficient_data')
})

test('the history of deleted deals is left out', () => {
  const deals = [deal({ id: 'a', isDeleted: true }), deal({ id: 'b' })]
  const left = new Set(livingHistory(HISTORY, deals).map((row) => row.opportunityId))
  expect([...left]).toEqual(['b', 'c', 'd'])
})
