import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { firstContents } from './first-contents.ts'
import { startSimulator } from './start-simulator.ts'
import { createTestClient } from './testing/test-client.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'simulator-contents-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

test('a seed and a schema file fill a new org', async () => {
  const schema = {
    objects: [
      { name: 'Site__c', fields: [{ type: 'lookup', name: 'Owner_Account', to: 'Account' }] },
    ],
  }
  const simulator = await startSimulator(
    firstContents({
      SIMULATOR_SEED: 'demo',
      SIMULATOR_SCHEMA: file('schema.json', JSON.stringify(schema)),
    }),
  )
  const client = await createTestClient(simulator.url)
  expect(await client.count('Account')).toBe(140)
  expect(await client.count('Site__c')).toBe(0)
  await simulator.close()
})

test('without them a new org holds nothing that anybody made', () => {
  expect(firstContents({})).toEqual({})
})

test('what is wrong with them is said', () => {
  const wrong: [NodeJS.ProcessEnv, RegExp][] = [
    [{ SIMULATOR_SEED: 'big' }, /SIMULATOR_SEED/],
    [{ SIMULATOR_SCHEMA: join(folder, 'none.json') }, /none\.json.*ENOENT/],
    [{ SIMULATOR_SCHEMA: file('broken.json', '{') }, /broken\.json/],
    [
      {
        SIMULATOR_SCHEMA: file(
          'odd.json',
          '{"objects":[{"name":"X","fields":[{"type":"money"}]}]}',
        ),
      },
      /objects\[0\]\.fields\[0\]\.type/,
    ],
  ]
  for (const [environment, message] of wrong) {
    expect(() => firstContents(environment)).toThrow(message)
  }
})
