import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../../start-simulator.ts'
import { createTestClient, type TestClient } from '../../testing/test-client.ts'
import { ask } from './ask.ts'
import { createDraw, type Draw } from './data/draw.ts'
import type { OpportunityRow } from './data/rows.ts'
import { aggregate } from './expectation.ts'
import { makeFixture } from './fixture.ts'
import { greatest, known, least, sum } from './semantics.ts'
import { cube, rollup, type Subtotal } from './subtotals.ts'

const QUERIES = 50

const { data, seed } = makeFixture()
let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  simulator = await startSimulator({ records: () => seed })
  client = await createTestClient(simulator.url)
})
afterAll(() => simulator.close())

type Rows = readonly OpportunityRow[]
type KeyOf = (row: OpportunityRow) => string | number | null

/** What opportunities can be grouped by. */
const KEYS: readonly (readonly [soql: string, of: KeyOf])[] = [
  ['StageName', (row) => row.StageName],
  ['Type', (row) => row.Type],
  ['LeadSource', (row) => row.LeadSource],
  ['OwnerId', (row) => row.OwnerId],
  ['CloseDate', (row) => row.CloseDate],
  ['CALENDAR_YEAR(CloseDate)', (row) => Number(row.CloseDate.slice(0, 4))],
  ['DAY_ONLY(CreatedDate)', (row) => row.CreatedDate.slice(0, 10)],
  ['Account.Rating', (row) => data.account(row.AccountId)?.Rating ?? null],
  ['Account.Owner.Alias', (row) => aliasOf(row)],
]

function aliasOf(row: OpportunityRow): string | null {
  const account = data.account(row.AccountId)
  return account === null ? null : data.user(account.OwnerId).Alias
}

const AGGREGATES: readonly (readonly [soql: string, of: (rows: Rows) => unknown])[] = [
  ['COUNT(Id)', (rows) => rows.length],
  ['COUNT(Amount)', (rows) => known(rows.map((row) => row.Amount)).length],
  ['COUNT_DISTINCT(AccountId)', (rows) => new Set(known(rows.map((row) => row.AccountId))).size],
  ['SUM(Amount)', (rows) => sum(rows.map((row) => row.Amount))],
  ['SUM(Probability)', (rows) => sum(rows.map((row) => row.Probability))],
  ['MIN(Amount)', (rows) => least(rows.map((row) => row.Amount))],
  ['MAX(CloseDate)', (rows) => greatest(rows.map((row) => row.CloseDate))],
  ['MIN(Name)', (rows) => least(rows.map((row) => row.Name))],
]

/** Some of the values, in an order of their own, each at most once. */
function some<T>(draw: Draw, values: readonly T[], count: number): T[] {
  const left = [...values]
  return Array.from({ length: count }, () => {
    const value = draw.of(left)
    left.splice(left.indexOf(value), 1)
    return value
  })
}

function groupsOf(form: string, rows: Rows, keys: readonly KeyOf[]): Subtotal<OpportunityRow>[] {
  if (form === 'CUBE') return cube(rows, ...keys)
  const all = rollup(rows, ...keys)
  return form === 'ROLLUP' ? all : all.filter(({ grouping }) => !grouping.includes(1))
}

test(`${QUERIES} groupings drawn by chance give what plain code gives`, async () => {
  const draw = createDraw(2_025)
  for (let count = 0; count < QUERIES; count += 1) {
    const form = draw.of(['', 'ROLLUP', 'CUBE'])
    const keys = some(draw, KEYS, draw.whole(1, 3))
    const aggregates = some(draw, AGGREGATES, draw.whole(1, 4))
    const fewest = draw.whole(0, 3)
    const columns = [
      ...keys.map(([soql], at) => `${soql} k${at}`),
      ...keys.map(([soql], at) => (form === '' ? '' : `GROUPING(${soql}) g${at}`)),
      ...aggregates.map(([soql], at) => `${soql} a${at}`),
    ].filter((column) => column !== '')
    const by = keys.map(([soql]) => soql).join(', ')
    const soql = `SELECT ${columns.join(', ')} FROM Opportunity
      GROUP BY ${form === '' ? by : `${form}(${by})`} HAVING COUNT(Id) > ${fewest}`
    const expected = groupsOf(
      form,
      data.opportunities,
      keys.map(([, of]) => of),
    )
      .filter(({ rows }) => rows.length > fewest)
      .map((group) =>
        aggregate({
          ...Object.fromEntries(keys.map((_, at) => [`k${at}`, group.keys[at]])),
          ...(form === ''
            ? {}
            : Object.fromEntries(keys.map((_, at) => [`g${at}`, group.grouping[at]]))),
          ...Object.fromEntries(aggregates.map(([, of], at) => [`a${at}`, of(group.rows)])),
        }),
      )
    const { records } = await ask(client, soql)
    expect(inAnyOrder(records), soql).toEqual(inAnyOrder(expected))
  }
})

/** The columns are made in the same order on both sides, so equal records have equal texts. */
const inAnyOrder = (records: readonly object[]): string[] =>
  records.map((record) => JSON.stringify(record)).sort()
