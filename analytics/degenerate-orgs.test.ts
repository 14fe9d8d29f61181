import fc from 'fast-check'
import { expect, test } from 'vitest'
import { everything, faults } from './answer-fixture.ts'
import { DEGENERATE_ORGS } from './degenerate-orgs.ts'
import { account, deal, lead, STAGES, snapshot } from './row-fixtures.ts'

test.each(Object.entries(DEGENERATE_ORGS))(
  '%s: every number is one, every null has a reason',
  (_name, org) => {
    expect(faults(everything(org), 'answer')).toEqual([])
  },
)

test('the walk finds what it is there for', () => {
  const figure = { value: null, reason: null, basis: 'count', n: Number.NaN }
  expect(faults({ a: [figure] }, 'answer')).toEqual([
    'answer.a.0.n: NaN',
    'answer.a.0: null for null',
  ])
})

test('ten orgs say what they are', () => {
  expect(Object.keys(DEGENERATE_ORGS)).toHaveLength(10)
  const of = (name: string) => everything(DEGENERATE_ORGS[name] ?? expect.fail(name))
  expect(of('empty').rate.byCount.reason).toBe('no_closed_deals')
  expect(of('all lost').velocity.reason).toBe('no_won_deals')
  expect(of('no amounts').open).toMatchObject({ reason: 'no_amounts', withoutAmount: 60 })
  expect(of('mixed currencies').open).toMatchObject({ reason: 'mixed_currencies' })
  expect(of('mixed currencies').open.parts.map((part) => part.currency)).toEqual(['EUR', 'USD'])
  expect(of('single month').forecast.reason).toBe('no_variation')
  expect(of('one huge outlier').rate.byCount.value).not.toBeNull()
  expect(of('one huge outlier').movement.end.reason).toBe('out_of_range')
  expect(of('noise only').trends.created.verdict).toBe('stable')
  expect(of('future dates').rate.byCount.reason).toBe('no_closed_deals')
})

test('no org makes a number that is none, or a null without a reason', () => {
  const day = fc.constantFrom('2024-02-29', '2025-12-31', '2026-05-31', '2026-06-30', '2027-01-01')
  const time = day.map((date) => `${date}T12:00:00.000+0000`)
  const amount = fc.constantFrom(null, 0, -5, 0.1, 99.99, 1e9, 1e300)
  const stageName = fc.constantFrom('Retired', ...STAGES.map((stage) => stage.name))
  const currencyIsoCode = fc.constantFrom(null, 'EUR', 'USD')
  const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
  const state = { stageName, amount, isClosed: fc.boolean(), isWon: fc.boolean(), currencyIsoCode }
  const deals = fc
    .record({
      ...state,
      id,
      closeDate: day,
      createdDate: time,
      probability: fc.constantFrom(null, 0, 100),
      expectedRevenue: amount,
      accountId: fc.constantFrom(null, 'acc1'),
      lastStageChangeDate: fc.option(time),
      lastActivityDate: fc.option(day),
      isDeleted: fc.boolean(),
    })
    .map(deal)
  const change = fc.record({
    id: fc.uuid(),
    opportunityId: id,
    stageName,
    amount,
    probability: fc.constant(null),
    closeDate: fc.option(day),
    createdDate: time,
  })
  const leads = fc
    .record({ id, createdDate: time, isConverted: fc.boolean(), convertedDate: fc.option(day) })
    .map(lead)
  const accounts = fc
    .record({ id: fc.constant('acc1'), createdDate: time, lastActivityDate: fc.option(day) })
    .map(account)
  const states = fc
    .record({ ...state, id, closeDate: day })
    .map(({ id: name, ...values }) => snapshot(name, values))
  const byId = { selector: (row: { readonly id: string }) => row.id }
  const byDeal = { selector: (row: { readonly opportunityId: string }) => row.opportunityId }
  const org = fc.record({
    deals: fc.uniqueArray(deals, byId),
    history: fc.array(change),
    leads: fc.uniqueArray(leads, byId),
    accounts: fc.array(accounts, { maxLength: 1 }),
    start: fc.uniqueArray(states, byDeal),
    end: fc.uniqueArray(states, byDeal),
    rates: fc.constantFrom(
      null,
      { corporate: 'EUR', perCorporateUnit: { USD: 1.1 } },
      { corporate: 'EUR', perCorporateUnit: {} },
    ),
  })
  fc.assert(
    fc.property(org, (rows) => {
      expect(faults(everything(rows), 'answer')).toEqual([])
    }),
    { seed: 7, numRuns: 200 },
  )
})
