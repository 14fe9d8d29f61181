import { afterAll, beforeAll, describe, test, vi } from 'vitest'
import { type Simulator, startSimulator } from '../../start-simulator.ts'
import { createTestClient, type TestClient } from '../../testing/test-client.ts'
import { hold } from './ask.ts'
import { aggregates } from './cases/aggregates.cases.ts'
import { childQueries } from './cases/children.cases.ts'
import { dates } from './cases/dates.cases.ts'
import { groups, havings } from './cases/groups.cases.ts'
import { ids } from './cases/ids.cases.ts'
import { logic } from './cases/logic.cases.ts'
import { multipicklists } from './cases/multipicklists.cases.ts'
import { nullComparisons } from './cases/null-comparisons.cases.ts'
import { ordering } from './cases/ordering.cases.ts'
import { parents } from './cases/parents.cases.ts'
import { polymorphic } from './cases/polymorphic.cases.ts'
import { refusedClauses } from './cases/refused-clauses.cases.ts'
import { refusedFields } from './cases/refused-fields.cases.ts'
import { selections } from './cases/selections.cases.ts'
import { semiJoins } from './cases/semi-joins.cases.ts'
import { subtotals } from './cases/subtotals.cases.ts'
import { textCase } from './cases/text-case.cases.ts'
import type { SoqlCase } from './expectation.ts'
import { makeFixture } from './fixture.ts'

const THEMES: Readonly<Record<string, readonly SoqlCase[]>> = {
  'nulls and operators': nullComparisons,
  multipicklists,
  'case of text': textCase,
  logic,
  ids,
  ordering,
  'paths to parents': parents,
  children: childQueries,
  'lookups of several objects': polymorphic,
  'semi-joins': semiJoins,
  aggregates,
  groups,
  having: havings,
  subtotals,
  dates,
  selections,
  'refused names, values and types': refusedFields,
  'refused clauses': refusedClauses,
}

const { data, seed } = makeFixture()
let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  // Nothing here may depend on the day of the run.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2025, 4, 14, 12) })
  simulator = await startSimulator({ records: () => seed })
  client = await createTestClient(simulator.url)
})
afterAll(async () => {
  await simulator.close()
  vi.useRealTimers()
})

describe.each(Object.entries(THEMES))('%s', (_, cases) => {
  test.each(cases)('$name', (soqlCase) => hold(client, data, soqlCase))
})
