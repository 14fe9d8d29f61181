import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as f from '../schema/field-builders.ts'
import { createSchema } from '../schema/schema.ts'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import type { Job } from '../store/job-store.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'
import { planColumns } from './column-plan.ts'

let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.close())
beforeEach(async () => {
  await fetch(`${simulator.url}/__simulator/reset`, { method: 'POST' })
  client = await createTestClient(simulator.url)
  await client.admin('PATCH', '/settings', { bulkStartDelayMs: 0 })
})

const contacts = { object: 'Contact', operation: 'insert' }

async function errors(id: string): Promise<string[]> {
  const failed = await client.results(id, 'failedResults')
  return failed.map((row) => row['sf__Error'] ?? '').toSorted()
}

describe('a column that names a parent', () => {
  test('may go by external id, name, email or id, whatever the case', async () => {
    const accounts = await client.run(
      { object: 'Account', operation: 'insert' },
      'Name,External_Id__c\nÄcme,a1\n',
    )
    const [account] = await client.results(accounts.id, 'successfulResults')
    const boss = await client.run(
      contacts,
      'LastName,Email,External_Id__c\nBoss,b@example.com,c1\n',
    )
    const [manager] = await client.results(boss.id, 'successfulResults')
    const [user] = (
      (await client.json('GET', '/query?q=SELECT+Id,Email,Username+FROM+User+LIMIT+1')) as {
        records: { Id: string; Email: string; Username: string }[]
      }
    ).records
    const columns: [header: string, value: string, field: string, id: string | undefined][] = [
      ['Account.External_Id__c', 'A1', 'AccountId', account?.['sf__Id']],
      ['account.name', 'äcme', 'AccountId', account?.['sf__Id']],
      ['Account.Id', account?.['sf__Id']?.slice(0, 15) ?? '', 'AccountId', account?.['sf__Id']],
      ['ReportsTo.External_Id__c', 'c1', 'ReportsToId', manager?.['sf__Id']],
      ['ReportsTo.Email', 'B@Example.com', 'ReportsToId', manager?.['sf__Id']],
      ['Owner.Email', user?.Email ?? '', 'OwnerId', user?.Id],
      ['Owner.Username', user?.Username ?? '', 'OwnerId', user?.Id],
    ]
    for (const [header, value, field, id] of columns) {
      const info = await client.run(contacts, `LastName,${header}\nX,${value}\n`)
      expect([header, await errors(info.id)]).toEqual([header, []])
      const [row] = await client.results(info.id, 'successfulResults')
      expect(row?.[header]).toBe(value)
      const made = await client.json('GET', `/sobjects/Contact/${row?.['sf__Id']}?fields=${field}`)
      expect(made).toMatchObject({ [field]: id })
    }
  })

  test('refuses rows whose parent is missing, deleted or not the only one', async () => {
    await client.run(
      contacts,
      'LastName,Email,External_Id__c\nA,twice@example.com,k1\nB,twice@example.com,k2\nC,c@example.com,k3\n',
    )
    const found = (await client.json(
      'GET',
      "/query?q=SELECT+Id+FROM+Contact+WHERE+External_Id__c='k3'",
    )) as { records: { Id: string }[] }
    await client.call('DELETE', `/sobjects/Contact/${found.records[0]?.Id}`)
    const info = await client.run(
      contacts,
      'LastName,ReportsTo.Email\nX,twice@example.com\nY,c@example.com\nZ,\nW,nobody@example.com\n',
    )
    expect(await errors(info.id)).toEqual([
      expect.stringMatching(
        /^DUPLICATE_EXTERNAL_ID:Email: more than one record found for external id field: \[003\w{15}, 003\w{15}\]:--$/,
      ),
      'INVALID_FIELD:Foreign key external ID: c@example.com not found for field Email in entity Contact:--',
      'INVALID_FIELD:Foreign key external ID: nobody@example.com not found for field Email in entity Contact:--',
    ])
  })

  test('does not find a row of its own chunk, but one of an earlier chunk', async () => {
    const row = (n: number, boss: string) => `L${n},k${n},${boss}\n`
    const rows = Array.from({ length: 201 }, (_, n) => row(n, n === 1 || n === 200 ? 'k0' : ''))
    const info = await client.run(
      contacts,
      `LastName,External_Id__c,ReportsTo.External_Id__c\n${rows.join('')}`,
    )
    const failed = await client.results(info.id, 'failedResults')
    expect(failed.map((entry) => entry['LastName'])).toEqual(['L1'])
  })

  test('is cleared by #N/A and left alone by an empty cell', async () => {
    await client.run({ object: 'Account', operation: 'insert' }, 'Name,External_Id__c\nAcme,a1\n')
    const made = await client.run(contacts, 'LastName,Account.External_Id__c\nA,a1\nB,a1\n')
    const saved = await client.results(made.id, 'successfulResults')
    const id = (name: string) => saved.find((row) => row['LastName'] === name)?.['sf__Id'] ?? ''
    await client.run(
      { object: 'Contact', operation: 'update' },
      `Id,Account.External_Id__c\n${id('A')},#N/A\n${id('B')},\n`,
    )
    const account = async (name: string) =>
      (
        (await client.json('GET', `/sobjects/Contact/${id(name)}?fields=AccountId`)) as {
          AccountId: string | null
        }
      ).AccountId
    expect(await account('A')).toBeNull()
    expect(await account('B')).toMatch(/^001/)
  })

  test('fails the job where it names no such relationship or no field to look up by', async () => {
    for (const header of ['Nope.Name', 'Account.Phone', 'Account.Owner.Name', 'User:Owner.Email']) {
      const info = await client.run(contacts, `LastName,${header}\nA,x\n`)
      expect([info.state, info.errorMessage]).toEqual([
        'Failed',
        `InvalidBatch : Field name not found : ${header}`,
      ])
    }
  })
})

