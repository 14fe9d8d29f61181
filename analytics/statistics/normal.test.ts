import { expect, test } from 'vitest'
import { normalQuantile, normalTail, twoSidedTail } from './normal.ts'

// scipy.stats.norm.sf and .ppf
test.each([
  [-8, 0.9999999999999993],
  [-1.96, 0.9750021048517795],
  [0, 0.5],
  [0.3, 0.3820885778110474],
  [1.2, 0.11506967022170822],
  [3, 0.0013498980316300933],
  [6, 9.865876450376946e-10],
  [10, 7.61985302416047e-24],
])('P(Z > %d) is %d', (z, tail) => {
  expect(normalTail(z) / tail).toBeCloseTo(1, 11)
})

test.each([
  [0.5, 0],
  [0.9, 1.2815515655446004],
  [0.975, 1.959963984540054],
  [0.995, 2.5758293035489004],
  [0.025, -1.959963984540054],
])('the quantile of %d is %d', (share, z) => {
  expect(normalQuantile(share)).toBeCloseTo(z, 10)
})

test('both tails of zero are everything, and a share outside of 0 to 1 has no quantile', () => {
  expect(twoSidedTail(0)).toBe(1)
  expect(() => normalQuantile(1)).toThrow(RangeError)
})
