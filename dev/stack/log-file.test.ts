import { appendFileSync, closeSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createLogFile, lastLines } from './log-file.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

test('what was written before is not taken for the output of this run', async () => {
  const path = join(await temporaryFolder(), 'logs', 'api.log')
  const log = createLogFile(path)
  closeSync(log.open())
  appendFileSync(path, 'old\n')
  closeSync(log.open())
  expect(log.sinceOpen()).toBe('')
  appendFileSync(path, 'new\n')
  expect(log.sinceOpen()).toBe('new\n')
})

test('a log that has grown too large is moved aside, at start and while it is written', async () => {
  const path = join(await temporaryFolder(), 'api.log')
  const log = createLogFile(path, 10)
  let descriptor = log.open()
  writeSync(descriptor, 'first run of many bytes\n')
  log.bound()
  expect(readFileSync(`${path}.1`, 'utf8')).toBe('first run of many bytes\n')
  writeSync(descriptor, 'goes on after the cut\n')
  expect(readFileSync(path, 'utf8')).toBe('goes on after the cut\n')
  expect(log.sinceOpen()).toBe('goes on after the cut\n')
  closeSync(descriptor)
  descriptor = log.open()
  expect(readFileSync(path, 'utf8')).toBe('')
  expect(readFileSync(`${path}.1`, 'utf8')).toBe('goes on after the cut\n')
  closeSync(descriptor)
})

test('the last lines are those with something in them', () => {
  expect(lastLines('a\n\nb\nc\n\n', 2)).toBe('    b\n    c')
})
