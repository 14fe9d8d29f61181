import { expect, test } from 'vitest'
import { type DigestWindow, planDigest } from './plan-digest.ts'

const settings = { windowMs: 30_000, longestWindowMs: 60_000, flushAt: 20, paceMs: 1_000 }
const START = Date.UTC(2026, 10, 26)
const at = (seconds: number) => new Date(START + seconds * 1_000)

/** What waits at `now` seconds after the window began; the oldest since `since`. */
function plan(
  waiting: { count: number; since: number; mostSevere?: number },
  now: number,
  window: Partial<DigestWindow> = {},
) {
  return planDigest(
    {
      count: waiting.count,
      mostSevere: waiting.mostSevere ?? 0,
      oldestQueuedAt: at(waiting.since),
    },
    { beganAt: at(0), ms: 30_000, mayFlush: true, ...window },
    at(now),
    settings,
  )
}

test('the first of all is told at once, and so is the first after a silence', () => {
  const first = { kind: 'send', cause: 'event', next: { ms: 30_000, mayFlush: true } }
  expect(plan({ count: 1, since: 0 }, 0, { beganAt: null, ms: 0 })).toEqual(first)
  expect(plan({ count: 1, since: 31 }, 31)).toEqual(first)
  // Also where the window had grown, and where nobody looked for long.
  expect(plan({ count: 1, since: 61 }, 500, { ms: 60_000, mayFlush: false })).toEqual(first)
})

test('what comes within the window waits for its end', () => {
  expect(plan({ count: 19, since: 1 }, 10)).toEqual({
    ...{ kind: 'wait', waitMs: 20_000, lookAgainMs: 1_000 },
  })
  expect(plan({ count: 19, since: 1 }, 29.5)).toMatchObject({ waitMs: 500, lookAgainMs: 500 })
})

test('under continuing load the window grows, up to its longest', () => {
  const digest = (ms: number) => plan({ count: 5, since: 1 }, ms / 1_000, { ms })
  expect(digest(30_000)).toMatchObject({ cause: 'digest', next: { ms: 45_000, mayFlush: true } })
  expect(digest(45_000)).toMatchObject({ next: { ms: 60_000 } })
  expect(digest(60_000)).toMatchObject({ next: { ms: 60_000 } })
})

test('twenty end it early, once; then it is the longest', () => {
  const early = { kind: 'send', cause: 'digest', next: { ms: 60_000, mayFlush: false } }
  expect(plan({ count: 20, since: 1 }, 2)).toEqual(early)
  const flooded = { ms: 60_000, mayFlush: false }
  expect(plan({ count: 4_000, since: 1 }, 2, flooded)).toEqual({
    // Nothing that comes meanwhile changes it.
    ...{ kind: 'wait', waitMs: 58_000, lookAgainMs: 58_000 },
  })
  expect(plan({ count: 4_980, since: 1 }, 60, flooded)).toEqual(early)
  // A window that gathered few: quieter again.
  expect(plan({ count: 3, since: 1 }, 60, flooded)).toMatchObject({ next: { mayFlush: true } })
})

test('an error ends it early too, and a warning does not', () => {
  expect(plan({ count: 1, since: 1, mostSevere: 2 }, 2)).toMatchObject({ kind: 'send' })
  expect(plan({ count: 1, since: 1, mostSevere: 1 }, 2)).toMatchObject({ kind: 'wait' })
  expect(plan({ count: 1, since: 1, mostSevere: 3 }, 2, { mayFlush: false })).toMatchObject({
    kind: 'wait',
  })
})

test('a flood at a steady rate is a message a minute', () => {
  let window: DigestWindow = { beganAt: null, ms: 0, mayFlush: true }
  let waiting = 0
  let since = 0
  let told = 0
  const sent: number[] = []
  for (let second = 0; second < 600; second += 1) {
    if (waiting === 0) since = second
    waiting += 83
    const next = planDigest(
      { count: waiting, mostSevere: 0, oldestQueuedAt: at(since) },
      window,
      at(second),
      settings,
    )
    if (next.kind === 'wait') continue
    sent.push(second)
    told += waiting
    waiting = 0
    window = { beganAt: at(second), ...next.next }
  }
  expect(told + waiting).toBe(600 * 83)
  expect(sent.length).toBeLessThanOrEqual(11)
})
