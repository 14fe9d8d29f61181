import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { USER_ID } from '../../org.ts'
import { type Simulator, startSimulator } from '../../start-simulator.ts'
import { createTestClient, type TestClient } from '../../testing/test-client.ts'
import { ask } from './ask.ts'
import { MOMENTS, QUESTIONS } from './data/moments.ts'
import type { CustomRow } from './data/rows.ts'
import { makeFixture } from './fixture.ts'
import { LITERALS, rangeOf } from './literal-ranges.ts'
import { dayNumber, startOfDay } from './zones.ts'

const { data, seed } = makeFixture()
const clocks = data.custom('clock')
/** Nothing but these rows, so that queries need no other filter. */
const records = seed.filter((record) => record.fields['Phone__c'] === 'clock')
const day = (row: CustomRow): number => dayNumber(row.Date__c ?? '')
const instant = (row: CustomRow): number => Date.parse(row.Datetime__c ?? '')

let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: MOMENTS.leapDayEvening })
  simulator = await startSimulator({ records: () => records })
  client = await createTestClient(simulator.url)
})
afterAll(async () => {
  await simulator.close()
  vi.useRealTimers()
})

async function names(where: string): Promise<unknown[]> {
  const soql = `SELECT Name FROM Custom_Object__c WHERE ${where} ORDER BY Name`
  const answer = await ask(client, soql)
  return answer.records.map((record) => record['Name'])
}

async function count(where: string): Promise<number> {
  const soql = `SELECT COUNT() FROM Custom_Object__c WHERE ${where}`
  return (await ask(client, soql)).totalSize
}

const namesOf = (rows: readonly CustomRow[]): string[] => rows.map((row) => row.Name)

/** Fiscal years are calendar years here: it is enough to ask for them at one year's end. */
const literalsAt = (moment: string): readonly string[] =>
  LITERALS.filter((literal) => moment === 'newYearMorning' || !literal.includes('FISCAL'))

describe.each(QUESTIONS)('at %s in %s', (moment, zone) => {
  const now = MOMENTS[moment]
  beforeAll(async () => {
    vi.setSystemTime(now)
    const changed = await client.call('PATCH', `/sobjects/User/${USER_ID}`, {
      TimeZoneSidKey: zone,
    })
    expect(changed.status).toBe(204)
  })

  test.each(literalsAt(moment))('%s', async (literal) => {
    const { from, to } = rangeOf(literal, now, zone)
    const begins = startOfDay(zone, from)
    const ends = startOfDay(zone, to)
    // The documents let ranges up to today end at the current second, or with the day: ask for neither.
    const soFar = (row: CustomRow): boolean => instant(row) <= now || instant(row) >= ends
    const asked = `(Datetime__c <= ${new Date(now).toISOString()} OR Datetime__c >= ${new Date(ends).toISOString()})`

    const days = clocks.filter((row) => day(row) >= from && day(row) < to)
    expect(days.length).toBeGreaterThan(0)
    expect(await names(`Date__c = ${literal}`)).toEqual(namesOf(days))

    const isSoFar = /^LAST_(N|90)_DAYS/.test(literal)
    const instants = clocks.filter(
      (row) => instant(row) >= begins && instant(row) < ends && (!isSoFar || soFar(row)),
    )
    expect(instants.length).toBeGreaterThan(0)
    const where = isSoFar ? `Datetime__c = ${literal} AND ${asked}` : `Datetime__c = ${literal}`
    expect(await names(where)).toEqual(namesOf(instants))
  })

  test.each(['TODAY', 'NEXT_N_DAYS:7'])('before, after and beside %s', async (literal) => {
    const { from, to } = rangeOf(literal, now, zone)
    const begins = startOfDay(zone, from)
    const ends = startOfDay(zone, to)
    const sized = (keeps: (row: CustomRow) => boolean): number => clocks.filter(keeps).length

    expect(await count(`Date__c < ${literal}`)).toBe(sized((row) => day(row) < from))
    expect(await count(`Date__c <= ${literal}`)).toBe(sized((row) => day(row) < to))
    expect(await count(`Date__c > ${literal}`)).toBe(sized((row) => day(row) >= to))
    expect(await count(`Date__c >= ${literal}`)).toBe(sized((row) => day(row) >= from))
    expect(await count(`Date__c != ${literal}`)).toBe(
      sized((row) => day(row) < from || day(row) >= to),
    )
    expect(await count(`Datetime__c < ${literal}`)).toBe(sized((row) => instant(row) < begins))
    expect(await count(`Datetime__c <= ${literal}`)).toBe(sized((row) => instant(row) < ends))
    expect(await count(`Datetime__c > ${literal}`)).toBe(sized((row) => instant(row) >= ends))
    expect(await count(`Datetime__c >= ${literal}`)).toBe(sized((row) => instant(row) >= begins))
    expect(await count(`Datetime__c != ${literal}`)).toBe(
      sized((row) => instant(row) < begins || instant(row) >= ends),
    )
  })
})
