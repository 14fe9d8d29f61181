import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createEndpointPace } from './endpoint-pace.ts'

const LIMITS = { concurrency: 4, ratePerSecond: null }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** An endpoint that has answered so often, each after so many milliseconds. */
function answered(times: number, ms: number, limits: Parameters<Pace['begin']>[2] = LIMITS) {
  const pace = createEndpointPace()
  // One that stays under way keeps it from being forgotten.
  for (let n = 0; n < times; n += 1) {
    expect(pace.begin('e', `a${n}`, limits)).toBe(true)
    vi.advanceTimersByTime(ms)
    pace.end('e', `a${n}`, true)
  }
  return pace
}
type Pace = ReturnType<typeof createEndpointPace>

describe('what an endpoint gets', () => {
  test('one more with each success, half with a failure', () => {
    const pace = answered(1, 100)
    expect(pace.caps().caps).toEqual({ e: 3 })
    pace.begin('e', 'b', LIMITS)
    pace.end('e', 'b', false)
    // Forgotten at one: who is not known begins with two.
    expect(pace.caps().caps).toEqual({})
  })

  test('ahead of its turn, as much as it answers in 50 ms, once it has its full number', () => {
    expect(answered(2, 10).caps().caps).toEqual({ e: 4 + 20 })
    expect(answered(1, 10).caps().caps).toEqual({ e: 3 })
    expect(answered(2, 200).caps().caps).toEqual({ e: 4 + 1 })
    expect(answered(2, 500).caps().caps).toEqual({ e: 4 })
  })

  test('nothing ahead where a rate holds it back', () => {
    const limits = { concurrency: 4, ratePerSecond: 100 }
    expect(answered(2, 10, limits).caps().caps).toEqual({ e: 4 })
  })
})

describe('waiting for a turn', () => {
  test('begins when one under way ends, in order', async () => {
    const pace = answered(2, 10)
    for (const attempt of ['1', '2', '3', '4']) expect(pace.begin('e', attempt, LIMITS)).toBe(true)
    const order: string[] = []
    const turns = ['5', '6'].map(async (attempt) => {
      if (await pace.begin('e', attempt, LIMITS)) order.push(attempt)
    })
    expect(pace.caps().fast).toBe(4)
    pace.end('e', '1', true)
    await Promise.resolve()
    await Promise.resolve()
    expect(order).toEqual(['5'])
    pace.end('e', '2', true)
    await Promise.all(turns)
    expect(order).toEqual(['5', '6'])
    expect(pace.caps().fast).toBe(4)
  })

  test('ends without an attempt when the endpoint fails', async () => {
    const pace = answered(2, 10)
    for (const attempt of ['1', '2', '3', '4']) pace.begin('e', attempt, LIMITS)
    const turn = pace.begin('e', '5', LIMITS)
    pace.end('e', '1', false)
    expect(await turn).toBe(false)
  })

  test('ends without an attempt when it takes too long, and is then free again', async () => {
    const pace = answered(2, 10)
    for (const attempt of ['1', '2', '3', '4']) pace.begin('e', attempt, LIMITS)
    const turn = pace.begin('e', '5', LIMITS)
    vi.advanceTimersByTime(1_000)
    expect(await turn).toBe(false)
    for (const attempt of ['1', '2', '3', '4']) pace.end('e', attempt, true)
    expect(pace.wants('e')).toBe(true)
  })

  test('more is wanted only when half of what waits has gone', () => {
    const pace = answered(2, 10)
    for (let n = 0; n < 15; n += 1) void pace.begin('e', `b${n}`, LIMITS)
    expect(pace.wants('e')).toBe(false)
    pace.end('e', 'b0', true)
    expect(pace.wants('e')).toBe(true)
  })
})
