import { mkdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeSymlinks } from './postgres-binaries.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

test('the links that the package lists are made where they are missing', async () => {
  const root = await temporaryFolder()
  const folder = join(root, 'native', 'lib')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'libpq.so.5.18'), 'library')
  const list = ['libpq.so', 'deep/libpq.so.5'].map((name) => ({
    source: 'native/lib/libpq.so.5.18',
    target: `native/lib/${name}`,
  }))
  await writeFile(join(root, 'native', 'pg-symlinks.json'), JSON.stringify(list))
  await makeSymlinks(root)
  expect(await readlink(join(folder, 'libpq.so'))).toBe('libpq.so.5.18')
  await rm(join(folder, 'libpq.so'))
  await makeSymlinks(root)
  expect(await readFile(join(folder, 'libpq.so'), 'utf8')).toBe('library')
  expect(await readFile(join(folder, 'deep', 'libpq.so.5'), 'utf8')).toBe('library')
})

test('a package without a list needs none', async () => {
  await expect(makeSymlinks(await temporaryFolder())).resolves.toBeUndefined()
})
