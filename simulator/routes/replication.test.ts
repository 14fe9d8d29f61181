import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { makeId } from '../ids.ts'
import { ADMIN } from '../org.ts'
import type { SeedRecord } from '../seed/seed-record.ts'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

const MINUTE = 60_000
const DAY = 86_400_000

/** The start of the minute of three minutes ago, and that of two minutes later. */
const then = Math.floor(Date.now() / MINUTE - 3) * MINUTE
const end = then + 2 * MINUTE
const ids = [1, 2, 3, 4, 5, 6, 7].map((n) => makeId('001', n))

function* records(): Generator<SeedRecord> {
  const common = { object: 'Account', fields: { Name: 'x' }, createdBy: ADMIN }
  for (const [index, at] of [then - 1, then, end - 1, end].entries()) {
    yield { ...common, n: index + 1, created: at, modified: at }
  }
  for (const [index, at] of [then + 1_000, end, then - 20 * DAY].entries()) {
    yield { ...common, n: index + 5, created: then - 40 * DAY, modified: at, deleted: true }
  }
}

let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  simulator = await startSimulator({ records })
  client = await createTestClient(simulator.url)
})
afterAll(() => simulator.close())

const text = (at: number): string => new Date(at).toISOString().replace('.000Z', '+00:00')

async function answer(what: string, from: string | number, to: string | number) {
  const shown = (moment: string | number) =>
    encodeURIComponent(typeof moment === 'string' ? moment : text(moment))
  return client.call('GET', `/sobjects/Account/${what}/?start=${shown(from)}&end=${shown(to)}`)
}

describe('replication', () => {
  test('what was changed, from the start up to the end', async () => {
    expect(await (await answer('updated', then, end)).json()).toEqual({
      ids: [ids[1], ids[2]],
      latestDateCovered: text(end).replace('+00:00', '.000+0000'),
    })
  })

  test('what was deleted', async () => {
    expect(await (await answer('deleted', then, end)).json()).toEqual({
      deletedRecords: [
        { id: ids[4], deletedDate: text(then + 1_000).replace('+00:00', '.000+0000') },
      ],
      earliestDateAvailable: expect.stringMatching(/^\d{4}-.*\+0000$/),
      latestDateCovered: expect.stringMatching(/^\d{4}-.*\+0000$/),
    })
  })

  test('of deleted records the org tells for 15 days, of changed ones for 30', async () => {
    const schema = z.object({ deletedRecords: z.array(z.object({ id: z.string() })) })
    const found = await (await answer('deleted', then - 29 * DAY, then + DAY)).json()
    expect(schema.parse(found).deletedRecords).toEqual([{ id: ids[4] }, { id: ids[5] }])
  })

  test('seconds do not count, and a plus sign may have become a blank', async () => {
    const late = text(then + 59_000).replace('+', ' ')
    const found = await (await answer('updated', late, end)).json()
    expect(z.object({ ids: z.array(z.string()) }).parse(found).ids).toEqual([ids[1], ids[2]])
  })

  test('nothing is covered that is still to come', async () => {
    const { latestDateCovered } = z
      .object({ latestDateCovered: z.string() })
      .parse(await (await answer('updated', then, then + DAY)).json())
    expect(Date.parse(latestDateCovered)).toBeLessThanOrEqual(Date.now())
  })

  test('a span of one minute is enough', async () => {
    expect((await answer('updated', then, then + MINUTE)).status).toBe(200)
  })

  test.each<[string, () => readonly [string | number, string | number]]>([
    ['end before start', () => [then, then - MINUTE]],
    ['a span of less than a minute', () => [then, then + MINUTE - 1_000]],
    ['more than 30 days ago', () => [then - 31 * DAY, then]],
    ['the future', () => [then + DAY, then + 2 * DAY]],
    ['no date', () => ['yesterday', 'today']],
  ])('%s is refused', async (_, span) => {
    const refused = await answer('deleted', ...span())
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject([{ errorCode: 'INVALID_REPLICATION_DATE' }])
  })

  test('both ends are needed', async () => {
    const refused = await client.call('GET', '/sobjects/Account/updated?start=2026-01-01')
    expect(refused.status).toBe(400)
  })
})
