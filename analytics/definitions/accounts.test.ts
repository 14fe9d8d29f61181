import { expect, test } from 'vitest'
import { account, deal, lost, won } from '../row-fixtures.ts'
import { accountGrowth } from './account-growth.ts'
import { accountHealth, accountHealths } from './account-health.ts'

const DAY = '2026-06-30'

test('growth counts new accounts by month, empty months too, against those that were there', () => {
  const accounts = ['2025-11-01', '2025-12-31', '2026-01-01', '2026-03-31', '2026-04-01'].map(
    (day) => account({ id: day, createdDate: `${day}T12:00:00Z` }),
  )
  const growth = accountGrowth(accounts, { from: '2026-01-01', to: '2026-03-31' })
  expect(growth.created.value).toBe(2)
  expect(growth.rate).toMatchObject({ value: 1, n: 2 })
  expect(growth.byMonth).toEqual([
    { month: '2026-01', created: 1 },
    { month: '2026-02', created: 0 },
    { month: '2026-03', created: 1 },
  ])
  expect(accountGrowth(accounts, { from: null, to: null }).rate.reason).toBe('zero_baseline')
  expect(accountGrowth(accounts, { from: null, to: null }).byMonth).toHaveLength(6)
  expect(accountGrowth([], { from: null, to: null }).byMonth).toEqual([])
})

test('health weighs what is known and says how much that is', () => {
  const deals = [
    won('this year', { amount: 300, closeDate: '2026-05-01' }),
    won('last year', { amount: 100, closeDate: '2025-05-01' }),
    lost('lost', { closeDate: '2026-06-30' }),
    deal({ id: 'on time', lastActivityDate: '2026-06-12' }),
    deal({ id: 'overdue', closeDate: '2026-06-01' }),
    won('other', { accountId: 'acc2', amount: 9000 }),
  ]
  const health = accountHealth(account({ id: 'acc1' }), deals, DAY, null)
  expect(health.components).toMatchObject({
    revenue: { value: 0.75, n: 2 },
    engagement: { value: 0.9 },
    pipeline: { value: 0.5, n: 2 },
    winRate: { value: 0.5, n: 2 },
    supportTickets: { value: null, reason: 'no_source' },
  })
  expect(health.coverage).toBe(1)
  expect(health.score.value).toBeCloseTo(0.35 * 0.75 + 0.3 * 0.9 + 0.2 * 0.5 + 0.15 * 0.5, 12)
})

test('each account is judged by its own deals', () => {
  const accounts = ['acc2', 'acc1'].map((id) => account({ id }))
  const deals = [won('a', { closeDate: '2026-06-01' }), lost('b', { accountId: 'acc2' })]
  const [second, first] = accountHealths(
    accounts,
    [...deals, lost('c', { accountId: null })],
    DAY,
    null,
  )
  expect(second).toMatchObject({ accountId: 'acc2', components: { winRate: { value: 0, n: 1 } } })
  expect(first).toMatchObject({ accountId: 'acc1', components: { winRate: { value: 1, n: 1 } } })
})

test('missing components are left out of score and coverage; none at all is no score', () => {
  const quiet = accountHealth(account({ id: 'acc1', lastActivityDate: DAY }), [], DAY, null)
  expect(quiet.score).toMatchObject({ value: 1, n: 1 })
  expect(quiet.coverage).toBeCloseTo(0.3, 12)
  const empty = accountHealth(account({ id: 'acc1' }), [], DAY, null)
  expect(empty).toMatchObject({ score: { value: null, reason: 'no_data' }, coverage: 0 })
  const planned = account({ id: 'acc1', lastActivityDate: '2026-12-01' })
  expect(accountHealth(planned, [], DAY, null).components.engagement.reason).toBe('no_dates')
})
