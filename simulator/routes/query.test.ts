import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeId } from '../ids.ts'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createQueryClient, type QueryClient, testRecord } from '../testing/query-client.ts'

const account = (n: number): string => makeId('001', n)
const HOUR = 3_600_000
const LEAP_DAY = Date.UTC(2024, 1, 29, 23, 30)

function* records() {
  yield testRecord('Account', 1, { Name: 'Émile', Type: 'Other', AnnualRevenue: 10 })
  yield testRecord('Account', 2, { Name: 'acme', AnnualRevenue: 20.5, ParentId: account(1) })
  yield testRecord('Account', 3, { Name: '50%_x', Type: 'Prospect', ParentId: account(2) })
  yield testRecord('Account', 4, { Name: 'Gone' }, LEAP_DAY, true)
  yield testRecord('Contact', 1, { LastName: 'B', Name: 'B', AccountId: account(1) })
  yield testRecord('Contact', 2, { LastName: 'a', Name: 'a', AccountId: account(1) })
  yield testRecord('Contact', 3, { LastName: 'C', Name: 'C', Languages__c: 'English;French' })
  yield testRecord('Opportunity', 1, {
    Name: 'Won',
    StageName: 'Closed Won',
    CloseDate: '2024-02-29',
    Amount: 0.1,
    AccountId: account(1),
  })
  yield testRecord('Opportunity', 2, {
    Name: 'Open',
    StageName: 'Prospecting',
    CloseDate: '2024-03-01',
    Amount: 0.2,
    AccountId: account(2),
  })
  yield testRecord(
    'Opportunity',
    3,
    { Name: 'New', StageName: 'Prospecting', CloseDate: '2024-12-31' },
    LEAP_DAY + HOUR,
  )
}

let simulator: Simulator
let query: QueryClient
beforeAll(async () => {
  simulator = await startSimulator({ records })
  query = await createQueryClient(simulator.url)
})
afterAll(() => simulator.close())

describe('conditions', () => {
  test.each([
    ["Name = 'ÉMILE'", ['Émile']],
    ["Name LIKE '50\\%\\_%'", ['50%_x']],
    ["Name LIKE '%M%'", ['Émile', 'acme']],
    ["Name LIKE '_MILE'", ['Émile']],
    ["Type != 'other'", ['acme', '50%_x']],
    ["Type = ''", ['acme']],
    ["Type NOT IN ('Other')", ['acme', '50%_x']],
    ["Type IN (null, 'PROSPECT')", ['acme', '50%_x']],
    ['AnnualRevenue < 1.5e1', ['Émile']],
    ['NOT (AnnualRevenue < 100)', ['50%_x']],
    ['Active__c = null', ['Émile', 'acme', '50%_x']],
    [`Id = '${account(2).slice(0, 15)}'`, ['acme']],
    [`ParentId IN ('${account(1)}')`, ['acme']],
    ["Parent.Name != 'Émile'", ['Émile', '50%_x']],
    ["Parent.Parent.Name = 'émile'", ['50%_x']],
    ["Id IN (SELECT AccountId FROM Contact WHERE LastName = 'A')", ['Émile']],
    ['Id NOT IN (SELECT AccountId FROM Opportunity)', ['50%_x']],
    ['CreatedDate = 2024-03-01T00:30:00+01:00', ['Émile', 'acme', '50%_x']],
    ['CreatedDate > TODAY', []],
  ])('%s', async (where, names) => {
    expect(await query.column(`SELECT Name FROM Account WHERE ${where} ORDER BY Id`)).toEqual(names)
  })

  test('multi-select picklists', async () => {
    const found = (where: string) => query.column(`SELECT Name FROM Contact WHERE ${where}`)
    expect(await found("Languages__c INCLUDES ('french;english', 'German')")).toEqual(['C'])
    expect(await found("Languages__c INCLUDES ('French;German')")).toEqual([])
    expect(await found("Languages__c EXCLUDES ('French')")).toEqual(['B', 'a'])
  })

  test('relative dates and functions use the zone of the user', async () => {
    const days = () =>
      query.column(
        'SELECT DAY_ONLY(convertTimezone(CreatedDate)) FROM Opportunity GROUP BY DAY_ONLY(convertTimezone(CreatedDate))',
      )
    expect(await days()).toEqual(['2024-02-29', '2024-03-01'])
    const user = makeId('005', 1)
    const zone = (name: string) =>
      query.client.call('PATCH', `/sobjects/User/${user}`, { TimeZoneSidKey: name })
    expect((await zone('Asia/Kolkata')).status).toBe(204)
    expect(await days()).toEqual(['2024-03-01'])
    await zone('GMT')
  })

  test('USING SCOPE mine, and clauses that change nothing', async () => {
    const soql = 'SELECT Name FROM Contact USING SCOPE mine WITH USER_MODE ORDER BY Name FOR VIEW'
    expect(await query.column(soql)).toEqual(['a', 'B', 'C'])
  })
})

