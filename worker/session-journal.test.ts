import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSealing, deriveSealingKey } from '../security/sealing.ts'
import { createSessionJournal } from './session-journal.ts'

const sealing = createSealing([deriveSealingKey('a key for tests, long enough to be one')])
const logger = { debug() {}, info() {}, warn() {}, error() {} }
const granted = {
  session: {
    accessToken: 'a-token',
    instanceUrl: 'https://example.my.salesforce.com',
    organizationId: '00D5e000001ABCdEAM',
    scope: 'api',
  },
  refreshToken: 'another-token',
  salesforceUserId: '0055e000003XyZaAAK',
}

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'conveyor-journal-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

/** As another process of the same machine has it. */
const journal = () => createSessionJournal(join(directory, 'sessions'), sealing, logger)

test('what one process keeps, sealed, the next one finds', async () => {
  await journal().keep('con_1', 7, granted)
  expect(await journal().find('con_1', 7)).toEqual(granted)
  expect(await journal().find('con_1', 8)).toBeNull()
  expect(await journal().list()).toEqual([{ connectionId: 'con_1', sessionNumber: 7 }])
  const [name = ''] = await readdir(join(directory, 'sessions'))
  expect(await readFile(join(directory, 'sessions', name), 'latin1')).not.toContain('a-token')

  await journal().forget('con_1', 7)
  expect(await journal().list()).toEqual([])
  await journal().forget('con_1', 7)
})

test('a file that was cut off, or moved to another connection, is none', async () => {
  const folder = join(directory, 'sessions')
  await journal().keep('con_1', 7, granted)
  await rename(join(folder, 'con_1.7.session'), join(folder, 'con_2.7.session'))
  expect(await journal().find('con_2', 7)).toBeNull()
  await writeFile(join(folder, 'con_3.1.session'), '')
  expect(await journal().find('con_3', 1)).toBeNull()
})

test('where nothing can be written it is kept in memory', async () => {
  await writeFile(join(directory, 'sessions'), 'a file in the place of the folder')
  const only = journal()
  await only.keep('con_1', 7, granted)
  expect(await only.find('con_1', 7)).toEqual(granted)
  expect(await only.list()).toEqual([])
})
