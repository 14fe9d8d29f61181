import { expect, test } from 'vitest'
import { deal, lost, won } from '../row-fixtures.ts'
import { cycleLength } from './cycle-length.ts'
import { ownerPerformance } from './owner-performance.ts'
import { openPipeline, pipelineCoverage, weightedPipeline } from './pipeline.ts'
import { stalePipeline } from './stale-pipeline.ts'
import { salesVelocity } from './velocity.ts'

const JUNE = { from: '2026-06-01', to: '2026-06-30' }
const ALWAYS = { from: null, to: null }

test('open pipeline is the exact sum of open amounts due in the range, and says what it lacks', () => {
  const rows = [
    deal({ id: 'a', amount: 0.1 }),
    deal({ id: 'b', amount: 0.2 }),
    deal({ id: 'c', amount: null }),
    deal({ id: 'd', closeDate: '2026-07-01' }),
    won('e'),
  ]
  expect(openPipeline(rows, JUNE, null)).toMatchObject({
    value: 0.3,
    n: 2,
    withoutAmount: 1,
    parts: [{ currency: null, value: 0.3, n: 2 }],
  })
  expect(openPipeline([], JUNE, null)).toMatchObject({ value: 0, n: 0, parts: [] })
  expect(openPipeline([deal({ id: 'a', amount: null })], JUNE, null).reason).toBe('no_amounts')
})

test('mixed currencies are null with each part; rates bring all to the corporate one', () => {
  const rows = [
    deal({ id: 'a', amount: 120, currencyIsoCode: 'USD' }),
    deal({ id: 'b', amount: 50, currencyIsoCode: 'EUR' }),
  ]
  expect(openPipeline(rows, JUNE, null)).toMatchObject({
    value: null,
    reason: 'mixed_currencies',
    currency: null,
    parts: [
      { currency: 'EUR', value: 50, n: 1 },
      { currency: 'USD', value: 120, n: 1 },
    ],
  })
  const rates = { corporate: 'EUR', perCorporateUnit: { USD: 1.2 } }
  expect(openPipeline(rows, JUNE, rates)).toMatchObject({ value: 150, currency: 'EUR' })
  expect(openPipeline(rows.slice(0, 1), JUNE, rates)).toMatchObject({ value: 100, currency: 'EUR' })
})

test('weighted pipeline takes the expected revenue, else amount times probability', () => {
  const rows = [
    deal({ id: 'a', amount: 1000, probability: 10, expectedRevenue: 250 }),
    deal({ id: 'b', amount: 1000, probability: 60 }),
    deal({ id: 'c', amount: 1000, probability: null }),
  ]
  expect(weightedPipeline(rows, JUNE, null)).toMatchObject({ value: 850, n: 2, withoutAmount: 1 })
})

test('coverage is open pipeline for what remains of the quota', () => {
  const rows = [deal({ id: 'a', amount: 300 }), won('b', { amount: 100 })]
  const quota = (amount: number) => ({ amount, currencyIsoCode: null })
  expect(pipelineCoverage(rows, JUNE, quota(250), null).value).toBe(2)
  expect(pipelineCoverage(rows, JUNE, quota(100), null).reason).toBe('quota_reached')
  expect(pipelineCoverage(rows, JUNE, null, null).reason).toBe('no_quota')
  const euros = { amount: 250, currencyIsoCode: 'EUR' }
  expect(pipelineCoverage(rows, JUNE, euros, null).reason).toBe('mixed_currencies')
})

test('cycle length counts days from creation to close of won deals; dates that run backwards are left out', () => {
  const closing = (id: string, createdDate: string) => won(id, { createdDate })
  const rows = [
    closing('a', '2026-06-20T23:00:00Z'),
    closing('b', '2026-06-10T00:00:00Z'),
    closing('c', '2026-03-22T00:00:00Z'),
    closing('d', '2026-07-01T00:00:00Z'),
    lost('e', { createdDate: '2026-06-29T00:00:00Z' }),
  ]
  const cycle = cycleLength(rows, JUNE)
  expect(cycle.median).toMatchObject({ value: 20, n: 3, basis: 'days' })
  expect(cycle.mean.value).toBeCloseTo(130 / 3, 12)
  expect(cycle.p90.value).toBeCloseTo(84, 12)
  expect(cycle.excluded).toBe(1)
  expect(cycleLength([], JUNE).median.reason).toBe('no_won_deals')
  expect(cycleLength([closing('d', '2026-07-01T00:00:00Z')], JUNE).mean.reason).toBe('no_dates')
})

test('velocity is open deals × average won × win rate ÷ cycle', () => {
  const rows = [
    deal({ id: 'a', closeDate: '2027-01-01' }),
    deal({ id: 'b' }),
    won('c', { amount: 400, createdDate: '2026-06-10T00:00:00Z' }),
    lost('d'),
  ]
  expect(salesVelocity(rows, JUNE, null)).toMatchObject({ value: (2 * 400 * 0.5) / 20, n: 2 })
  expect(salesVelocity(rows.slice(0, 2), JUNE, null).reason).toBe('no_closed_deals')
  expect(salesVelocity([lost('d')], JUNE, null).reason).toBe('no_won_deals')
  const sameDay = [won('c', { createdDate: '2026-06-30T01:00:00Z' })]
  expect(salesVelocity(sameDay, JUNE, null).reason).toBe('zero_baseline')
})

test('owners have figures of their own deals', () => {
  const rows = [
    won('a', { ownerId: 'bo', amount: 70 }),
    lost('b', { ownerId: 'ada' }),
    deal({ id: 'c', ownerId: 'ada', amount: 5 }),
  ]
  const [ada, bo, ...rest] = ownerPerformance(rows, JUNE, null)
  expect(rest).toEqual([])
  expect(ada).toMatchObject({
    ownerId: 'ada',
    winRate: { byCount: { value: 0, n: 1 }, wonAmount: { value: 0, n: 0 } },
    openPipeline: { value: 5 },
    cycleLength: { median: { reason: 'no_won_deals' } },
  })
  expect(bo).toMatchObject({ ownerId: 'bo', winRate: { wonAmount: { value: 70 } } })
})

test('a deal is stale when history, stage, activity and creation are all too long ago', () => {
  const day = '2026-06-30'
  const old = { createdDate: '2026-01-01T00:00:00Z' }
  const rows = [
    deal({ id: 'silent', amount: 40, ...old }),
    deal({ id: 'called', lastActivityDate: '2026-06-10', ...old }),
    deal({ id: 'moved', lastStageChangeDate: '2026-05-31T00:00:00Z', ...old }),
    deal({ id: 'edited', ...old }),
  ]
  const history = [
    {
      id: 'h',
      opportunityId: 'edited',
      stageName: 'Prospecting',
      amount: 1,
      probability: 1,
      closeDate: null,
      createdDate: '2026-06-01T00:00:00Z',
    },
  ]
  const stale = stalePipeline(rows, history, day, 30, null)
  expect(stale.dealIds).toEqual(['silent'])
  expect(stale.amount.value).toBe(40)
  expect(stale.share).toMatchObject({ value: 0.25, n: 4 })
  expect(openPipeline(rows, ALWAYS, null).n).toBe(4)
})
