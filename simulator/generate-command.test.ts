import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { generateCommand } from './generate-command.ts'
import { startSimulator } from './start-simulator.ts'
import { createTestClient } from './testing/test-client.ts'

let folder: string
let said: string[]
let complained: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'simulator-generate-'))
  said = []
  complained = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const run = (...args: string[]): Promise<number> =>
  generateCommand(
    args,
    (line) => void said.push(line),
    (line) => void complained.push(line),
  )

test('makes a file that an org starts from', async () => {
  const database = join(folder, 'org.sqlite')
  const sizes = ['--accounts', '50', '--opportunities', '120', '--leads', '30', '--tasks', '0']
  expect(await run('--database', database, '--day', '2026-01-31', ...sizes)).toBe(0)
  expect(said.find((line) => line.endsWith(' Opportunity'))?.trim()).toBe('120 Opportunity')
  const simulator = await startSimulator({ database })
  const client = await createTestClient(simulator.url)
  expect([await client.count('Account'), await client.count('Lead')]).toEqual([50, 30])
  await simulator.close()
  expect(await run('--database', database)).toBe(2)
  expect(complained.join()).toContain('is there already')
})

test('refuses what it does not understand, with what is wrong', async () => {
  const wrong: [string[], string][] = [
    [['--accounts', '5'], '--database: must name'],
    [['--database', 'x', '--accounts=-5'], '--accounts:'],
    [['--database', 'x', '--day', 'today'], '--day:'],
    [['--database', 'x', '--invoices', '5'], '--invoices'],
  ]
  for (const [args, message] of wrong) {
    complained = []
    expect(await run(...args)).toBe(2)
    expect(complained[0]).toContain(message)
  }
})
