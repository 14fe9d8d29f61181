import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ConnectedClient, connectClient } from './connected-client.ts'
import { cutAfterBody, json, SESSION_EXPIRED, silence, text } from './scripted-org.ts'

const ID = '7505e00000AbCdEAAV'
const ROOT = '/services/data/v67.0/jobs/ingest'
const CONTENT_URL = `services/data/v67.0/jobs/ingest/${ID}/batches`
const created = {
  id: ID,
  operation: 'insert',
  object: 'Account',
  createdById: '0055e000003XyZaAAK',
  createdDate: '2026-11-25T02:15:26.000+0000',
  systemModstamp: '2026-11-25T02:15:26.000+0000',
  state: 'Open',
  concurrencyMode: 'Parallel',
  contentType: 'CSV',
  apiVersion: 67.0,
  contentUrl: CONTENT_URL,
  lineEnding: 'LF',
  columnDelimiter: 'COMMA',
}

let connected: ConnectedClient
beforeEach(async () => {
  connected = await connectClient()
})
afterEach(() => connected.close())

test('a job is created with LF, COMMA and CSV', async () => {
  const { org, client } = connected
  org.route(`POST ${ROOT}`, json(200, { ...created, operation: 'hardDelete' }))
  expect(
    await client.ingest.create({
      object: 'Account',
      operation: 'hard_delete',
      externalIdField: null,
    }),
  ).toEqual({
    id: ID,
    state: 'Open',
    object: 'Account',
    operation: 'hard_delete',
    contentUrl: CONTENT_URL,
    recordsProcessed: 0,
    recordsFailed: 0,
    errorMessage: null,
    createdDate: created.createdDate,
  })
  expect(JSON.parse(org.requests.at(-1)?.body ?? '')).toEqual({
    object: 'Account',
    operation: 'hardDelete',
    contentType: 'CSV',
    lineEnding: 'LF',
    columnDelimiter: 'COMMA',
  })
  await client.ingest.create({ object: 'A', operation: 'upsert', externalIdField: 'Key__c' })
  expect(JSON.parse(org.requests.at(-1)?.body ?? '')).toMatchObject({
    externalIdFieldName: 'Key__c',
  })
})

test.each([
  ['cut after the body', () => cutAfterBody(), { kind: 'no_answer', effect: 'unknown' }],
  [
    '503',
    () => json(503, [{ errorCode: 'SERVER_UNAVAILABLE', message: '' }]),
    { kind: 'unavailable', effect: 'unknown' },
  ],
  ['a page', () => text(200, '<html>'), { kind: 'invalid_answer', effect: 'unknown' }],
  ['429', () => text(429, ''), { kind: 'rate_limited', effect: 'none' }],
])('a create or close whose answer is lost (%s) is sent once', async (_name, answer, expected) => {
  const { org, client } = connected
  org.route(`POST ${ROOT}`, answer())
  org.route(`PATCH ${ROOT}/${ID}`, answer())
  const spec = { object: 'Account', operation: 'insert', externalIdField: null } as const
  await expect(client.ingest.create(spec)).rejects.toMatchObject(expected)
  await expect(client.ingest.close(ID)).rejects.toMatchObject(expected)
  expect(org.count(`POST ${ROOT}`)).toBe(1)
  expect(org.count(`PATCH ${ROOT}/${ID}`)).toBe(1)
})

test('a silent close ends in no_answer', async () => {
  const quick = await connectClient(150)
  quick.org.route(`PATCH ${ROOT}/${ID}`, silence())
  await expect(quick.client.ingest.close(ID)).rejects.toMatchObject({
    kind: 'no_answer',
    effect: 'unknown',
  })
  expect(quick.org.count(`PATCH ${ROOT}/${ID}`)).toBe(1)
  await quick.close()
})

test('a create or close that met a 401 is sent again with a new session', async () => {
  const { org, client } = connected
  org.route(
    `PATCH ${ROOT}/${ID}`,
    SESSION_EXPIRED,
    json(200, { ...created, state: 'UploadComplete' }),
  )
  expect((await client.ingest.close(ID)).state).toBe('UploadComplete')
  expect(org.requests.at(-1)).toMatchObject({ body: '{"state":"UploadComplete"}' })
  expect(org.requests.at(-1)?.headers.authorization).toBe('Bearer t2')
})

test('get tells the counts, and that a job is gone', async () => {
  const { org, client } = connected
  org.route(
    `GET ${ROOT}/${ID}`,
    json(200, {
      ...created,
      state: 'Failed',
      numberRecordsProcessed: 12,
      numberRecordsFailed: 3,
      errorMessage: 'InvalidBatch : Field name not found : F',
    }),
  )
  expect(await client.ingest.get(ID)).toMatchObject({
    state: 'Failed',
    recordsProcessed: 12,
    recordsFailed: 3,
    errorMessage: 'InvalidBatch : Field name not found : F',
  })
  await expect(client.ingest.get('7505e00000ZZZZZ')).rejects.toMatchObject({
    kind: 'not_found',
    retry: 'never',
  })
})

test('an abort that comes too late is invalid_state', async () => {
  const { org, client } = connected
  org.route(
    `PATCH ${ROOT}/${ID}`,
    json(400, [
      { errorCode: 'INVALIDJOBSTATE', message: 'Aborting already Completed Job not allowed' },
    ]),
  )
  await expect(client.ingest.abort(ID)).rejects.toMatchObject({
    kind: 'invalid_state',
    effect: 'none',
  })
})

test('delete takes an empty answer', async () => {
  const { org, client } = connected
  org.route(`DELETE ${ROOT}/${ID}`, (response) => void response.writeHead(204).end())
  await client.ingest.delete(ID)
  expect(org.count(`DELETE ${ROOT}/${ID}`)).toBe(1)
})

test('the list goes on by its locator', async () => {
  const { org, client } = connected
  const { contentUrl: _absent, ...listed } = created
  org.route(
    `GET ${ROOT}`,
    json(200, {
      done: false,
      records: [listed],
      nextRecordsUrl: `${ROOT}?queryLocator=01gAB%2B`,
    }),
    json(200, { done: true, records: [], nextRecordsUrl: null }),
  )
  const first = await client.ingest.list()
  expect(first.nextLocator).toBe('01gAB+')
  expect(first.jobs).toMatchObject([{ id: ID, contentUrl: `/${CONTENT_URL}` }])
  expect(await client.ingest.list({ queryLocator: '01gAB+' })).toEqual({
    jobs: [],
    nextLocator: null,
  })
  expect(org.requests.at(-1)?.url).toBe(`${ROOT}?jobType=V2Ingest&queryLocator=01gAB%2B`)
})
