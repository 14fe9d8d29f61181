import { describe, expect, test } from 'vitest'
import {
  delayAfter,
  ladderSeconds,
  nextAttempt,
  pauseOf,
  readRetryAfter,
} from './retry-schedule.ts'

const NOW = Date.parse('2026-01-02T03:04:05Z')
const HOUR_MS = 3_600_000
const options = { delaysSeconds: [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000], random: () => 0.5 }
const fresh = { step: 0, attempts: 0, ladderBeganAt: new Date(NOW) }

describe('the ladder', () => {
  test('has eight attempts, and none after its last step', () => {
    const delays = options.delaysSeconds.map((_, step) => delayAfter(step, options))
    expect(delays).toEqual(options.delaysSeconds.map((seconds) => seconds * 1_000))
    expect(delayAfter(7, options)).toBeNull()
    expect(nextAttempt({ ...fresh, step: 7, attempts: 7 }, null, NOW, options)).toBeNull()
  })

  test('varies by a fifth, up and down', () => {
    expect(delayAfter(0, { ...options, random: () => 0 })).toBe(4_000)
    expect(delayAfter(0, { ...options, random: () => 1 })).toBe(6_000)
  })

  test('ends for a delivery whose first attempt is longer ago than all of it', () => {
    const ladderBeganAt = new Date(NOW - ladderSeconds(options.delaysSeconds) * 1_000 - 1)
    expect(nextAttempt({ ...fresh, ladderBeganAt }, null, NOW, options)).toBeNull()
    // However old: it was held.
    expect(nextAttempt({ ...fresh, ladderBeganAt: null }, null, NOW, options)).not.toBeNull()
  })
})

describe('a pause that the endpoint asks for', () => {
  const waitOf = (ms: number, attempts = 0) => {
    const next = nextAttempt({ ...fresh, attempts }, ms, NOW, options)
    return next && { ms: next.at.getTime() - NOW, step: next.step }
  }

  test('takes no step, and is kept between a second and an hour', () => {
    expect(waitOf(30_000)).toEqual({ ms: 30_000, step: 0 })
    expect(waitOf(0)).toEqual({ ms: 1_000, step: 0 })
    expect(waitOf(999_999_999_000)).toEqual({ ms: HOUR_MS, step: 0 })
    expect(pauseOf(999_999_999_000)).toBe(HOUR_MS)
  })

  test('grows with the attempts, so that no ladder has thousands of them', () => {
    let attempts = 0
    for (let now = NOW; ; attempts += 1) {
      const next = nextAttempt({ ...fresh, attempts }, 1_000, now, options)
      if (next === null) break
      now = next.at.getTime()
    }
    expect(attempts).toBeLessThan(2_100)
    expect(waitOf(90_000, 500)).toEqual({ ms: 90_000, step: 0 })
  })
})

test.each([
  ['120', 120_000],
  [' 0 ', 0],
  ['Fri, 02 Jan 2026 03:04:35 GMT', 30_000],
  ['Fri, 02 Jan 2026 03:00:00 GMT', 0],
  ['-1', null],
  ['1.5', null],
  ['soon', null],
  ['2026-01-02', null],
  [undefined, null],
])('Retry-After %j', (value, ms) => {
  expect(readRetryAfter(value, NOW)).toBe(ms)
})
