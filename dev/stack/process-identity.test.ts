import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandOf, identityOf, isAlive, ownIdentity } from './process-identity.ts'
import { fakeChild, untilPrinted } from './testing/fake-child.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

test('the same process has the same identity, and another start of its number is another one', () => {
  const own = ownIdentity()
  expect(identityOf(process.pid)).toEqual(own)
  expect(isAlive(own)).toBe(true)
  expect(isAlive({ ...own, startedAt: `${own.startedAt}1` })).toBe(false)
})

test('a process that ended is not alive', async () => {
  const folder = await temporaryFolder()
  const child = await fakeChild('console.log("up"); setInterval(() => {}, 1000)', {
    logFile: join(folder, 'log'),
  })
  await untilPrinted(child, 'up')
  const identity = identityOf(child.pid)
  expect(identity).toBeDefined()
  expect(commandOf(child.pid)).toContain('setInterval')
  child.kill()
  await child.exited
  expect(identity === undefined || isAlive(identity)).toBe(false)
  expect(commandOf(child.pid)).toBeUndefined()
})
