import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createTransferTurns } from './transfer-turns.ts'

/** Work that notes its begin and its end. */
function workIn(log: string[], name: string, ms: number) {
  return async () => {
    log.push(`${name}+`)
    await sleep(ms)
    log.push(`${name}-`)
    return name
  }
}

test('one of a kind at a time, in the order in which they were asked for', async () => {
  const turns = createTransferTurns()
  const log: string[] = []
  const names = await Promise.all([
    turns.settle(workIn(log, 'a', 10)),
    turns.settle(workIn(log, 'b', 1)),
    turns.settle(workIn(log, 'c', 1)),
  ])
  expect(names).toEqual(['a', 'b', 'c'])
  expect(log).toEqual(['a+', 'a-', 'b+', 'b-', 'c+', 'c-'])
})

test('a settling lets all encodings pass, those asked for meanwhile too', async () => {
  const turns = createTransferTurns()
  const log: string[] = []
  const first = turns.encode(workIn(log, 'first', 10))
  const settled = turns.settle(async () => {
    await turns.letEncodingsPass()
    log.push('settled')
  })
  await sleep(1)
  const second = turns.encode(workIn(log, 'second', 5))
  await Promise.all([first, second, settled])
  expect(log).toEqual(['first+', 'first-', 'second+', 'second-', 'settled'])
})

test('work that fails is its caller’s affair; the next has its turn', async () => {
  const turns = createTransferTurns()
  const fail = () => Promise.reject(new Error('no disk'))
  const [encoded, settled] = await Promise.allSettled([turns.encode(fail), turns.settle(fail)])
  expect([encoded.status, settled.status]).toEqual(['rejected', 'rejected'])
  await turns.letEncodingsPass()
  expect(await turns.encode(async () => 1)).toBe(1)
  expect(await turns.settle(async () => 2)).toBe(2)
})

test('work that hangs fails after its time, and the next has its turn', async () => {
  const turns = createTransferTurns(20)
  const hang = () => new Promise<never>(() => {})
  const hanging = [turns.encode(hang), turns.settle(hang)]
  const next = turns.settle(async () => {
    await turns.letEncodingsPass()
    return 'settled'
  })
  const ends = await Promise.allSettled(hanging)
  expect(ends.map((end) => end.status)).toEqual(['rejected', 'rejected'])
  expect(await next).toBe('settled')
})