describe('records', () => {
  test('parents are records, or null', async () => {
    const { records } = await query.answer(
      'SELECT a.Name, a.Parent.Name, a.Parent.Parent.Id FROM Account a ORDER BY a.Id LIMIT 2',
    )
    expect(records[1]).toEqual({
      attributes: { type: 'Account', url: `/services/data/v64.0/sobjects/Account/${account(2)}` },
      Name: 'acme',
      Parent: {
        attributes: { type: 'Account', url: `/services/data/v64.0/sobjects/Account/${account(1)}` },
        Name: 'Émile',
        Parent: null,
      },
    })
    expect(records[0]).toMatchObject({ Name: 'Émile', Parent: null })
  })

  test('child queries have their own order, conditions and limit', async () => {
    const rows = await query.rows(
      "SELECT Name, (SELECT LastName FROM Contacts WHERE LastName != 'x' ORDER BY LastName LIMIT 1) FROM Account ORDER BY Id",
    )
    expect(rows).toEqual([
      { Name: 'Émile', Contacts: { totalSize: 1, done: true, records: [{ LastName: 'a' }] } },
      { Name: 'acme', Contacts: null },
      { Name: '50%_x', Contacts: null },
    ])
  })

  test('child queries have child queries', async () => {
    const [row] = await query.rows(
      "SELECT (SELECT Name, (SELECT Name FROM Opportunities) FROM ChildAccounts) FROM Account WHERE Name = 'Émile'",
    )
    expect(row).toMatchObject({
      ChildAccounts: {
        records: [{ Name: 'acme', Opportunities: { records: [{ Name: 'Open' }] } }],
      },
    })
  })

  test('values have the types of their fields', async () => {
    const [row] = await query.rows(
      "SELECT Id, IsDeleted, AnnualRevenue, Active__c, CreatedDate, CreatedById, Type FROM Account WHERE Name = 'acme'",
    )
    expect(row).toEqual({
      Id: account(2),
      IsDeleted: false,
      AnnualRevenue: 20.5,
      Active__c: false,
      CreatedDate: '2024-02-29T23:30:00.000+0000',
      CreatedById: makeId('005', 1),
      Type: null,
    })
  })

  test('FORMAT writes as the locale does, toLabel shows the value', async () => {
    const rows = await query.rows(
      'SELECT FORMAT(Amount) money, FORMAT(CloseDate) day, FORMAT(CreatedDate) moment, toLabel(StageName) FROM Opportunity LIMIT 1',
    )
    expect(rows).toEqual([
      { money: '$0.10', day: '2/29/2024', moment: '2/29/2024, 11:30 PM', StageName: 'Closed Won' },
    ])
  })

  test('queryAll finds deleted records too', async () => {
    const { client } = query
    const soql = encodeURIComponent("SELECT Name, IsDeleted FROM Account WHERE Name = 'Gone'")
    expect(await client.json('GET', `/queryAll?q=${soql}`)).toMatchObject({
      records: [{ Name: 'Gone', IsDeleted: true }],
    })
    expect(await client.json('GET', `/query?q=${soql}`)).toMatchObject({ totalSize: 0 })
  })

  test('order: text without case, picklists by their list, missing values first', async () => {
    const names = (order: string) => query.column(`SELECT Name FROM Account ORDER BY ${order}`)
    expect(await names('Name')).toEqual(['50%_x', 'acme', 'Émile'])
    expect(await names('Type')).toEqual(['acme', '50%_x', 'Émile'])
    expect(await names('Type DESC NULLS LAST')).toEqual(['Émile', '50%_x', 'acme'])
    expect(await names('Parent.Name DESC, Id LIMIT 2 OFFSET 1')).toEqual(['acme', '50%_x'])
  })

  test('FIELDS(STANDARD) leaves custom fields out', async () => {
    const [row] = await query.rows('SELECT FIELDS(STANDARD), External_Id__c FROM Account LIMIT 1')
    expect(row).toMatchObject({ Name: 'Émile', External_Id__c: null })
    expect(row).not.toHaveProperty('Tier__c')
  })
})

