import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ADMIN } from '../org.ts'
import { createTestOrg, type TestOrg } from '../testing/test-org.ts'

const MINUTE = 60_000
const DAY = 86_400_000

let org: TestOrg
/** The start of the minute of two minutes ago. */
let then: number
const ids: string[] = []
beforeAll(async () => {
  org = await createTestOrg()
  then = Math.floor(Date.now() / MINUTE - 2) * MINUTE
  const { schema, store, write, writer } = org.org
  const account = schema.object('Account')
  if (account === null) throw new Error('the schema has no Account')
  await write(() => {
    for (const at of [then - 1, then, then + MINUTE - 1, then + MINUTE]) {
      ids.push(store.insert(account, { Name: 'x' }, { at, by: ADMIN }))
    }
    for (const at of [then + 1_000, then + MINUTE]) {
      const id = store.insert(account, { Name: 'gone' }, { at: then - DAY, by: ADMIN })
      ids.push(id)
      writer.delete(account, id, false, { stamp: { at, by: ADMIN }, source: 'rest' })
    }
  })
})
afterAll(() => org.close())

const text = (at: number): string => new Date(at).toISOString().replace('.000Z', '+00:00')

async function answer(what: string, start: string | number, end: string | number) {
  const shown = (moment: string | number) =>
    encodeURIComponent(typeof moment === 'string' ? moment : text(moment))
  return org.call('GET', `/sobjects/Account/${what}/?start=${shown(start)}&end=${shown(end)}`)
}

describe('replication', () => {
  test('what was changed, from the start up to the end', async () => {
    expect(await (await answer('updated', then, then + MINUTE)).json()).toEqual({
      ids: [ids[1], ids[2]],
      latestDateCovered: text(then + MINUTE).replace('+00:00', '.000+0000'),
    })
  })

  test('what was deleted', async () => {
    expect(await (await answer('deleted', then, then + MINUTE)).json()).toEqual({
      deletedRecords: [
        { id: ids[4], deletedDate: text(then + 1_000).replace('+00:00', '.000+0000') },
      ],
      earliestDateAvailable: expect.stringMatching(/^\d{4}-.*\+0000$/),
      latestDateCovered: expect.stringMatching(/^\d{4}-.*\+0000$/),
    })
  })

  test('seconds do not count, and a plus sign may have become a blank', async () => {
    const late = text(then + 59_000).replace('+', ' ')
    const found = await (await answer('updated', late, then + MINUTE)).json()
    expect(z.object({ ids: z.array(z.string()) }).parse(found).ids).toEqual([ids[1], ids[2]])
  })

  test('nothing is covered that is still to come', async () => {
    const { latestDateCovered } = z
      .object({ latestDateCovered: z.string() })
      .parse(await (await answer('updated', then, then + DAY)).json())
    expect(Date.parse(latestDateCovered)).toBeLessThanOrEqual(Date.now())
  })

  test.each<[string, () => readonly [string | number, string | number]]>([
    ['end before start', () => [then, then - MINUTE]],
    ['no span', () => [then, then]],
    ['more than 30 days ago', () => [then - 31 * DAY, then]],
    ['the future', () => [then + DAY, then + 2 * DAY]],
    ['no date', () => ['yesterday', 'today']],
  ])('%s is refused', async (_, span) => {
    const refused = await answer('deleted', ...span())
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject([{ errorCode: 'INVALID_REPLICATION_DATE' }])
  })

  test('both ends are needed', async () => {
    const refused = await org.call('GET', '/sobjects/Account/updated?start=2026-01-01')
    expect(refused.status).toBe(400)
  })
})
