import jsforce from 'jsforce'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from './start-simulator.ts'
import { createTestClient } from './testing/test-client.ts'

/** A client that was written against the real service. */
let simulator: Simulator
let connection: jsforce.Connection
beforeAll(async () => {
  simulator = await startSimulator()
  const { token } = await createTestClient(simulator.url)
  connection = new jsforce.Connection({
    instanceUrl: simulator.url,
    accessToken: token,
    version: '64.0',
  })
  connection.bulk2.pollInterval = 20
  connection.bulk2.pollTimeout = 10_000
})
afterAll(() => simulator.close())

/** The ids that a write answered with. */
function idOf(result: jsforce.SaveResult): string {
  if (!result.success) throw new Error(JSON.stringify(result.errors))
  return result.id
}

describe('jsforce', () => {
  test('creates, reads, updates and deletes a record', async () => {
    const id = idOf(await connection.sobject('Account').create({ Name: 'One', AnnualRevenue: 10 }))
    expect(await connection.sobject('Account').retrieve(id)).toMatchObject({
      Id: id,
      Name: 'One',
      AnnualRevenue: 10,
      attributes: { type: 'Account' },
    })
    await connection.sobject('Account').update({ Id: id, Name: 'Two' })
    expect(await connection.sobject('Account').retrieve(id)).toMatchObject({ Name: 'Two' })
    await connection.sobject('Account').destroy(id)
    await expect(connection.sobject('Account').retrieve(id)).rejects.toThrow('entity is deleted')
    await expect(connection.sobject('Account').create({ Phone: '1' })).rejects.toMatchObject({
      errorCode: 'REQUIRED_FIELD_MISSING',
    })
  })

  test('upserts by an external id', async () => {
    const record = { External_Id__c: 'up-1', Name: 'Upserted' }
    const made = await connection.sobject('Account').upsert(record, 'External_Id__c')
    const found = await connection.sobject('Account').upsert(record, 'External_Id__c')
    expect(made).toMatchObject({ success: true, created: true })
    expect(found).toMatchObject({ success: true, created: false })
  })

  test('describes', async () => {
    const global = await connection.describeGlobal()
    expect(global.sobjects.map((object) => object.name)).toContain('Custom_Object__c')
    const account = await connection.describe('Account')
    const field = account.fields.find(({ name }) => name === 'External_Id__c')
    expect(field).toMatchObject({ externalId: true, unique: true, type: 'string', length: 255 })
    expect(Object.keys(field ?? {})).toHaveLength(57)
    await expect(connection.describe('Nope')).rejects.toMatchObject({ errorCode: 'NOT_FOUND' })
  })

  test('inserts, queries, updates and deletes in bulk', async () => {
    const records = Array.from({ length: 4_500 }, (_, index) => ({
      LastName: `Bulk ${String(index).padStart(4, '0')}`,
      Email: index % 100 === 99 ? 'wrong' : `c${index}@example.com`,
      Description: 'with , ; | and "quotes"',
    }))
    const inserted = await connection.bulk2.loadAndWaitForResults({
      object: 'Contact',
      operation: 'insert',
      input: records,
    })
    expect(inserted.successfulResults).toHaveLength(4_455)
    expect(inserted.failedResults).toHaveLength(45)
    expect(inserted.unprocessedRecords).toHaveLength(0)
    expect(inserted.failedResults[0]?.sf__Error).toBe(
      'INVALID_EMAIL_ADDRESS:Email: invalid email address: wrong:Email --',
    )

    const found = await connection.query(
      "SELECT Id, LastName FROM Contact WHERE LastName LIKE 'bulk%' ORDER BY LastName DESC",
      {
        autoFetch: true,
        maxFetch: 10_000,
      },
    )
    expect(found.totalSize).toBe(4_455)
    expect(found.records).toHaveLength(4_455)
    expect(found.records[0]?.['LastName']).toBe('Bulk 4498')
    const counted = await connection.query(
      "SELECT COUNT() FROM Contact WHERE Email IN ('c1@example.com', 'C2@example.com') AND CreatedDate > 2020-01-01T00:00:00Z",
    )
    expect(counted.totalSize).toBe(2)

    const some = found.records.slice(0, 10).map(({ Id }) => ({ Id: String(Id) }))
    const updated = await connection.bulk2.loadAndWaitForResults({
      object: 'Contact',
      operation: 'update',
      input: some.map(({ Id }) => ({ Id, Title: 'Changed' })),
    })
    expect(updated.successfulResults).toHaveLength(10)
    const deleted = await connection.bulk2.loadAndWaitForResults({
      object: 'Contact',
      operation: 'delete',
      input: some,
    })
    expect(deleted.successfulResults).toHaveLength(10)

    const stream = await connection.bulk2.query('SELECT Id, LastName, Title FROM Contact')
    expect(await stream.toArray()).toHaveLength(4_445)
  })

  test('reads a query job in pages of any size', async () => {
    const client = await createTestClient(simulator.url)
    await client.run(
      { object: 'Lead', operation: 'insert' },
      `LastName,Company\n${Array.from({ length: 25 }, (_, n) => `"L\n${n}",C`).join('\n')}\n`,
    )
    const job = await client.json('POST', '/jobs/query', {
      operation: 'query',
      query: 'SELECT LastName, Company FROM Lead ORDER BY CreatedDate, Id',
    })
    expect(job).toMatchObject({ state: 'UploadComplete', jobType: 'V2Query' })
    const { id } = job as { id: string }
    await expect
      .poll(() => client.json('GET', `/jobs/query/${id}`), { timeout: 8_000 })
      .toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 25 })
    const pages: [string | null, string | null, string][] = []
    let locator: string | null = ''
    while (locator !== 'null') {
      const suffix: string = locator === '' ? '' : `&locator=${locator}`
      const page = await client.call('GET', `/jobs/query/${id}/results?maxRecords=10${suffix}`)
      locator = page.headers.get('sforce-locator')
      pages.push([locator, page.headers.get('sforce-numberofrecords'), await page.text()])
    }
    expect(pages.map((page) => page[1])).toEqual(['10', '10', '5'])
    expect(pages.every((page) => page[2].startsWith('"LastName","Company"\n'))).toBe(true)
    expect(pages[2]?.[2]).toContain('"L\n24","C"\n')
    const other = await client.call('GET', `/services/data/v60.0/jobs/query/${id}/results`)
    expect(other.status).toBe(409)
  })
})
