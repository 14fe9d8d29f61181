import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

const failures: unknown[] = []
let simulator: Simulator
let client: TestClient
const folder = mkdtempSync(join(tmpdir(), 'simulator-upload-'))
beforeAll(async () => {
  simulator = await startSimulator({
    database: join(folder, 'org.sqlite'),
    onError: (error) => failures.push(error),
  })
})
afterAll(async () => {
  await simulator.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  failures.length = 0
  client = await createTestClient(simulator.url)
})

/** For machines that are busy with other things. */
const PATIENT = { timeout: 8_000 }

/** Sends the first half of an upload; gives what sends the rest and tells the status. */
async function beginUpload(id: string): Promise<() => Promise<number>> {
  const upload = request(`${simulator.url}/services/data/v64.0/jobs/ingest/${id}/batches`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${client.token}`, 'content-type': 'text/csv' },
  })
  const answered = new Promise<number>((resolve, reject) => {
    upload.on('error', reject)
    upload.on('response', (answer: IncomingMessage) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
  })
  upload.write('Name\n')
  const received = (): boolean => existsSync(join(folder, 'org.sqlite.files', `${id}.part`))
  await expect.poll(received, PATIENT).toBe(true)
  return async () => {
    upload.end('A\n')
    return answered
  }
}

describe('an upload whose job goes meanwhile', () => {
  test('is refused when the org was emptied', async () => {
    const { id } = await client.createJob({ object: 'Account', operation: 'insert' })
    const finish = await beginUpload(id)
    await client.admin('POST', '/reset')
    expect(await finish()).toBe(400)
    expect(failures).toEqual([])
  })

  test('is refused when the job was aborted and deleted', async () => {
    const { id } = await client.createJob({ object: 'Account', operation: 'insert' })
    const finish = await beginUpload(id)
    await client.abort(id)
    expect((await client.call('DELETE', `/jobs/ingest/${id}`)).status).toBe(204)
    expect(await finish()).toBe(400)
    expect(failures).toEqual([])
  })
})
