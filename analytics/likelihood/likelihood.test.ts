import { describe, expect, test } from 'vitest'
import { dayNumber, dayText } from '../calendar.ts'
import { historyByDeal } from '../definitions/deal-paths.ts'
import { deal, historyOf, lost, won } from '../row-fixtures.ts'
import { seededNormals } from '../statistics/golden-series.ts'
import { dealLikelihoods } from './deal-likelihoods.ts'
import { checkLikelihood } from './likelihood-check.ts'
import { coursesOf, learn } from './won-shares.ts'

const START = dayNumber('2026-01-01')

/** Closed deals, one a day: `days` in Prospecting, then won or lost. */
function closedDeals(outcomes: readonly { readonly days: number; readonly won: boolean }[]) {
  const deals = outcomes.map((outcome, index) => {
    const closeDate = dayText(START + index + outcome.days)
    return (outcome.won ? won : lost)(`c${index}`, { closeDate })
  })
  const history = outcomes.flatMap((outcome, index) =>
    historyOf(`c${index}`, [
      { on: dayText(START + index) },
      {
        on: dayText(START + index + outcome.days),
        stageName: outcome.won ? 'Closed Won' : 'Closed Lost',
      },
    ]),
  )
  return { deals, history }
}

const repeat = (n: number, days: number, isWon: boolean) =>
  Array.from({ length: n }, () => ({ days, won: isWon }))

describe('likelihood', () => {
  // 30 deals of five days, all won; 30 of forty days, 6 won.
  const { deals, history } = closedDeals([
    ...repeat(30, 5, true),
    ...repeat(24, 40, false),
    ...repeat(6, 40, true),
  ])

  test('deals count for each age that they reached in a stage', () => {
    const shares = learn(coursesOf(deals, historyByDeal(history)))
    expect(shares.groups.get('0 Prospecting')).toEqual({ won: 36, n: 60 })
    expect(shares.groups.get('31 Prospecting')).toEqual({ won: 6, n: 30 })
    expect(shares.groups.has('61 Prospecting')).toBe(false)
  })

  test('an open deal is compared with those that stood where it stands, pooled up where they are few', () => {
    const open = [
      deal({ id: 'fresh', lastStageChangeDate: '2026-12-30T00:00:00Z' }),
      deal({ id: 'old', lastStageChangeDate: '2026-11-20T00:00:00Z' }),
      deal({ id: 'ancient', lastStageChangeDate: '2025-11-20T00:00:00Z' }),
      deal({ id: 'other stage', stageName: 'Proposal' }),
    ]
    const found = dealLikelihoods([...deals, ...open], history, '2026-12-31')
    expect(
      found.map(({ opportunityId, group, likelihood }) => [opportunityId, group, likelihood.value]),
    ).toEqual([
      ['fresh', 'stage_and_age', 0.6],
      ['old', 'stage_and_age', 0.2],
      ['ancient', 'stage', 0.6],
      ['other stage', 'all', 0.6],
    ])
    expect(found[1]?.likelihood).toMatchObject({ n: 30, interval: { method: 'wilson' } })
  })

  test('too few closed deals tell nothing', () => {
    const few = closedDeals(repeat(19, 5, true))
    const open = deal({ id: 'open' })
    const [one] = dealLikelihoods([...few.deals, open], few.history, '2026-12-31')
    expect(one).toMatchObject({
      group: null,
      likelihood: { value: null, reason: 'insufficient_data' },
    })
    const [none] = dealLikelihoods([open], [], '2026-12-31')
    expect(none?.likelihood.reason).toBe('no_closed_deals')
  })
})

describe('check on newer deals', () => {
  test('where age tells the outcome, it beats the base rate', () => {
    const uniform = seededNormals(9)
    const outcomes = Array.from({ length: 300 }, () => {
      const slow = uniform() > 0
      return { days: slow ? 40 : 5, won: uniform() > (slow ? 1 : -1) }
    })
    const { deals, history } = closedDeals(outcomes)
    const check = checkLikelihood(deals, history, '2027-12-31')
    expect(check.tellsMore).toBe(true)
    expect(check.brier.n).toBe(90)
    expect(check.brier.value).toBeLessThan(check.baseRateBrier.value ?? 0)
  })

  test('with every deal alike it is the base rate, whose error is known', () => {
    const outcomes = Array.from({ length: 200 }, (_, index) => ({ days: 5, won: index % 2 === 0 }))
    const { deals, history } = closedDeals(outcomes)
    const check = checkLikelihood(deals, history, '2027-12-31')
    expect(check.brier.value).toBeCloseTo(0.25, 12)
    expect(check.tellsMore).toBe(false)
  })

  test('without enough deals or without history nothing is checked', () => {
    const { deals, history } = closedDeals(repeat(40, 5, true))
    expect(checkLikelihood(deals, history, '2027-12-31').brier.reason).toBe('insufficient_data')
    const { deals: many } = closedDeals(repeat(100, 5, true))
    expect(checkLikelihood(many, [], '2027-12-31').brier.reason).toBe('no_history')
    expect(checkLikelihood([], [], '2027-12-31').brier.reason).toBe('no_closed_deals')
  })
})
