import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { USER_ID } from '../../org.ts'
import { type Simulator, startSimulator } from '../../start-simulator.ts'
import { createTestClient, type TestClient } from '../../testing/test-client.ts'
import { hold } from './ask.ts'
import type { CustomRow } from './data/rows.ts'
import { aggregate, countOf, inOrder, type SoqlCase } from './expectation.ts'
import { makeFixture } from './fixture.ts'
import { grouped, sorted } from './semantics.ts'
import { DAY, dayText, localClock, ZONES, type Zone } from './zones.ts'

const { data, seed } = makeFixture()
let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2025, 4, 14, 12) })
  simulator = await startSimulator({ records: () => seed })
  client = await createTestClient(simulator.url)
})
afterAll(async () => {
  await simulator.close()
  vi.useRealTimers()
})

const local = (zone: Zone, row: CustomRow): Date =>
  localClock(zone, Date.parse(row.Datetime__c ?? ''))
const dayInYear = (clock: Date): number =>
  Math.floor((clock.getTime() - Date.UTC(clock.getUTCFullYear(), 0, 1)) / DAY) + 1

/** The parts of the local clock that the date functions answer with. */
const FUNCTIONS: Readonly<Record<string, (clock: Date) => number | string>> = {
  CALENDAR_YEAR: (clock) => clock.getUTCFullYear(),
  CALENDAR_QUARTER: (clock) => Math.floor(clock.getUTCMonth() / 3) + 1,
  CALENDAR_MONTH: (clock) => clock.getUTCMonth() + 1,
  DAY_IN_MONTH: (clock) => clock.getUTCDate(),
  DAY_IN_WEEK: (clock) => clock.getUTCDay() + 1,
  DAY_IN_YEAR: dayInYear,
  DAY_ONLY: (clock) => dayText(Math.floor(clock.getTime() / DAY)),
  FISCAL_YEAR: (clock) => clock.getUTCFullYear(),
  FISCAL_QUARTER: (clock) => Math.floor(clock.getUTCMonth() / 3) + 1,
  FISCAL_MONTH: (clock) => clock.getUTCMonth() + 1,
  HOUR_IN_DAY: (clock) => clock.getUTCHours(),
  WEEK_IN_MONTH: (clock) => Math.ceil(clock.getUTCDate() / 7),
  WEEK_IN_YEAR: (clock) => Math.ceil(dayInYear(clock) / 7),
}

function groups(name: string, zone: Zone, purpose: 'clock' | 'dst'): SoqlCase {
  const part = FUNCTIONS[name]
  if (part === undefined) throw new Error(`no function ${name}`)
  const call = `${name}(convertTimezone(Datetime__c))`
  return {
    name: `${name} of the ${purpose} rows`,
    soql: `SELECT ${call} part, COUNT(Id) n FROM Custom_Object__c WHERE Phone__c = '${purpose}'
      GROUP BY ${call} ORDER BY ${call}`,
    expected: (fixture) =>
      inOrder(
        sorted([...grouped(fixture.custom(purpose), (row) => part(local(zone, row)))], {
          of: ([value]) => value,
        }).map(([value, rows]) => aggregate({ part: value, n: rows.length })),
      ),
  }
}

/** Without convertTimezone an instant's parts are those of UTC, and a date is of no zone at all. */
function unconverted(name: string, field: 'Date__c' | 'Datetime__c'): SoqlCase {
  const part = FUNCTIONS[name]
  if (part === undefined) throw new Error(`no function ${name}`)
  return {
    name: `${name}(${field})`,
    soql: `SELECT ${name}(${field}) part, COUNT(Id) n FROM Custom_Object__c WHERE Phone__c = 'dst'
      GROUP BY ${name}(${field}) ORDER BY ${name}(${field})`,
    expected: (fixture) =>
      inOrder(
        sorted([...grouped(fixture.custom('dst'), (row) => part(new Date(row[field] ?? '')))], {
          of: ([value]) => value,
        }).map(([value, rows]) => aggregate({ part: value, n: rows.length })),
      ),
  }
}

function filter(where: string, zone: Zone, keeps: (clock: Date) => boolean): SoqlCase {
  return {
    name: where,
    soql: `SELECT COUNT() FROM Custom_Object__c WHERE Phone__c IN ('clock', 'dst') AND ${where}`,
    expected: (fixture) =>
      countOf(
        [...fixture.custom('clock'), ...fixture.custom('dst')].filter((row) =>
          keeps(local(zone, row)),
        ),
      ),
  }
}

const casesIn = (zone: Zone): readonly SoqlCase[] => [
  ...Object.keys(FUNCTIONS).map((name) => groups(name, zone, 'clock')),
  groups('HOUR_IN_DAY', zone, 'dst'),
  groups('DAY_ONLY', zone, 'dst'),
  unconverted('DAY_ONLY', 'Datetime__c'),
  unconverted('HOUR_IN_DAY', 'Datetime__c'),
  unconverted('DAY_IN_MONTH', 'Date__c'),
  unconverted('CALENDAR_MONTH', 'Date__c'),
  filter('DAY_ONLY(convertTimezone(Datetime__c)) = 2024-02-29', zone, (clock) =>
    clock.toISOString().startsWith('2024-02-29'),
  ),
  filter(
    'CALENDAR_YEAR(convertTimezone(Datetime__c)) = 2024 AND CALENDAR_MONTH(convertTimezone(Datetime__c)) = 3',
    zone,
    (clock) => clock.toISOString().startsWith('2024-03'),
  ),
  // An hour that does not exist in Los Angeles on one day, and exists twice on another.
  filter('HOUR_IN_DAY(convertTimezone(Datetime__c)) IN (1, 2, 8, 18)', zone, (clock) =>
    [1, 2, 8, 18].includes(clock.getUTCHours()),
  ),
]

describe.each(ZONES)('convertTimezone in %s', (zone) => {
  beforeAll(async () => {
    const changed = await client.call('PATCH', `/sobjects/User/${USER_ID}`, {
      TimeZoneSidKey: zone,
    })
    expect(changed.status).toBe(204)
  })

  test.each(casesIn(zone))('$name', (soqlCase) => hold(client, data, soqlCase))
})
