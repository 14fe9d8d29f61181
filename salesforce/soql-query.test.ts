import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ConnectedClient, connectClient } from './connected-client.ts'
import { json, text } from './scripted-org.ts'

const QUERY = 'GET /services/data/v67.0/query'

let connected: ConnectedClient
beforeEach(async () => {
  connected = await connectClient()
})
afterEach(() => connected.close())

const page = (done: boolean, ids: string[], nextRecordsUrl?: string) =>
  json(200, {
    totalSize: 3,
    done,
    ...(nextRecordsUrl ? { nextRecordsUrl } : {}),
    records: ids.map((Id) => ({ attributes: { type: 'Account' }, Id })),
  })

test('pages are fetched as they are asked for', async () => {
  const { org, client } = connected
  const next = '/services/data/v67.0/query/01gxx-2000'
  org.route(QUERY, page(false, ['a', 'b'], next))
  org.route(`GET ${next}`, page(true, ['c']))
  const ids: unknown[] = []
  for await (const { records, totalSize } of client.query('SELECT Id FROM Account')) {
    expect(totalSize).toBe(3)
    if (ids.length === 0) expect(org.count(`GET ${next}`)).toBe(0)
    ids.push(...records.map((record) => record['Id']))
  }
  expect(ids).toEqual(['a', 'b', 'c'])
  expect(org.requests[1]?.url).toBe('/services/data/v67.0/query?q=SELECT+Id+FROM+Account')
})

test('a next page on another host gets no token', async () => {
  const { org, client } = connected
  const other = await connectClient()
  org.route(QUERY, page(false, ['a'], `${other.org.url}/services/data/v67.0/query/01g`))
  await expect(Array.fromAsync(client.query('SELECT Id FROM Account'))).rejects.toMatchObject({
    kind: 'invalid_answer',
  })
  expect(other.org.requests).toEqual([])
  await other.close()
})

test('more to come without an address is an error, not the end', async () => {
  const { org, client } = connected
  org.route(QUERY, page(false, ['a']))
  await expect(Array.fromAsync(client.query('SELECT Id FROM Account'))).rejects.toMatchObject({
    kind: 'invalid_answer',
  })
})

test('a number beyond a double keeps its digits', async () => {
  const { org, client } = connected
  org.route(QUERY, text(200, '{"totalSize":1,"done":true,"records":[{"N__c":123456789012345678}]}'))
  const [first] = await Array.fromAsync(client.query('SELECT N__c FROM A'))
  expect(first?.records).toEqual([{ N__c: '123456789012345678' }])
})