describe('a plan of columns', () => {
  const schema = createSchema()
  schema.define(
    f.object('Visit__c', 'a0Z', [
      f.lookup('With__c', ['Contact', 'Lead']),
      f.lookup('OwnerId', ['Group', 'User']),
    ]),
    0,
  )
  schema.define(f.object('Trace', '0Za', [f.text('Note', 10)], { createable: false }), 0)
  const job = (object: string, operation: Job['operation']): Job => ({
    n: 1,
    id: '750000000000001AAA',
    kind: 'ingest',
    operation,
    object,
    state: 'InProgress',
    apiVersion: 64,
    externalIdField: operation === 'upsert' ? 'Id' : null,
    assignmentRuleId: null,
    columnDelimiter: 'COMMA',
    lineEnding: 'LF',
    query: null,
    columnSeed: null,
    uploadedBytes: 1,
    processed: 0,
    failed: 0,
    retries: 0,
    activeMs: 0,
    errorMessage: null,
    created: 0,
    createdBy: 1,
    modified: 0,
    started: 0,
    finished: null,
    processingMs: 0,
    effects: [],
  })

  test('asks for the type of a parent where there are several, except for owners', () => {
    const target = (header: string) =>
      planColumns(schema, job('Visit__c', 'insert'), [header]).columns[0]?.lookup?.object.name
    expect(target('Lead:With__r.Email')).toBe('Lead')
    expect(target('contact:with__r.external_id__c')).toBe('Contact')
    expect(target('Owner.Email')).toBe('User')
    expect(() => target('With__r.Email')).toThrow('Field name not found : With__r.Email')
    expect(() => target('Account:With__r.Name')).toThrow('Field name not found')
  })

  test('refuses what the user may not do with the object', () => {
    const plan = (operation: Job['operation']) => () =>
      planColumns(schema, job('Trace', operation), ['Id'])
    expect(plan('insert')).toThrow('No create access for object:Trace')
    expect(plan('upsert')).toThrow('No create/update access for object:Trace')
    expect(plan('delete')).not.toThrow()
  })
})
