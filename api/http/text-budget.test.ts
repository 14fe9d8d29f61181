import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTextBudget, type TextBudgetLimits } from './text-budget.ts'

/** Every body is large here. */
const largeOnly: TextBudgetLimits = {
  smallBodyBytes: 0,
  smallBytes: 0,
  smallWaiters: 10,
  largeBytes: 10,
  largeWaiters: 10,
  waitMs: 5_000,
}
const refused = { code: 'service_unavailable', headers: { 'retry-after': '5' } }

test('a share that does not fit waits until another is given back', async () => {
  const budget = createTextBudget(largeOnly)
  const first = budget.open()
  const second = budget.open()
  await first.take(6)
  await second.take(4)
  let isThrough = false
  const waiting = second.take(4).then(() => {
    isThrough = true
  })
  await sleep(5)
  expect(isThrough).toBe(false)
  first.release()
  await waiting
})

test('the oldest share is never held up, so that two large bodies end one after the other', async () => {
  const budget = createTextBudget(largeOnly)
  const ends: string[] = []
  const body = async (name: string) => {
    const share = budget.open()
    for (let piece = 0; piece < 5; piece += 1) await share.take(8)
    ends.push(name)
    share.release()
  }
  await Promise.all([body('first'), body('second'), body('third')])
  expect(ends).toEqual(['first', 'second', 'third'])
})

test('who waits too long is told to come again, and holds nothing any more', async () => {
  const budget = createTextBudget({ ...largeOnly, waitMs: 10 })
  const first = budget.open()
  const second = budget.open()
  await first.take(10)
  await expect(second.take(1)).rejects.toMatchObject(refused)
  second.release()
  first.release()
  first.release()
  const third = budget.open()
  const fourth = budget.open()
  await third.take(5)
  await fourth.take(5)
})

test('a small body does not wait for large ones, however many of them come', async () => {
  const budget = createTextBudget({
    ...largeOnly,
    ...{ smallBodyBytes: 4, smallBytes: 16, largeWaiters: 2, waitMs: 60_000 },
  })
  const slow = budget.open()
  await slow.take(20)
  const ends: Promise<string>[] = []
  for (let times = 0; times < 6; times += 1) {
    const growing = budget.open()
    await growing.take(4)
    const end = growing.take(1).then(
      () => 'read',
      () => 'sent away',
    )
    ends.push(end.finally(() => growing.release()))
    await sleep(1)
    const small = budget.open()
    await small.take(4)
    small.release()
  }
  slow.release()
  expect(await Promise.all(ends)).toEqual(['read', 'read', ...Array(4).fill('sent away')])
})

test('small bodies wait for each other, and the oldest of them never', async () => {
  const budget = createTextBudget({ ...largeOnly, smallBodyBytes: 4, smallBytes: 8 })
  const ends: string[] = []
  const body = async (name: string) => {
    const share = budget.open()
    for (let piece = 0; piece < 4; piece += 1) await share.take(1)
    ends.push(name)
    share.release()
  }
  await Promise.all(['first', 'second', 'third', 'fourth'].map(body))
  expect(ends).toHaveLength(4)
})

test('a body that outgrows the part of small ones leaves it', async () => {
  const budget = createTextBudget({
    ...largeOnly,
    ...{ smallBodyBytes: 4, smallBytes: 4, waitMs: 10 },
  })
  const first = budget.open()
  await first.take(4)
  await first.take(1)
  const second = budget.open()
  await second.take(4)
  const third = budget.open()
  await expect(third.take(4)).rejects.toMatchObject(refused)
})

test('who comes when enough wait is sent away at once', async () => {
  const budget = createTextBudget({ ...largeOnly, largeWaiters: 1 })
  const first = budget.open()
  await first.take(10)
  const second = budget.open()
  const waiting = second.take(1)
  await expect(budget.open().take(1)).rejects.toMatchObject(refused)
  first.release()
  await waiting
})

test('however requests come and go, no more is held than the budget and one body of each size, and all end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 6 }), { maxLength: 8 }),
      async (bodies) => {
        const budget = createTextBudget({
          ...largeOnly,
          ...{ smallBodyBytes: 6, smallBytes: 9, largeBytes: 12 },
        })
        let held = 0
        let most = 0
        await Promise.all(
          bodies.map(async (pieces) => {
            const share = budget.open()
            let own = 0
            for (const piece of pieces) {
              await share.take(piece)
              own += piece
              held += piece
              most = Math.max(most, held)
              await Promise.resolve()
            }
            held -= own
            share.release()
          }),
        )
        expect(held).toBe(0)
        expect(most).toBeLessThanOrEqual(9 + 6 + 12 + 6 * 9)
      },
    ),
  )
})
