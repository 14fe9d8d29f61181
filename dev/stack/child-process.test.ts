import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startChild, waitUntilReady } from './child-process.ts'
import { identityOf } from './process-identity.ts'
import { StackProblem } from './stack-problem.ts'
import { fakeChild, untilPrinted } from './testing/fake-child.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const RUNS = 'console.log("up"); setInterval(() => {}, 1000)'

test('a missing command is a problem that names it', async () => {
  const folder = await temporaryFolder()
  const start = startChild({ name: 'X', command: '/no/such', args: [], logFile: join(folder, 'l') })
  const error = await start.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(StackProblem)
  expect(String(error)).toContain('there is no /no/such')
})

test('one that ends before it is ready shows the end of its log', async () => {
  const folder = await temporaryFolder()
  const child = await fakeChild('console.error("no disk"); process.exit(3)', {
    logFile: join(folder, 'log'),
  })
  const ready = waitUntilReady(child, async () => false, 15, 'Buy one.')
  const error = await ready.catch((thrown: unknown) => thrown)
  expect(String(error)).toMatch(/exit code 3[\s\S]*no disk/)
  expect(error).toMatchObject({ wayOut: 'Buy one.' })
})

test('one that does not get ready in time is killed', async () => {
  const folder = await temporaryFolder()
  const child = await fakeChild(RUNS, { logFile: join(folder, 'log') })
  await expect(waitUntilReady(child, async () => false, 0.3, '')).rejects.toThrow('within 0.3 s')
  expect(child.hasExited()).toBe(true)
})

test('stop goes from signal to signal, and kills what does not listen with all it started', async () => {
  const folder = await temporaryFolder()
  const script = `
    const grandchild = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    for (const s of ['SIGINT', 'SIGQUIT']) process.on(s, () => console.log('got ' + s))
    console.log('grandchild ' + grandchild.pid + ' up'); setInterval(() => {}, 1000)`
  const child = await fakeChild(script, {
    logFile: join(folder, 'log'),
    stop: [
      { signal: 'SIGINT', seconds: 0.5 },
      { signal: 'SIGQUIT', seconds: 0.5 },
    ],
  })
  await untilPrinted(child, ' up')
  const grandchild = Number(/grandchild (\d+)/.exec(child.output())?.[1])
  expect(identityOf(grandchild)).toBeDefined()
  await child.stop()
  expect(child.output()).toMatch(/got SIGINT[\s\S]*got SIGQUIT/)
  expect(await child.exited).toBe('signal SIGKILL')
  await expect.poll(() => identityOf(grandchild)).toBeUndefined()
})

test('a hurried stop does not wait out the bound', async () => {
  const folder = await temporaryFolder()
  const child = await fakeChild(`process.on('SIGTERM', () => console.log('asked')); ${RUNS}`, {
    logFile: join(folder, 'log'),
    stop: [{ signal: 'SIGTERM', seconds: 600 }],
  })
  await untilPrinted(child, 'up')
  const hurry = new AbortController()
  const stopped = child.stop(hurry.signal)
  await untilPrinted(child, 'asked')
  hurry.abort()
  await stopped
  expect(await child.exited).toBe('signal SIGKILL')
})
