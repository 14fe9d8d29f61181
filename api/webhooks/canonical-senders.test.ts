import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createCanonicalSenders } from './canonical-senders.ts'

const BOUNDS = { rememberedMs: 60_000, wrong: 3, windowMs: 60_000, connections: 2 }

test('who has signed a canonical form is exempt, and nobody else', () => {
  const senders = createCanonicalSenders(BOUNDS)
  senders.noteWrong('a')
  expect(senders.isExempt('a')).toBe(false)
  senders.noteRight('a')
  expect([senders.isExempt('a'), senders.isExempt('b')]).toEqual([true, false])
})

test('but not for more wrong ones in a window, whatever comes right between them', async () => {
  const senders = createCanonicalSenders({ ...BOUNDS, windowMs: 50 })
  senders.noteRight('a')
  for (let n = 0; n < 3; n += 1) {
    expect(senders.isExempt('a')).toBe(true)
    senders.noteWrong('a')
  }
  senders.noteRight('a')
  expect(senders.isExempt('a')).toBe(false)
  await sleep(60)
  expect(senders.isExempt('a')).toBe(true)
})

test('nor for ever, and only so many are remembered', () => {
  const brief = createCanonicalSenders({ ...BOUNDS, rememberedMs: 0 })
  brief.noteRight('a')
  expect(brief.isExempt('a')).toBe(false)
  const senders = createCanonicalSenders(BOUNDS)
  for (const id of ['a', 'b', 'a', 'c']) senders.noteRight(id)
  expect(['a', 'b', 'c'].filter(senders.isExempt)).toEqual(['a', 'c'])
})
