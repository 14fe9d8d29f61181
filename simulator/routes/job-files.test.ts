import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

let simulator: Simulator
let client: TestClient
let folder: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'job-files-'))
  simulator = await startSimulator({ database: join(folder, 'org.sqlite') })
  client = await createTestClient(simulator.url)
  await client.admin('PATCH', '/settings', { bulkStartDelayMs: 0 })
})
afterEach(async () => {
  await simulator.close()
  rmSync(folder, { recursive: true, force: true })
})

const files = () => readdirSync(join(folder, 'org.sqlite.files'))

/** Files of jobs that this process holds open, where the system tells it. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${name}`)
      return path.includes('org.sqlite.files') ? [path] : []
    } catch {
      // The listing itself held it open, and does no more.
      return []
    }
  })
}

/** A failed job whose rows do not fit into one piece of its file. */
async function failedJob(): Promise<string> {
  const csv = `Name,Nope\n${'a,b\n'.repeat(150_000)}`
  return (await client.run({ object: 'Account', operation: 'insert' }, csv)).id
}

async function fill(): Promise<void> {
  const rows = Array.from({ length: 3_000 }, (_, n) => `${String(n).padEnd(80, 'x')}\n`)
  await client.run({ object: 'Contact', operation: 'insert' }, `LastName\n${rows.join('')}`)
}

async function queryJob(): Promise<string> {
  const query = 'SELECT LastName FROM Contact'
  const made = (await client.json('POST', '/jobs/query', { operation: 'query', query })) as {
    id: string
  }
  const state = async () =>
    ((await client.json('GET', `/jobs/query/${made.id}`)) as { state: string }).state
  await expect.poll(state, { timeout: 20_000, interval: 10 }).toBe('JobComplete')
  return made.id
}

describe.runIf(process.platform === 'linux')('files of results', () => {
  test('are not left open by a caller who wants the headers alone', async () => {
    const job = await failedJob()
    await fill()
    const query = await queryJob()
    for (const path of [`/jobs/ingest/${job}/unprocessedrecords`, `/jobs/query/${query}/results`]) {
      for (let count = 0; count < 5; count += 1) {
        const answer = await client.call('HEAD', path)
        expect([answer.status, answer.headers.get('content-type')]).toEqual([
          200,
          'text/csv; charset=UTF-8',
        ])
      }
    }
    expect(
      (await client.call('HEAD', `/jobs/query/${query}/results?maxRecords=7`)).headers.get(
        'sforce-numberofrecords',
      ),
    ).toBe('7')
    await expect.poll(openFiles, { timeout: 5_000 }).toEqual([])
  })

  test('nor by one who goes away', async () => {
    const job = await failedJob()
    const going = new AbortController()
    const path = `/services/data/v64.0/jobs/ingest/${job}/unprocessedrecords`
    const answer = await fetch(simulator.url + path, {
      headers: { authorization: `Bearer ${client.token}` },
      signal: going.signal,
    })
    expect(answer.status).toBe(200)
    going.abort()
    await expect.poll(openFiles, { timeout: 5_000 }).toEqual([])
  })
})

test('files of jobs that are over go with the next query job', async () => {
  const old = await queryJob()
  expect(files().filter((name) => name.startsWith(old))).toHaveLength(2)
  await client.admin('PATCH', '/settings', { jobClockOffsetMs: 7 * 24 * 3_600_000 + 60_000 })
  await queryJob()
  expect(files().filter((name) => name.startsWith(old))).toEqual([])
})
