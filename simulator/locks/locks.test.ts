import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

let simulator: Simulator
let client: TestClient
let parent: string
beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.close())
beforeEach(async () => {
  await fetch(`${simulator.url}/__simulator/reset`, { method: 'POST' })
  client = await createTestClient(simulator.url)
  await client.admin('PATCH', '/settings', { bulkStartDelayMs: 0 })
  parent = await make('Account', { Name: 'Parent' })
})

/** A machine that does much else needs more than the usual second. */
const PATIENT = { timeout: 15_000, interval: 5 }

const contacts = { object: 'Contact', operation: 'insert' }

async function make(object: string, fields: object): Promise<string> {
  const made = (await client.json('POST', `/sobjects/${object}`, fields)) as { id: string }
  return made.id
}

/** Contacts of one account. */
function children(count: number, account = parent): string {
  const rows = Array.from({ length: count }, (_, index) => `C${index},${account}\n`)
  return `LastName,AccountId\n${rows.join('')}`
}

async function start(job: object, csv: string): Promise<string> {
  const { id } = await client.createJob(job)
  await client.upload(id, csv)
  await client.close(id)
  return id
}

/** A job whose one batch is in process until `letGo`. */
async function hold(job: object, csv: string): Promise<string> {
  await client.admin('PATCH', '/settings', { parentLockRate: 1, bulkRowsPerSecond: 0.1 })
  const id = await start(job, csv)
  await expect
    .poll(
      async () => (await client.call('PATCH', `/sobjects/Account/${parent}`, {})).status,
      PATIENT,
    )
    .toBe(400)
  return id
}

const letGo = () => client.admin('PATCH', '/settings', { bulkRowsPerSecond: null })

async function lockedNames(id: string): Promise<string[]> {
  const failed = await client.results(id, 'failedResults')
  return failed.map((row) => row['LastName'] ?? '').toSorted()
}

describe('batches of one job', () => {
  const settings = { internalBatchRows: 5, bulkParallelBatches: 4 }

  test('that need one parent lose against the batch that holds it', async () => {
    await client.admin('PATCH', '/settings', { ...settings, parentLockRate: 1 })
    const info = await client.run(contacts, children(20))
    expect(info).toMatchObject({
      state: 'JobComplete',
      numberRecordsProcessed: 20,
      numberRecordsFailed: 15,
    })
    const failed = await client.results(info.id, 'failedResults')
    expect(new Set(failed.map((row) => row['sf__Error']))).toEqual(
      new Set([
        `UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 1 records: ${parent}:--`,
      ]),
    )
    expect(await client.count('Contact')).toBe(5)
  })

  test('that need different parents do not', async () => {
    const others = await Promise.all([1, 2, 3].map((n) => make('Account', { Name: `A${n}` })))
    await client.admin('PATCH', '/settings', { ...settings, parentLockRate: 1 })
    const csv = [parent, ...others].map((id) => children(5, id).split('\n').slice(1).join('\n'))
    const info = await client.run(contacts, `LastName,AccountId\n${csv.join('')}`)
    expect(info).toMatchObject({ numberRecordsProcessed: 20, numberRecordsFailed: 0 })
  })

  test('lose at the set rate, and the same rows for the same seed', async () => {
    await client.admin('PATCH', '/settings', { ...settings, parentLockRate: 0.3 })
    const first = await client.run(contacts, children(400))
    const share = first.numberRecordsFailed / 400
    expect(share).toBeGreaterThan(0.15)
    expect(share).toBeLessThan(0.4)
    // Another org gives its jobs the same ids, and so draws the same.
    const other = await startSimulator()
    try {
      const twin = await createTestClient(other.url)
      await twin.admin('PATCH', '/settings', { ...settings, bulkStartDelayMs: 0 })
      const made = (await twin.json('POST', '/sobjects/Account', { Name: 'Parent' })) as {
        id: string
      }
      await twin.admin('PATCH', '/settings', { parentLockRate: 0.3 })
      while ((await twin.createJob(contacts)).id < first.id);
      const again = await client.run(contacts, children(400))
      const there = await twin.run(contacts, children(400, made.id))
      expect(there.id).toBe(again.id)
      const names = (await twin.results(there.id, 'failedResults')).map((row) => row['LastName'])
      expect(names.toSorted()).toEqual(await lockedNames(again.id))
    } finally {
      await other.close()
    }
  })

  test('lock the master of a custom object, and no parent that is only named', async () => {
    await client.admin('POST', '/objects', {
      name: 'Invoice',
      label: 'Invoice',
      fields: [
        { type: 'masterDetail', name: 'Master', to: 'Account' },
        { type: 'lookup', name: 'Payer', to: 'Account', childRelationshipName: 'Paid' },
      ],
    })
    const payer = await make('Account', { Name: 'Payer' })
    await client.admin('PATCH', '/settings', { ...settings, parentLockRate: 1 })
    const rows = Array.from({ length: 10 }, (_, n) => `I${n},${parent},${payer}\n`).join('')
    const info = await client.run(
      { object: 'Invoice__c', operation: 'insert' },
      `Name,Master__c,Payer__c\n${rows}`,
    )
    expect(info).toMatchObject({ numberRecordsProcessed: 10, numberRecordsFailed: 5 })
    const [failed] = await client.results(info.id, 'failedResults')
    expect(failed?.['sf__Error']).toContain(`or 1 records: ${parent}:--`)
  })

  test('that come one after the other do not: each lets go when it is committed', async () => {
    await client.admin('PATCH', '/settings', { internalBatchRows: 5, parentLockRate: 1 })
    const info = await client.run(contacts, children(20))
    expect(info).toMatchObject({ numberRecordsProcessed: 20, numberRecordsFailed: 0 })
  })

  test('never lose while the rate is 0, however many there are', async () => {
    await client.admin('PATCH', '/settings', settings)
    const info = await client.run(contacts, children(100))
    expect(info).toMatchObject({ numberRecordsProcessed: 100, numberRecordsFailed: 0 })
  })

  test('updates and deletes lock the records themselves and their parents of before', async () => {
    const made = await client.run(contacts, children(10))
    const ids = (await client.results(made.id, 'successfulResults')).map((row) => row['sf__Id'])
    await client.admin('PATCH', '/settings', { ...settings, parentLockRate: 1 })
    const rows = ids.map((id) => `${id},X\n`).join('')
    const updated = await client.run(
      { object: 'Contact', operation: 'update' },
      `Id,Title\n${rows}`,
    )
    expect(updated.numberRecordsFailed).toBe(5)
    const [failed] = await client.results(updated.id, 'failedResults')
    expect(failed?.['sf__Error']).toContain(`or 1 records: ${parent}:--`)
    expect(ids).toContain(failed?.['sf__Id'])
    const deleted = await client.run(
      { object: 'Contact', operation: 'delete' },
      `Id\n${ids.join('\n')}\n`,
    )
    expect(deleted.numberRecordsFailed).toBe(5)
  })
})

