import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { acquireInstanceLock } from './instance-lock.ts'
import { ownIdentity } from './process-identity.ts'
import { StackProblem } from './stack-problem.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

test('the second of two is told who holds the folder', async () => {
  const file = join(await temporaryFolder(), 'lock.json')
  const lock = await acquireInstanceLock(file)
  const second = await acquireInstanceLock(file).catch((error: unknown) => error)
  expect(second).toBeInstanceOf(StackProblem)
  expect(String(second)).toContain(`process ${process.pid}`)
  await lock.release()
  const third = await acquireInstanceLock(file)
  await third.release()
})

test.each([
  ['of a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, startedAt: 'x' })],
  ['whose number another process has now', JSON.stringify({ ...ownIdentity(), startedAt: 'x' })],
  ['that was cut off', '{"pid":'],
  ['that is empty', ''],
])('a lock %s does not count', async (_name, content) => {
  const folder = await temporaryFolder()
  const file = join(folder, 'lock.json')
  await writeFile(file, content)
  const lock = await acquireInstanceLock(file)
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(ownIdentity())
  expect(await readdir(folder)).toEqual(['lock.json'])
  await lock.release()
  expect(await readdir(folder)).toEqual([])
})