describe('groups', () => {
  test('COUNT() is the size of the answer', async () => {
    expect(await query.answer("SELECT COUNT() FROM Account WHERE Name LIKE '%e%'")).toEqual({
      totalSize: 2,
      done: true,
      records: [],
    })
    expect(await query.answer('SELECT COUNT() FROM Account LIMIT 1')).toMatchObject({
      totalSize: 1,
    })
  })

  test('aggregates over all rows, with and without names', async () => {
    const { records } = await query.answer(
      'SELECT COUNT(Id), COUNT(Amount) c, SUM(Amount), AVG(Amount), MIN(StageName), MAX(Name), MIN(CreatedDate), COUNT_DISTINCT(StageName) FROM Opportunity',
    )
    expect(records).toEqual([
      {
        attributes: { type: 'AggregateResult' },
        expr0: 3,
        c: 2,
        expr1: 0.3,
        expr2: 0.15,
        expr3: 'Prospecting',
        expr4: 'Won',
        expr5: '2024-02-29T23:30:00.000+0000',
        expr6: 2,
      },
    ])
    expect(
      await query.rows("SELECT SUM(AnnualRevenue), COUNT(Id) n FROM Lead WHERE Name = 'x'"),
    ).toEqual([{ expr0: null, n: 0 }])
  })

  test('groups by fields of parents and parts of dates, filtered and sorted by aggregates', async () => {
    expect(
      await query.rows(
        'SELECT Account.Name, CALENDAR_YEAR(CloseDate) y, COUNT(Id) FROM Opportunity GROUP BY Account.Name, CALENDAR_YEAR(CloseDate) HAVING COUNT(Amount) > 0 ORDER BY SUM(Amount) DESC',
      ),
    ).toEqual([
      { Name: 'acme', y: 2024, expr0: 1 },
      { Name: 'Émile', y: 2024, expr0: 1 },
    ])
  })

  test('subtotals tell themselves from missing values', async () => {
    expect(
      await query.rows(
        'SELECT StageName, AccountId a, GROUPING(AccountId) g, COUNT(Id) n FROM Opportunity GROUP BY CUBE(StageName, AccountId) ORDER BY GROUPING(StageName), GROUPING(AccountId), StageName, AccountId',
      ),
    ).toEqual([
      { StageName: 'Prospecting', a: null, g: 0, n: 1 },
      { StageName: 'Prospecting', a: account(2), g: 0, n: 1 },
      { StageName: 'Closed Won', a: account(1), g: 0, n: 1 },
      { StageName: 'Prospecting', a: null, g: 1, n: 2 },
      { StageName: 'Closed Won', a: null, g: 1, n: 1 },
      { StageName: null, a: null, g: 0, n: 1 },
      { StageName: null, a: account(1), g: 0, n: 1 },
      { StageName: null, a: account(2), g: 0, n: 1 },
      { StageName: null, a: null, g: 1, n: 3 },
    ])
    expect(
      await query.column('SELECT COUNT(Id) FROM Opportunity GROUP BY ROLLUP(StageName)'),
    ).toEqual([1, 2, 3])
  })
})

describe('columns and plans', () => {
  test('columns=true describes the answer as the command line reads it', async () => {
    const soql = encodeURIComponent(
      'SELECT Id, Owner.Name, (SELECT LastName FROM Contacts) FROM Account',
    )
    expect(await query.client.json('GET', `/query?columns=true&q=${soql}`)).toMatchObject({
      entityName: 'Account',
      groupBy: false,
      idSelected: true,
      keyPrefix: '001',
      columnMetadata: [
        { columnName: 'Id', apexType: 'Id', aggregate: false, joinColumns: [] },
        {
          columnName: 'Owner',
          foreignKeyName: 'OwnerId',
          joinColumns: [{ columnName: 'Name', textType: true }],
        },
        { columnName: 'Contacts', aggregate: true, joinColumns: [{ columnName: 'LastName' }] },
      ],
    })
    const grouped = encodeURIComponent('SELECT Type, AVG(AnnualRevenue) FROM Account GROUP BY Type')
    expect(await query.client.json('GET', `/query?columns=true&q=${grouped}`)).toMatchObject({
      groupBy: true,
      columnMetadata: [
        { columnName: 'Type', aggregate: false },
        {
          columnName: 'expr0',
          aggregate: true,
          displayName: 'avg(AnnualRevenue)',
          numberType: true,
        },
      ],
    })
  })

  test('explain tells how many records would be found', async () => {
    const soql = encodeURIComponent("SELECT Id FROM Account WHERE Name = 'acme'")
    expect(await query.client.json('GET', `/query?explain=${soql}`)).toMatchObject({
      plans: [{ cardinality: 1, sobjectCardinality: 3, sobjectType: 'Account' }],
    })
  })
})
