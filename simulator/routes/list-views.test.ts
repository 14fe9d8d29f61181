import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

const list = z.object({
  listviews: z.array(
    z.looseObject({
      id: z.string(),
      label: z.string(),
      describeUrl: z.string(),
      resultsUrl: z.string(),
    }),
  ),
})
const results = z.looseObject({
  done: z.boolean(),
  size: z.number(),
  records: z.array(
    z.object({
      columns: z.array(z.object({ fieldNameOrPath: z.string(), value: z.string().nullable() })),
    }),
  ),
})
type View = z.infer<typeof list>['listviews'][number]

let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  simulator = await startSimulator()
  client = await createTestClient(simulator.url)
  const rows = Array.from(
    { length: 30 },
    (_, n) => `Account ${String(n).padStart(2, '0')},Prospect`,
  )
  await client.run(
    { object: 'Account', operation: 'insert' },
    `Name,Type\n${rows.toReversed().join('\n')}\n`,
  )
})
afterAll(() => simulator.close())

async function viewsOf(object: string): Promise<View[]> {
  return list.parse(await client.json('GET', `/sobjects/${object}/listviews`)).listviews
}

async function accountView(label: string): Promise<View> {
  const view = (await viewsOf('Account')).find((candidate) => candidate.label === label)
  if (view === undefined) throw new Error(`no view ${label}`)
  return view
}

test('an object has a list of all and a list of one’s own', async () => {
  const views = await viewsOf('Account')
  expect(views.map(({ label }) => label)).toEqual(['All Accounts', 'My Accounts'])
  expect(await client.json('GET', `/sobjects/Account/listviews/${views[0]?.id}`)).toEqual(views[0])
  const ids = [...views, ...(await viewsOf('Contact'))].map(({ id }) => id)
  expect(new Set(ids).size).toBe(4)
})

test('a list view is described with its columns and its query', async () => {
  const view = await accountView('My Accounts')
  const described = z
    .looseObject({ query: z.string(), columns: z.array(z.looseObject({ hidden: z.boolean() })) })
    .parse(await client.json('GET', view.describeUrl))
  expect(described).toMatchObject({ id: view.id, scope: 'mine', sobjectType: 'account' })
  expect(described.query).toMatch(
    /^SELECT Name, .*toLabel\(Type\).* FROM Account USING SCOPE mine ORDER BY Name ASC NULLS FIRST, Id/,
  )
  expect(described.columns[0]).toMatchObject({
    fieldNameOrPath: 'Name',
    hidden: false,
    sortDirection: 'ascending',
    sortIndex: 0,
    type: 'string',
  })
  expect(described.columns).toContainEqual(
    expect.objectContaining({ fieldNameOrPath: 'Type', selectListItem: 'toLabel(Type)' }),
  )
  expect(described.columns.filter(({ hidden }) => hidden)).toHaveLength(4)
})

test('its records come sorted, 25 at first and then from where one asks', async () => {
  const view = await accountView('All Accounts')
  const first = results.parse(await client.json('GET', view.resultsUrl))
  expect([first.size, first.done, first.records.length]).toEqual([25, false, 25])
  const rest = results.parse(await client.json('GET', `${view.resultsUrl}?limit=25&offset=26`))
  expect([rest.size, rest.done]).toEqual([5, true])
  const names = [...first.records, ...rest.records].map(({ columns }) => columns[0]?.value)
  expect(names).toEqual(
    Array.from({ length: 30 }, (_, n) => `Account ${String(n).padStart(2, '0')}`),
  )
  const values = new Map(first.records[0]?.columns.map((c) => [c.fieldNameOrPath, c.value]))
  expect(values.get('Type')).toBe('Prospect')
  expect(values.get('Phone')).toBeNull()
  expect(values.get('Id')).toMatch(/^001\w{15}$/)
  expect(values.get('CreatedDate')).toMatch(/^\w{3} \w{3} \d\d \d\d:\d\d:\d\d GMT \d{4}$/)
})

test('a list view can be explained by its id', async () => {
  const view = await accountView('All Accounts')
  expect(await client.json('GET', `/query?explain=${view.id}`)).toMatchObject({
    plans: [{ sobjectCardinality: 30, sobjectType: 'Account' }],
  })
})

test.each([
  ['/sobjects/Nothing__c/listviews', 404, 'NOT_FOUND'],
  ['/sobjects/Account/listviews/00BfK000000zzzzUAA', 404, 'NOT_FOUND'],
  ['/query?explain=00BfK000000zzzzUAA', 400, 'INVALID_ID'],
  ['/query?explain=001fK0000000001', 400, 'INVALID_ID'],
])('%s is refused', async (path, status, errorCode) => {
  const response = await client.call('GET', path)
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject([{ errorCode }])
})

test('a view of one object is none of another', async () => {
  const { id } = await accountView('All Accounts')
  const response = await client.call('GET', `/sobjects/Contact/listviews/${id}/results`)
  expect(response.status).toBe(404)
})

test.each(['limit=many', 'offset=-1', 'limit='])('?%s is no page', async (query) => {
  const view = await accountView('All Accounts')
  const response = await client.call('GET', `${view.resultsUrl}?${query}`)
  expect(await response.json()).toMatchObject([{ errorCode: 'INVALID_QUERY_VALUE' }])
})

test('a view keeps its id when its object changes after others were made', async () => {
  for (const name of ['First', 'Second']) await client.admin('POST', '/objects', { name })
  const idsOf = async (object: string) =>
    list
      .parse(await client.json('GET', `/sobjects/${object}/listviews`))
      .listviews.map(({ id }) => id)
  const before = await Promise.all([idsOf('First__c'), idsOf('Second__c')])
  await client.admin('POST', '/objects/First__c/fields', { type: 'date', name: 'Day' })
  expect(await Promise.all([idsOf('First__c'), idsOf('Second__c')])).toEqual(before)
})
