import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

let simulator: Simulator
let client: TestClient
let account: string
let contact: string
let report: string
beforeAll(async () => {
  simulator = await startSimulator()
  client = await createTestClient(simulator.url)
  account = await create('Account', { Name: 'Parent' })
  contact = await create('Contact', { LastName: 'Boss', AccountId: account })
  report = await create('Contact', { LastName: 'Report', ReportsToId: contact })
})
afterAll(() => simulator.close())

async function create(object: string, fields: object): Promise<string> {
  const body = await client.json('POST', `/sobjects/${object}`, fields)
  return z.object({ id: z.string() }).parse(body).id
}

test('a relationship leads to the parent, over several steps too', async () => {
  expect(await client.json('GET', `/sobjects/Contact/${contact}/Account?fields=Name`)).toEqual({
    attributes: { type: 'Account', url: `/services/data/v64.0/sobjects/Account/${account}` },
    Name: 'Parent',
  })
  expect(
    await client.json('GET', `/sobjects/Contact/${report}/ReportsTo/Account/Owner`),
  ).toMatchObject({ attributes: { type: 'User' }, Alias: 'admin' })
})

test('a relationship leads to the children', async () => {
  expect(await client.json('GET', `/sobjects/Account/${account}/contacts?fields=LastName`)).toEqual(
    {
      totalSize: 1,
      done: true,
      records: [
        {
          attributes: { type: 'Contact', url: `/services/data/v64.0/sobjects/Contact/${contact}` },
          LastName: 'Boss',
        },
      ],
    },
  )
  expect(await client.json('GET', `/sobjects/Account/${account}/Opportunities`)).toEqual({
    totalSize: 0,
    done: true,
    records: [],
  })
})

test('many children come in pages', async () => {
  const parent = await create('Account', { Name: 'Many' })
  await client.json('POST', '/composite/sobjects', {
    records: Array.from({ length: 200 }, (_, n) => ({
      attributes: { type: 'Contact' },
      LastName: `C ${n}`,
      AccountId: parent,
    })),
  })
  await client.json('POST', '/sobjects/Contact', { LastName: 'Last', AccountId: parent })
  const path = `/sobjects/Account/${parent}/Contacts?fields=LastName,Account.Name`
  const first = await client.call('GET', path, undefined, {
    'sforce-query-options': 'batchSize=200',
  })
  const page = z
    .object({ totalSize: z.literal(201), done: z.literal(false), nextRecordsUrl: z.string() })
    .parse(await first.json())
  expect(await client.json('GET', page.nextRecordsUrl)).toMatchObject({
    done: true,
    records: [{ LastName: 'Last', Account: { Name: 'Many' } }],
  })
})

test('the parent can be changed and deleted through it', async () => {
  const parent = await create('Account', { Name: 'Before' })
  const child = await create('Contact', { LastName: 'C', AccountId: parent })
  const path = `/sobjects/Contact/${child}/Account`
  expect((await client.call('PATCH', path, { Name: 'After' })).status).toBe(204)
  expect(await client.json('GET', `/sobjects/Account/${parent}`)).toMatchObject({ Name: 'After' })
  expect((await client.call('DELETE', path)).status).toBe(204)
  expect((await client.call('GET', `/sobjects/Account/${parent}`)).status).toBe(404)
})

test('404 where nothing is related, or nothing has that name; 400 for fields that are not there', async () => {
  const status = async (path: string) => (await client.call('GET', `/sobjects${path}`)).status
  expect(await status(`/Contact/${report}/Account`)).toBe(404)
  expect(await status(`/Contact/${report}/Nope`)).toBe(404)
  expect(await status(`/Account/${account}/Contacts/Owner`)).toBe(404)
  expect(await status(`/Contact/${contact}/Account?fields=Nope`)).toBe(400)
  expect(await status(`/Account/${account}/Opportunities?fields=Nope`)).toBe(400)
  expect((await client.call('PATCH', `/sobjects/Account/${account}/Contacts`, {})).status).toBe(404)
})
