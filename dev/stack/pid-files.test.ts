import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createPidFiles } from './pid-files.ts'
import { identityOf } from './process-identity.ts'
import { fakeChild, untilPrinted } from './testing/fake-child.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const RUNS = 'console.log("up"); setInterval(() => {}, 1000)'

test('what an earlier start left is stopped with its signal, and its files are gone', async () => {
  const folder = await temporaryFolder()
  const pids = join(folder, 'pids')
  const child = await fakeChild(`process.on('SIGINT', () => process.exit(7)); ${RUNS}`, {
    logFile: join(folder, 'log'),
  })
  await untilPrinted(child, 'up')
  createPidFiles(pids).record('postgres', child.pid, 'SIGINT')
  expect(await createPidFiles(pids).stopLeftovers()).toEqual(['postgres'])
  expect(await child.exited).toBe('exit code 7')
  expect(await readdir(pids)).toEqual([])
})

test('one that does not listen to its signal is killed', async () => {
  const folder = await temporaryFolder()
  const pids = join(folder, 'pids')
  const child = await fakeChild(`process.on('SIGTERM', () => {}); ${RUNS}`, {
    logFile: join(folder, 'log'),
  })
  await untilPrinted(child, 'up')
  createPidFiles(pids).record('api', child.pid, 'SIGTERM')
  await createPidFiles(pids).stopLeftovers()
  expect(await child.exited).toBe('signal SIGKILL')
})

test('a process that only has the number of a noted one is left alone', async () => {
  const folder = await temporaryFolder()
  const pids = join(folder, 'pids')
  const child = await fakeChild(RUNS, { logFile: join(folder, 'log') })
  await untilPrinted(child, 'up')
  const files = createPidFiles(pids)
  files.record('other', child.pid, 'SIGTERM')
  const noted = { pid: child.pid, startedAt: 'before', signal: 'SIGTERM' }
  await writeFile(join(pids, 'other.json'), JSON.stringify(noted))
  await writeFile(join(pids, 'cut.json'), '{"pid"')
  expect(await files.stopLeftovers()).toEqual([])
  expect(identityOf(child.pid)).toBeDefined()
  expect(await readdir(pids)).toEqual([])
})
