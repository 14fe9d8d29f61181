import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../../start-simulator.ts'
import { createTestClient, type TestClient } from '../../testing/test-client.ts'
import { ask } from './ask.ts'
import { createDraw } from './data/draw.ts'
import { children, record } from './expectation.ts'
import { makeFixture } from './fixture.ts'
import { drawFilter, type Subject } from './random-filter.ts'

const QUERIES = 120
/** Conditions that keep all or nothing prove little: most must be between. */
const TELLING = 70

const { data, seed } = makeFixture()
const subjects = data.custom('typed').map((row) => ({ row, account: data.account(row.Account__c) }))
let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  simulator = await startSimulator({ records: () => seed })
  client = await createTestClient(simulator.url)
})
afterAll(() => simulator.close())

test(`${QUERIES} conditions drawn by chance keep what plain code keeps`, async () => {
  const draw = createDraw(2_024)
  let telling = 0
  for (let count = 0; count < QUERIES; count += 1) {
    const filter = drawFilter(draw, 3)
    const soql = `SELECT Name FROM Custom_Object__c WHERE Phone__c = 'typed' AND (${filter.soql}) ORDER BY Name`
    const expected = subjects.filter((subject) => filter.keeps(subject))
    if (expected.length > 0 && expected.length < subjects.length) telling += 1
    const { records } = await ask(client, soql)
    expect(
      records.map((record) => record['Name']),
      soql,
    ).toEqual(expected.map(({ row }) => row.Name))
  }
  expect(telling).toBeGreaterThan(TELLING)
})

test('the same conditions hold in child queries and in semi-joins', async () => {
  const draw = createDraw(2_026)
  for (let count = 0; count < 30; count += 1) {
    const filter = drawFilter(draw, 2)
    const kept = subjects.filter((subject) => filter.keeps(subject))
    const of = (id: string): Subject[] => kept.filter(({ row }) => row.Account__c === id)

    const nested = `SELECT Id, (SELECT Name FROM Custom_Objects__r WHERE ${filter.soql} ORDER BY Name)
      FROM Account ORDER BY Id`
    const withChildren = data.accounts.map((account) =>
      record('Account', account, ['Id'], {
        Custom_Objects__r: children(
          of(account.Id).map(({ row }) => record('Custom_Object__c', row, ['Name'])),
        ),
      }),
    )
    expect((await ask(client, nested)).records, nested).toEqual(withChildren)

    for (const operator of ['IN', 'NOT IN']) {
      const joined = `SELECT Id FROM Account WHERE Id ${operator}
        (SELECT Account__c FROM Custom_Object__c WHERE ${filter.soql}) ORDER BY Id`
      const parents = data.accounts.filter(
        (account) => of(account.Id).length > 0 === (operator === 'IN'),
      )
      expect((await ask(client, joined)).records, joined).toEqual(
        parents.map((account) => record('Account', account, ['Id'])),
      )
    }
  }
})
