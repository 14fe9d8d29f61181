import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../../start-simulator.ts'
import { createTestClient, type TestClient } from '../../testing/test-client.ts'
import { ask } from './ask.ts'
import { createDraw } from './data/draw.ts'
import { makeFixture } from './fixture.ts'
import { drawFilter } from './random-filter.ts'

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
