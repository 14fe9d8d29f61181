import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ConnectedClient, connectClient } from './connected-client.ts'
import { json } from './scripted-org.ts'

const DELETED = 'GET /services/data/v67.0/sobjects/Lead/deleted/'
const SPAN = { start: new Date('2026-11-26T09:00:00Z'), end: new Date('2026-11-26T10:00:00Z') }

let connected: ConnectedClient
beforeEach(async () => {
  connected = await connectClient()
})
afterEach(() => connected.close())

test('deleted records come with their times, and with how far the org knows', async () => {
  const { org, client } = connected
  org.route(
    DELETED,
    json(200, {
      deletedRecords: [{ id: '00Q1', deletedDate: '2026-11-26T09:30:00.000+0000' }],
      earliestDateAvailable: '2026-11-11T00:00:00.000+0000',
      latestDateCovered: '2026-11-26T10:59:00.000+0100',
    }),
  )
  expect(await client.replication.deleted('Lead', SPAN)).toEqual({
    records: [{ id: '00Q1', deletedAt: new Date('2026-11-26T09:30:00Z') }],
    earliestAvailable: new Date('2026-11-11T00:00:00Z'),
    covered: new Date('2026-11-26T09:59:00Z'),
  })
  expect(org.requests.at(-1)?.url).toBe(
    '/services/data/v67.0/sobjects/Lead/deleted/?start=2026-11-26T09%3A00%3A00.000Z&end=2026-11-26T10%3A00%3A00.000Z',
  )
})

test('a time that is none is an answer that cannot be read', async () => {
  const { org, client } = connected
  org.route(
    DELETED,
    json(200, { deletedRecords: [], earliestDateAvailable: 'soon', latestDateCovered: 'later' }),
  )
  await expect(client.replication.deleted('Lead', SPAN)).rejects.toMatchObject({
    kind: 'invalid_answer',
  })
})
