import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { StackProblem } from './stack-problem.ts'
import { loadStackSecrets } from './stack-secrets.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

test('secrets are made up once, kept, and readable by this user only', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'secrets.json')
  const first = await loadStackSecrets(file)
  expect(first.isNew).toBe(true)
  expect(new Set(Object.values(first.secrets)).size).toBe(4)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readdir(folder)).toEqual(['secrets.json'])
  expect(await loadStackSecrets(file)).toEqual({ secrets: first.secrets, isNew: false })
})

test('a damaged file is refused, kept, and none of its values is told', async () => {
  const file = join(await temporaryFolder(), 'secrets.json')
  await loadStackSecrets(file)
  const { webhookSecret, ...rest } = JSON.parse(await readFile(file, 'utf8'))
  for (const text of [JSON.stringify({ ...rest, webhookSecret: 'short-one' }), '{"webhook', '']) {
    await writeFile(file, text)
    const error = await loadStackSecrets(file).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(StackProblem)
    expect(String(error)).toContain(file)
    expect(String(error)).not.toContain('short-one')
    expect(String(error)).not.toContain(webhookSecret)
    expect(await readFile(file, 'utf8')).toBe(text)
  }
})
