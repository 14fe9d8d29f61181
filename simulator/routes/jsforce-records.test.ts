import jsforce from 'jsforce'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient } from '../testing/test-client.ts'

/** A client that was written against the real service, with what its own tests expect of that. */
let simulator: Simulator
let connection: jsforce.Connection
beforeAll(async () => {
  simulator = await startSimulator()
  const { token: accessToken } = await createTestClient(simulator.url)
  // The version that jsforce takes by itself.
  connection = new jsforce.Connection({ instanceUrl: simulator.url, accessToken })
})
afterAll(() => simulator.close())

function idsOf(results: readonly jsforce.SaveResult[]): string[] {
  return results.map((result) => {
    if (!result.success) throw new Error(JSON.stringify(result.errors))
    return result.id
  })
}

describe('jsforce', () => {
  test('a record, with headers', async () => {
    const account = connection.sobject('Account')
    const [id = ''] = idsOf([await account.create({ Name: 'Hello' })])
    const headers = { headers: { 'SForce-Auto-Assign': 'FALSE' } }
    expect(await account.record(id).update({ Name: 'Hello3' }, headers)).toMatchObject({
      success: true,
      id,
    })
    expect(await account.record(id).retrieve(headers)).toMatchObject({
      Name: 'Hello3',
      attributes: { type: 'Account' },
    })
  })

  test('several records', async () => {
    const account = connection.sobject('Account')
    const ids = idsOf(await account.create([{ Name: 'Account #1' }, { Name: 'Account #2' }]))
    const records = await account.retrieve(ids)
    expect(records.map((record) => record['Name'])).toEqual(['Account #1', 'Account #2'])
    const updated = await account.update(
      records.map((record) => ({ Id: String(record.Id), Name: `Updated ${record['Name']}` })),
    )
    expect(idsOf(updated)).toEqual(ids)
    expect(await account.retrieve(ids)).toMatchObject([
      { Name: 'Updated Account #1' },
      { Name: 'Updated Account #2' },
    ])
    expect(idsOf(await account.destroy(ids))).toEqual(ids)
    expect(await account.retrieve(ids)).toEqual([null, null])
  })

  test('more than a collection takes', async () => {
    const records = Array.from({ length: 450 }, (_, n) => ({ LastName: `L ${n}`, Company: 'C' }))
    const results = await connection.sobject('Lead').create(records, { allowRecursive: true })
    expect(new Set(idsOf(results)).size).toBe(450)
  })

  test.each(['45.0', '50.0'])('upserts at version %s', async (version) => {
    connection.version = version
    const contact = connection.sobject('Contact')
    const records = Array.from({ length: 5 }, (_, n) => ({
      LastName: `U ${n}`,
      External_Id__c: `${version}-${n}`,
    }))
    const results = await contact.upsert(records, 'External_Id__c')
    expect(results).toMatchObject(records.map(() => ({ success: true, created: true })))
    const one = await contact.upsert({ ...records[0] }, 'External_Id__c')
    expect(one).toMatchObject({ success: true })
    idsOf(await contact.destroy(idsOf(results)))
  })

  test('upserts all or none', async () => {
    connection.version = '50.0'
    const records = Array.from({ length: 5 }, (_, n) => ({
      LastName: `N ${n}`,
      External_Id__c: `none-${n}`,
      ...(n === 2 ? { OwnerId: 'INVALID_OWNER' } : {}),
    }))
    const results = await connection
      .sobject('Contact')
      .upsert(records, 'External_Id__c', { allOrNone: true })
    expect(results).toMatchObject(
      records.map((_, n) => ({
        success: false,
        created: true,
        errors: [{ statusCode: n === 2 ? 'MALFORMED_ID' : 'ALL_OR_NONE_OPERATION_ROLLED_BACK' }],
      })),
    )
  })

  test('what is recent, updated and deleted', async () => {
    const contact = connection.sobject('Contact')
    const ids = idsOf(await contact.create([{ LastName: 'A' }, { LastName: 'B' }]))
    expect(await contact.recent()).toMatchObject([{ Id: ids[1] }, { Id: ids[0] }])
    const recent = await connection.recent(2)
    expect(recent).toMatchObject([{ Id: ids[1], attributes: { type: 'Contact' } }, { Id: ids[0] }])
    const start = new Date(Date.now() - 3_600_000)
    const end = new Date(Date.now() + 120_000)
    expect((await contact.updated(start, end)).ids).toEqual(expect.arrayContaining(ids))
    idsOf(await contact.destroy(ids))
    expect((await contact.deleted(start, end)).deletedRecords.map(({ id }) => id)).toEqual(
      expect.arrayContaining(ids),
    )
  })

  test('limits and errors', async () => {
    expect(await connection.limits()).toMatchObject({ DailyApiRequests: { Max: 5_000_000 } })
    expect(connection.limitInfo?.apiUsage?.limit).toBe(5_000_000)
    await expect(connection.sobject('Account').create({ Nope: 1 })).rejects.toMatchObject({
      name: 'INVALID_FIELD',
    })
    await expect(connection.sobject('Account').retrieve('nope')).rejects.toMatchObject({
      errorCode: 'NOT_FOUND',
    })
  })
})
