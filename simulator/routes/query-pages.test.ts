import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { makeId } from '../ids.ts'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createQueryClient, type QueryClient, testRecord } from '../testing/query-client.ts'
import { errorSchema } from '../testing/test-client.ts'

const account = (n: number): string => makeId('001', n)

function* records() {
  for (let n = 1; n <= 1_000; n += 1) {
    yield testRecord('Account', n, { Name: `A${String(1_000 - n).padStart(4, '0')}` })
  }
  for (let n = 1; n <= 30; n += 1) {
    yield testRecord('Contact', n, { LastName: `C${n}`, AccountId: account(n <= 25 ? 1 : 2) })
  }
}

let simulator: Simulator
let query: QueryClient
beforeEach(async () => {
  simulator = await startSimulator({ records })
  query = await createQueryClient(simulator.url)
})
afterEach(() => simulator.close())

const childrenSchema = z.looseObject({
  records: z.array(z.unknown()),
  nextRecordsUrl: z.string(),
})

const BATCH = { 'sforce-query-options': 'batchSize=200' }

async function locatorRefusal(url: string): Promise<string | undefined> {
  const answer = await query.client.call('GET', url)
  expect(answer.status).toBe(400)
  return errorSchema.parse(await answer.json())[0]?.errorCode
}

describe('pages', () => {
  test('cover each record once and in order, with sizes from 200 to 2,000', async () => {
    const sizes: number[] = []
    const names: unknown[] = []
    let page = await query.answer('SELECT Name FROM Account ORDER BY Name', BATCH)
    for (;;) {
      expect(page.totalSize).toBe(1_000)
      sizes.push(page.records.length)
      names.push(...page.records.map((record) => record['Name']))
      if (page.nextRecordsUrl === undefined) break
      expect(page.nextRecordsUrl).toMatch(/^\/services\/data\/v64\.0\/query\/0r8\w{15}-\d+$/)
      // The client may ask for another size on its way.
      page = await query.follow(page.nextRecordsUrl, {
        'sforce-query-options': `batchSize=${sizes.length === 1 ? 50 : 500}`,
      })
    }
    expect(sizes).toEqual([200, 200, 500, 100])
    expect(names).toEqual(names.toSorted())
    expect(new Set(names).size).toBe(1_000)
    expect(page.done).toBe(true)
  })

  test('stay the same while records come, change and go', async () => {
    const first = await query.answer('SELECT Id, Name FROM Account ORDER BY Name', BATCH)
    const { client } = query
    await client.json('POST', '/sobjects/Account', { Name: 'A0201' })
    await client.call('PATCH', `/sobjects/Account/${account(800)}`, { Name: 'Z' })
    await client.call('DELETE', `/sobjects/Account/${account(799)}`)
    const second = await query.follow(first.nextRecordsUrl ?? '', BATCH)
    expect(second.records).toHaveLength(200)
    // Values are read when the page is: the change shows, and does not move the record.
    expect(second.records.slice(0, 3).map((record) => record['Name'])).toEqual([
      'Z',
      'A0201',
      'A0202',
    ])
    // A page can be read again.
    expect(await query.follow(first.nextRecordsUrl ?? '', BATCH)).toEqual(second)
  })

  test('queryAll is read on as query is, deleted records with it', async () => {
    await query.client.call('DELETE', `/sobjects/Account/${account(700)}`)
    const soql = encodeURIComponent('SELECT Id, IsDeleted FROM Account ORDER BY Id')
    const first = await query.follow(`/queryAll?q=${soql}`, {
      'sforce-query-options': 'batchSize=600',
    })
    expect(first).toMatchObject({ totalSize: 1_000, done: false })
    expect(first.nextRecordsUrl).toContain('/query/')
    const second = await query.follow(first.nextRecordsUrl ?? '')
    expect(second.records[99]).toMatchObject({ Id: account(700), IsDeleted: true })
    expect(
      await query.follow((first.nextRecordsUrl ?? '').replace('/query/', '/queryAll/')),
    ).toEqual(second)
  })

  test('ten queries stay open, the one left alone longest ends first', async () => {
    const urls: string[] = []
    for (let n = 0; n < 10; n += 1) {
      urls.push((await query.answer('SELECT Id FROM Account', BATCH)).nextRecordsUrl ?? '')
    }
    await query.follow(urls[0] ?? '')
    await query.answer('SELECT Id FROM Account', BATCH)
    expect(await locatorRefusal(urls[1] ?? '')).toBe('INVALID_QUERY_LOCATOR')
    expect((await query.follow(urls[0] ?? '')).done).toBe(true)
  })

  test('a reset ends them', async () => {
    const { nextRecordsUrl = '' } = await query.answer('SELECT Id FROM Account', BATCH)
    await query.client.admin('POST', '/reset')
    query = await createQueryClient(simulator.url)
    expect(await locatorRefusal(nextRecordsUrl)).toBe('INVALID_QUERY_LOCATOR')
  })

  test.each(['nothing', '0r8000000000001AAA-200', '-1'])(
    'locator %s is refused',
    async (locator) => {
      expect(await locatorRefusal(`/query/${locator}`)).toBe('INVALID_QUERY_LOCATOR')
    },
  )

  test('rows of child queries count, and long ones have pages of their own', async () => {
    await query.client.admin('PATCH', '/settings', { queryPageSize: 10 })
    const soql =
      "SELECT Name, (SELECT LastName FROM Contacts) FROM Account WHERE Name > 'A0990' ORDER BY Id"
    const first = await query.answer(soql)
    expect(first).toMatchObject({ totalSize: 9, done: false })
    expect(first.records).toHaveLength(1)
    const contacts = childrenSchema.parse(first.records[0]?.['Contacts'])
    expect(contacts).toMatchObject({ totalSize: 25, done: false })
    const names = [...contacts.records]
    let url: string | undefined = contacts.nextRecordsUrl
    while (url !== undefined) {
      const page = await query.follow(url)
      names.push(...page.records)
      url = page.nextRecordsUrl
    }
    expect(names).toHaveLength(25)
    const second = await query.follow(first.nextRecordsUrl ?? '')
    expect(second.records[0]).toMatchObject({ Contacts: { totalSize: 5, done: true } })
    expect(second.records.length).toBeGreaterThan(1)
  })
})
