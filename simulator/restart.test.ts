import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestClient } from './testing/test-client.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
let folder: string
let child: ChildProcess | null = null
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'simulator-restart-'))
})
afterEach(() => {
  child?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Starts the org as a process of its own and gives its address. */
function start(): Promise<string> {
  const started = spawn(process.execPath, [main], {
    env: { ...process.env, SIMULATOR_PORT: '0', SIMULATOR_DATABASE: join(folder, 'org.sqlite') },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child = started
  return new Promise((resolve, reject) => {
    started.once('exit', (code) => reject(new Error(`exit ${code}`)))
    started.stdout.on('data', (data: Buffer) => {
      const url = /simulator listening on (\S+)/.exec(data.toString())?.[1]
      if (url !== undefined) resolve(url)
    })
  })
}

async function kill(signal: NodeJS.Signals): Promise<number | null> {
  const dying = child
  if (dying === null) return null
  const exited = new Promise<number | null>((resolve) => dying.once('exit', resolve))
  dying.kill(signal)
  child = null
  return exited
}

const ROWS = 60_000

describe('an org on a file', () => {
  test('goes on with its job however often it is killed: no row lost, none doubled', async () => {
    let client = await createTestClient(await start())
    // Batches end in another order than they begin: what is missing is not the end of the file alone.
    const sideBySide = () => client.admin('PATCH', '/settings', { bulkParallelBatches: 4 })
    await sideBySide()
    const { id } = await client.createJob({ object: 'Account', operation: 'insert' })
    const lines = Array.from({ length: ROWS }, (_, index) => `Row ${index},k${index}`)
    await client.upload(id, `Name,Conveyor_Key__c\n${lines.join('\n')}\n`)
    await client.close(id)
    let last = 0
    for (let round = 0; round < 3; round += 1) {
      // Each life commits something more before it ends, in the middle of the next batch.
      const moved = async () => (await client.info(id)).numberRecordsProcessed
      await expect.poll(moved, { interval: 5, timeout: 20_000 }).toBeGreaterThan(last)
      last = await moved()
      await new Promise((resolve) => setTimeout(resolve, round * 25))
      await kill('SIGKILL')
      client = await createTestClient(await start())
      await sideBySide()
    }
    // Without a kill in the middle of the job the test would prove nothing.
    expect(last).toBeLessThan(ROWS)
    expect(await client.finished(id)).toMatchObject({
      state: 'JobComplete',
      numberRecordsProcessed: ROWS,
      numberRecordsFailed: 0,
    })
    expect(await client.count('Account')).toBe(ROWS)
    const saved = await client.results(id, 'successfulResults')
    expect(new Set(saved.map((row) => row['Conveyor_Key__c'])).size).toBe(ROWS)
    expect(new Set(saved.map((row) => row['sf__Id'])).size).toBe(ROWS)
    expect(await kill('SIGTERM')).toBe(0)
  }, 90_000)
})
