import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDuplicateKeyFinder } from './duplicate-keys.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'duplicate-keys-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

test('repeated keys are found with the row that had them first, the first rows first', async () => {
  const finder = createDuplicateKeyFinder(directory)
  const keys = ['a', 'b', 'a', 'c', 'b', 'a']
  for (const [index, key] of keys.entries()) await finder.add(index + 1, key)
  expect(await finder.find(10)).toEqual([
    { rowNumber: 3, firstRowNumber: 1 },
    { rowNumber: 5, firstRowNumber: 2 },
    { rowNumber: 6, firstRowNumber: 1 },
  ])
  expect(await finder.find(1)).toEqual([{ rowNumber: 3, firstRowNumber: 1 }])
  await finder.dispose()
})

test('many keys go through files, which are gone at the end; nothing is missed and nothing made up', async () => {
  const finder = createDuplicateKeyFinder(directory)
  const count = 400_000
  for (let row = 1; row <= count; row++) {
    // Alike on purpose: a weak hash would find duplicates among them.
    const written = finder.add(row, `EXT-${String(row).padStart(8, '0')}`)
    if (written !== undefined) await written
  }
  expect(await readdir(directory)).toHaveLength(1)
  expect(await finder.find(10)).toEqual([])
  await finder.add(count + 1, 'EXT-00000007')
  expect(await finder.find(10)).toEqual([{ rowNumber: count + 1, firstRowNumber: 7 }])
  await finder.dispose()
  await finder.dispose()
  expect(await readdir(directory)).toEqual([])
})

test('keys added without waiting are all counted', async () => {
  const finder = createDuplicateKeyFinder(directory)
  const waits = Array.from({ length: 3_000 }, (_, index) => finder.add(index + 1, 'same'))
  expect(await finder.find(5_000)).toHaveLength(2_999)
  await Promise.all(waits)
  await finder.dispose()
})

test('a folder that cannot be written is an error', async () => {
  const finder = createDuplicateKeyFinder(join(directory, 'missing'))
  const fill = async () => {
    for (let row = 1; row <= 1_000; row++) await finder.add(row, 'same')
  }
  await expect(fill()).rejects.toThrow('ENOENT')
  await expect(finder.find(1)).rejects.toThrow('ENOENT')
  await finder.dispose()
})
