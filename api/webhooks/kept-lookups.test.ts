import { expect, test } from 'vitest'
import { createKeptLookups } from './kept-lookups.ts'

const BOUNDS = { ms: 60_000, found: 3, missing: 2 }

/** Keys that begin with `there` are there. */
function startLookups(bounds: Partial<typeof BOUNDS> = {}) {
  const asked: string[] = []
  const lookups = createKeptLookups(
    async (key) => {
      asked.push(key)
      if (key === 'fails') throw new Error('The database is away.')
      return key.startsWith('there') ? key.toUpperCase() : null
    },
    { ...BOUNDS, ...bounds },
  )
  return { lookups, asked }
}

test('a key is looked up once for all who ask, there or not', async () => {
  const { lookups, asked } = startLookups()
  const answers = await Promise.all(['there', 'there', 'gone', 'gone'].map(lookups.find))
  expect(answers).toEqual(['THERE', 'THERE', null, null])
  expect(await lookups.find('there')).toBe('THERE')
  expect(await lookups.find('gone')).toBeNull()
  expect(asked).toEqual(['there', 'gone'])
})

test('keys that are not there push out none that is', async () => {
  const { lookups, asked } = startLookups()
  for (const key of ['there', ...Array.from({ length: 50 }, (_, n) => `gone-${n}`), 'there']) {
    await lookups.find(key)
  }
  expect(asked.filter((key) => key === 'there')).toHaveLength(1)
  // Of those few are kept, the latest.
  await lookups.find('gone-49')
  await lookups.find('gone-0')
  expect(asked.slice(-2)).toEqual(['gone-49', 'gone-0'])
})

test('answers are kept for a while, failures not at all', async () => {
  const { lookups, asked } = startLookups({ ms: 0 })
  await lookups.find('there')
  await lookups.find('there')
  for (let time = 0; time < 2; time += 1) await expect(lookups.find('fails')).rejects.toThrow()
  expect(asked).toEqual(['there', 'there', 'fails', 'fails'])
})

test('what was asked before all was forgotten is not kept', async () => {
  const { lookups, asked } = startLookups()
  const before = lookups.find('there')
  lookups.forget()
  await before
  await lookups.find('there')
  expect(asked).toEqual(['there', 'there'])
})