describe('batches of several jobs, and single calls', () => {
  test('a job loses against another one that holds the parent', async () => {
    const first = await hold(contacts, children(10))
    const second = await start(contacts, children(4))
    // It has begun before the first one ends.
    await expect.poll(async () => (await client.info(second)).state, PATIENT).toBe('InProgress')
    const third = await start(contacts, 'LastName\nFree\n')
    await expect.poll(async () => (await client.info(third)).state, PATIENT).toBe('InProgress')
    await letGo()
    expect(await client.finished(third)).toMatchObject({ numberRecordsFailed: 0 })
    expect(await client.finished(first)).toMatchObject({ numberRecordsFailed: 0 })
    expect(await client.finished(second)).toMatchObject({ numberRecordsFailed: 4 })
  })

  test('a call gets 400 for what a batch holds, and its way afterwards', async () => {
    const child = await make('Contact', { LastName: 'Before', AccountId: parent })
    const free = await make('Contact', { LastName: 'Free' })
    const id = await hold(contacts, children(10))
    const refused = await client.call('POST', '/sobjects/Contact', {
      LastName: 'New',
      AccountId: parent,
    })
    expect(refused.status).toBe(400)
    expect(await refused.json()).toEqual([
      {
        errorCode: 'UNABLE_TO_LOCK_ROW',
        message: `unable to obtain exclusive access to this record or 1 records: ${parent}`,
        fields: [],
      },
    ])
    const status = async (method: string, path: string, body?: object) =>
      (await client.call(method, path, body)).status
    expect(await status('PATCH', `/sobjects/Contact/${child}`, { Title: 'X' })).toBe(400)
    expect(await status('DELETE', `/sobjects/Contact/${child}`)).toBe(400)
    const upsert = '/sobjects/Contact/External_Id__c/new'
    expect(await status('PATCH', upsert, { LastName: 'U', AccountId: parent })).toBe(400)
    expect(await status('PATCH', upsert, { LastName: 'U' })).toBe(201)
    expect(await status('PATCH', `/sobjects/Contact/${free}`, { Title: 'X' })).toBe(204)
    await letGo()
    await client.finished(id)
    expect(await status('PATCH', `/sobjects/Contact/${child}`, { Title: 'X' })).toBe(204)
  })

  test('an aborted job lets go what it held', async () => {
    const id = await hold(contacts, children(10))
    await client.abort(id)
    await expect
      .poll(
        async () => (await client.call('PATCH', `/sobjects/Account/${parent}`, {})).status,
        PATIENT,
      )
      .toBe(204)
    expect(await client.count('Contact')).toBe(0)
  })
})
