import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from './free-port.ts'
import { startPostgres } from './postgres.ts'
import { obtainTemporalBinary } from './temporal-binary.ts'
import { startTemporalServer } from './temporal-server.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const run = promisify(execFile)

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

test('a killed Postgres is taken over at once, with all that was committed', async () => {
  const directory = join(await temporaryFolder(), 'postgres')
  const options = { directory, port: await freePort(), password: 'a b/c' }
  const first = await startPostgres(options)
  onTestFinished(() => first.stop())
  await query(first.url, 'CREATE TABLE t AS SELECT 1 AS a')
  first.kill()
  await first.exited
  const second = await startPostgres(options)
  onTestFinished(() => second.stop())
  expect(await query(second.url, 'SELECT a FROM t')).toEqual([{ a: 1 }])
  await second.stop()

  const otherPassword = startPostgres({ ...options, password: 'another' })
  await expect(otherPassword).rejects.toThrow('another password')

  // A lock of a process that has the dead server's number by now, and is none.
  await writeFile(join(directory, 'postmaster.pid'), `${process.pid}\n${directory}\n`)
  const third = await startPostgres(options)
  onTestFinished(() => third.stop())
  await expect(startPostgres(options)).rejects.toMatchObject({
    message: expect.stringContaining('already runs'),
    wayOut: expect.stringContaining(String(third.pid)),
  })
}, 120_000)

test('a folder that is no Postgres folder is a problem with a way out', async () => {
  const directory = await temporaryFolder()
  await writeFile(join(directory, 'something'), '')
  await expect(startPostgres({ directory, port: await freePort() })).rejects.toMatchObject({
    message: expect.stringContaining('ended'),
    wayOut: expect.stringContaining('move it away'),
  })
}, 60_000)

test('a killed Temporal server goes on with the same file', async () => {
  const { path: binary } = await obtainTemporalBinary({ env: process.env, report: () => {} })
  const databaseFile = join(await temporaryFolder(), 'temporal', 'temporal.sqlite')
  const options = { binary, databaseFile, port: await freePort(), uiPort: await freePort() }
  const first = await startTemporalServer(options)
  onTestFinished(() => first.stop())
  const cli = (...args: string[]) => run(binary, [...args, '--address', first.address])
  await cli('workflow', 'start', '--type', 'T', '--task-queue', 'q', '--workflow-id', 'kept')
  const ui = await fetch(`http://127.0.0.1:${options.uiPort}`)
  expect(ui.ok).toBe(true)
  first.kill()
  await first.exited
  const second = await startTemporalServer(options)
  onTestFinished(() => second.stop())
  const { stdout } = await cli('workflow', 'describe', '-w', 'kept', '-o', 'json')
  expect(stdout).toContain('WORKFLOW_EXECUTION_STATUS_RUNNING')
  const namespace = await cli('operator', 'namespace', 'describe', '-n', 'default')
  expect(namespace.stdout).toContain('720h')
}, 300_000)
