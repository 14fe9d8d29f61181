import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLocks } from './locks.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a lock ends by itself, and a later one counts', () => {
  const locks = createLocks()
  expect(locks.leftMs('a')).toBe(0)
  locks.lock('a', 1_000)
  locks.lock('a', 3_000)
  vi.advanceTimersByTime(2_999)
  expect(locks.leftMs('a')).toBe(1)
  expect(locks.leftMs('b')).toBe(0)
  vi.advanceTimersByTime(1)
  expect(locks.leftMs('a')).toBe(0)
})

test('of very many the oldest are forgotten', () => {
  const locks = createLocks()
  for (let subject = 0; subject <= 10_000; subject += 1) locks.lock(String(subject), 1_000)
  expect(['0', '1', '10000'].map((subject) => locks.leftMs(subject))).toEqual([0, 1_000, 1_000])
})
