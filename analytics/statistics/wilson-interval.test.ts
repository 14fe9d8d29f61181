import { expect, test } from 'vitest'
import { shareDifferenceInterval, wilsonInterval } from './wilson-interval.ts'

// statsmodels.stats.proportion.proportion_confint(method='wilson')
test.each([
  [0, 10, 0.95, 0, 0.2775327998628892],
  [3, 10, 0.95, 0.10779126740630099, 0.6032218525388546],
  [3, 10, 0.8, 0.15379917807596727, 0.502628294760249],
  [50, 100, 0.95, 0.4038315303659956, 0.5961684696340044],
  [10, 10, 0.95, 0.7224672001371107, 1],
  [1, 2, 0.95, 0.09453120573423074, 0.9054687942657693],
  [263, 1000, 0.95, 0.23665685979107837, 0.2911570237310747],
  [0, 1, 0.8, 0, 0.6215524967746471],
])('%d of %d at level %d', (successes, n, level, low, high) => {
  const interval = wilsonInterval(successes, n, level)
  expect(interval.low).toBeCloseTo(low, 10)
  expect(interval.high).toBeCloseTo(high, 10)
  expect(interval.low).toBeGreaterThanOrEqual(0)
  expect(interval.high).toBeLessThanOrEqual(1)
})

// statsmodels confint_proportions_2indep(method='newcomb', compare='diff', correction=False)
test.each([
  [30, 100, 20, 100, -0.020249362153013428, 0.21673435401778593],
  [1, 5, 4, 6, -0.7543889036266153, 0.09424348411669575],
  [0, 10, 10, 10, -1, -0.6075093504305241],
])('difference of %d of %d and %d of %d', (a, n, b, m, low, high) => {
  const interval = shareDifferenceInterval({ successes: a, n }, { successes: b, n: m })
  expect(interval.low).toBeCloseTo(low, 9)
  expect(interval.high).toBeCloseTo(high, 9)
})
