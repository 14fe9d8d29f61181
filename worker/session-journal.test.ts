import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
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
const origin = 'the-credentials'
const kept = { origin, granted }

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'conveyor-journal-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

/** As another process of the same machine has it. */
const journal = () => createSessionJournal(join(directory, 'sessions'), sealing, logger)

test('what one process keeps, sealed, the next one finds', async () => {
  await journal().keep('con_1', 7, kept)
  expect(await journal().find('con_1', 7, origin)).toEqual(granted)
  expect(await journal().find('con_1', 8, origin)).toBeNull()
  expect(await journal().list()).toEqual([{ connectionId: 'con_1', sessionNumber: 7 }])
  const [name = ''] = await readdir(join(directory, 'sessions'))
  expect(await readFile(join(directory, 'sessions', name), 'latin1')).not.toContain('a-token')

  await journal().forget('con_1', 7)
  expect(await journal().list()).toEqual([])
  await journal().forget('con_1', 7)
})

test('a file that was cut off, or moved to another connection, is none', async () => {
  const folder = join(directory, 'sessions')
  await journal().keep('con_1', 7, kept)
  await rename(join(folder, 'con_1.7.session'), join(folder, 'con_2.7.session'))
  expect(await journal().find('con_2', 7, origin)).toBeNull()
  await writeFile(join(folder, 'con_3.1.session'), '')
  expect(await journal().find('con_3', 1, origin)).toBeNull()
})

test('where nothing can be written it is kept in memory', async () => {
  await writeFile(join(directory, 'sessions'), 'a file in the place of the folder')
  const only = journal()
  await only.keep('con_1', 7, kept)
  expect(await only.find('con_1', 7, origin)).toEqual(granted)
  expect(await only.list()).toEqual([])
})

test('what other credentials were granted is not found: it may be of another org', async () => {
  const writer = journal()
  await writer.keep('con_1', 7, kept)
  expect(await writer.find('con_1', 7, 'other-credentials')).toBeNull()
  expect(await journal().find('con_1', 7, 'other-credentials')).toBeNull()
  // To be given back it is.
  expect(await journal().peek('con_1', 7)).toEqual(granted)
})

test('a file of an older key opens as long as that key is still given', async () => {
  const older = deriveSealingKey('a key for tests, long enough to be one')
  const newer = deriveSealingKey('the key that came after it, as long as that')
  const withKeys = (...keys: (typeof older)[]) =>
    createSessionJournal(join(directory, 'sessions'), createSealing(keys), logger)
  await journal().keep('con_1', 7, kept)
  expect(await withKeys(newer, older).find('con_1', 7, origin)).toEqual(granted)
  // Taken for a lost answer; the file stays for the day the key is given again.
  expect(await withKeys(newer).find('con_1', 7, origin)).toBeNull()
  expect(await withKeys(older).find('con_1', 7, origin)).toEqual(granted)
})

test('what cannot be read is said, and what is not there is nothing to say', async () => {
  const errors: unknown[] = []
  const heard = { ...logger, error: (...said: unknown[]) => void errors.push(said) }
  const folder = join(directory, 'sessions')
  const next = createSessionJournal(folder, sealing, heard)
  expect(await next.find('con_1', 7, origin)).toBeNull()
  expect(await next.list()).toEqual([])
  expect(errors).toEqual([])

  await mkdir(join(folder, 'con_1.7.session'), { recursive: true })
  expect(await next.find('con_1', 7, origin)).toBeNull()
  expect(errors).toHaveLength(1)
  await rm(folder, { recursive: true })
  await writeFile(folder, 'a file in the place of the folder')
  expect(await next.list()).toEqual([])
  expect(errors).toHaveLength(2)
})
