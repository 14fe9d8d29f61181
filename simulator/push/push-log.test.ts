import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { createPushLog } from './push-log.ts'

/** Bytes in use once all that nobody holds is gone. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

test('keeps the beginnings of large bodies, and nothing of the rest', () => {
  const log = createPushLog()
  const before = heldBytes()
  for (let n = 0; n < 60; n += 1) {
    log.add({
      at: 0,
      ms: 0,
      subscription: 1,
      kind: 'outbound',
      url: 'http://127.0.0.1/',
      object: 'Account',
      recordIds: [],
      notificationIds: [],
      attempt: 1,
      outcome: 'delivered',
      status: 200,
      error: null,
      body: `${n} ${'x'.repeat(1_000_000)}`.replaceAll('y', 'z'),
      answer: 'ok',
      faults: [],
    })
  }
  expect(heldBytes() - before).toBeLessThan(30_000_000)
  const [first] = log.find({}, 100)
  expect(first?.body).toHaveLength(4_000)
  expect(first?.body.startsWith('0 xxx')).toBe(true)
  expect(first?.answer).toBe('ok')
})
