import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type Simulator, startSimulator } from '../../start-simulator.ts'
import { createTestClient, type TestClient } from '../../testing/test-client.ts'
import { ask } from './ask.ts'
import { makeFixture } from './fixture.ts'

const ROOT = '/services/data/v67.0'
const { data, seed } = makeFixture()
let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  simulator = await startSimulator({ records: () => seed })
  client = await createTestClient(simulator.url)
})
afterAll(() => simulator.close())

const describeSchema = z.object({
  fields: z.array(z.object({ name: z.string(), custom: z.boolean() })),
})

/** Names of an object's fields as describe lists them. */
async function fieldNames(object: string, keeps: (custom: boolean) => boolean): Promise<string[]> {
  const answer = await client.json('GET', `${ROOT}/sobjects/${object}/describe`)
  return describeSchema
    .parse(answer)
    .fields.filter((field) => keeps(field.custom))
    .map((field) => field.name)
    .sort()
}

async function keysOf(soql: string): Promise<string[]> {
  const { records } = await ask(client, soql)
  return Object.keys(records[0] ?? {})
}

test.each(['Account', 'Contact', 'Custom_Object__c', 'User'])(
  'FIELDS() of %s are those that describe lists',
  async (object) => {
    const asked = async (kind: string): Promise<string[]> =>
      (await keysOf(`SELECT FIELDS(${kind}) FROM ${object} LIMIT 1`))
        .filter((key) => key !== 'attributes')
        .sort()
    expect(await asked('STANDARD')).toEqual(await fieldNames(object, (custom) => !custom))
    expect(await asked('ALL')).toEqual(await fieldNames(object, () => true))
    if (object !== 'User') {
      expect(await asked('CUSTOM')).toEqual(await fieldNames(object, (custom) => custom))
    }
  },
)

test('FIELDS(STANDARD) needs no LIMIT and takes further fields', async () => {
  const { records } = await ask(client, 'SELECT FIELDS(STANDARD), Tier__c FROM Account ORDER BY Id')
  expect(records.map((record) => [record['Name'], record['Tier__c']])).toEqual(
    data.accounts.map((row) => [row.Name, row.Tier__c]),
  )
})

test('fields come in the order in which they were asked for', async () => {
  expect(
    await keysOf('SELECT Rating, Owner.Name, Id, Name, (SELECT Id FROM Contacts) FROM Account'),
  ).toEqual(['attributes', 'Rating', 'Owner', 'Id', 'Name', 'Contacts'])
  expect(
    await keysOf('SELECT COUNT(Id) n, Rating, MAX(Name) FROM Account GROUP BY Rating'),
  ).toEqual(['attributes', 'n', 'Rating', 'expr0'])
})

test('COUNT() answers without records', async () => {
  const answer = await client.json('GET', `${ROOT}/query?q=SELECT+COUNT()+FROM+Lead`)
  expect(answer).toEqual({ totalSize: data.leads.length, done: true, records: [] })
})

test('pages follow one another in order, each of the size that was asked for', async () => {
  const soql =
    "SELECT Name FROM Custom_Object__c WHERE Phone__c = 'clock' ORDER BY Datetime__c DESC"
  const pageSchema = z.object({
    totalSize: z.number(),
    done: z.boolean(),
    nextRecordsUrl: z.string().optional(),
    records: z.array(z.looseObject({ Name: z.string() })),
  })
  const expected = data.custom('clock').map((row) => row.Name)
  const names: string[] = []
  let path: string | undefined = `${ROOT}/query?q=${encodeURIComponent(soql)}`
  while (path !== undefined) {
    const options = { 'sforce-query-options': 'batchSize=250' }
    const response = await client.call('GET', path, undefined, options)
    const page: z.infer<typeof pageSchema> = pageSchema.parse(await response.json())
    expect(page.totalSize).toBe(expected.length)
    expect(page.done).toBe(page.nextRecordsUrl === undefined)
    if (!page.done) expect(page.records).toHaveLength(250)
    names.push(...page.records.map((record) => record.Name))
    path = page.nextRecordsUrl
  }
  expect(names).toEqual(expected.toReversed())
})
