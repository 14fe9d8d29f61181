import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DEFAULT_CONNECTION_ID, DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { createSalesforceOauthTokenQueries } from '../../db/salesforce-oauth-tokens.ts'
import { startTestConveyor } from '../setup/conveyor.ts'

test('a worker that waits for the session of another process stops in time, and leaves what it waits for', async () => {
  const conveyor = await startTestConveyor({
    environment: {
      SALESFORCE_TOKEN_ENCRYPTION_KEY: 'a key of the test that is long enough to be one',
    },
  })
  try {
    const tokens = createSalesforceOauthTokenQueries(conveyor.pool)
    await tokens.ensure(DEFAULT_CONNECTION_ID, DEFAULT_WORKSPACE_ID)
    const before = await tokens.find(DEFAULT_CONNECTION_ID)
    const number = before?.sessionNumber ?? -1
    expect(
      await tokens.takeLease(DEFAULT_CONNECTION_ID, number, 'another process', 3_600),
    ).not.toBeNull()
    const folder = join(conveyor.environment['CONVEYOR_STATE_DIR'] ?? '', 'sessions')
    const file = `${DEFAULT_CONNECTION_ID}.${number}.session`
    await mkdir(folder, { recursive: true })
    // The lease is waited for before it is read.
    await writeFile(join(folder, file), 'of a process that died')

    const worker = await conveyor.startWorker()
    await worker.stop()
    expect(await worker.exited).toBe('exit code 0')
    expect(worker.output()).toContain('granted sessions are left to the next start')
    expect(await readdir(folder)).toEqual([file])
  } finally {
    await conveyor.stop()
  }
})
