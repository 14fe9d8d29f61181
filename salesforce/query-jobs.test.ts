import { text as readText } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ConnectedClient, connectClient } from './connected-client.ts'
import { json, text } from './scripted-org.ts'

const ID = '7505e00000AbCdEAAV'
const ROOT = '/services/data/v67.0/jobs/query'
const answer = {
  id: ID,
  operation: 'query',
  object: 'Account',
  createdDate: '2026-11-25T02:15:26.000+0000',
  state: 'UploadComplete',
  jobType: 'V2Query',
}

let connected: ConnectedClient
beforeEach(async () => {
  connected = await connectClient()
})
afterEach(() => connected.close())

test('a query job is created, looked at, aborted and deleted', async () => {
  const { org, client } = connected
  org.route(`POST ${ROOT}`, json(200, answer))
  org.route(
    `GET ${ROOT}/${ID}`,
    json(200, { ...answer, state: 'JobComplete', numberRecordsProcessed: 7 }),
  )
  org.route(`PATCH ${ROOT}/${ID}`, json(200, { ...answer, state: 'Aborted' }))
  org.route(`DELETE ${ROOT}/${ID}`, text(204, ''))
  expect(
    await client.queries.create({ soql: 'SELECT Id FROM Account', includeDeleted: true }),
  ).toEqual({
    id: ID,
    state: 'UploadComplete',
    object: 'Account',
    recordsProcessed: 0,
    errorMessage: null,
    createdDate: answer.createdDate,
  })
  expect(JSON.parse(org.requests.at(-1)?.body ?? '')).toMatchObject({
    operation: 'queryAll',
    query: 'SELECT Id FROM Account',
  })
  expect(await client.queries.get(ID)).toMatchObject({ state: 'JobComplete', recordsProcessed: 7 })
  expect(await client.queries.abort(ID)).toMatchObject({ state: 'Aborted' })
  await client.queries.delete(ID)
  expect(org.count(`DELETE ${ROOT}/${ID}`)).toBe(1)
})

test('pages follow the locator to the word null', async () => {
  const { org, client } = connected
  const page = (locator: string) =>
    text(200, '"Id"\n"001"\n', {
      'content-type': 'text/csv',
      'sforce-locator': locator,
      'sforce-numberofrecords': '1',
    })
  org.route(`GET ${ROOT}/${ID}/results`, page('MTAw'), page('null'))
  const first = await client.queries.results(ID, { maxRecords: 1 })
  expect(await readText(first.stream)).toBe('"Id"\n"001"\n')
  expect(first).toMatchObject({ locator: 'MTAw', numberOfRecords: 1 })
  const last = await client.queries.results(ID, { locator: first.locator, maxRecords: 1 })
  expect(await readText(last.stream)).toBe('"Id"\n"001"\n')
  expect(last.locator).toBeNull()
  expect(org.requests.at(-1)?.url).toBe(`${ROOT}/${ID}/results?locator=MTAw&maxRecords=1`)
})
