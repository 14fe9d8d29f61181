import { sql } from 'slonik'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { row } from '../../db/row-type.ts'
import { ORG_ID } from '../../simulator/org.ts'
import { usePushFixture } from '../../simulator/testing/push-fixture.ts'
import { postJson, startTestApi, type TestApi } from '../api/test-api.ts'
import { TEST_SECRET } from './sign-webhook.ts'
import { forgetEvents, storedEvents } from './stored-events.ts'

const org = usePushFixture({
  outboundWindowMs: 20,
  outboundRetryFirstMs: 30,
  outboundRetryMaxMs: 60,
})
let api: TestApi
let outboundUrl: string
beforeAll(async () => {
  api = await startTestApi()
  await api.pool.query(sql.type(row<never>())`
    update connections set organization_id = ${ORG_ID} where connection_id = 'default'`)
  const issued = await postJson(`${api.url}/v1/connections/default/outbound-message-path`, {})
  outboundUrl = api.url + z.object({ path: z.string() }).parse(await issued.json()).path
})
afterAll(() => api.stop())
beforeEach(() => forgetEvents(api.pool))

async function changes() {
  const events = await storedEvents(api.pool)
  return events.map(({ event_type, object_id }) => [event_type, object_id])
}

describe('outbound messages of an org', () => {
  test('are stored, also those that come twice, and all are acknowledged', async () => {
    await org.client.admin('PATCH', '/settings', {
      outboundDuplicateRate: 1,
      outboundShuffle: true,
    })
    const fields = ['Name', 'CreatedDate', 'LastModifiedDate']
    const endpoint = { name: 'Out', object: 'Account', endpointUrl: outboundUrl, fields }
    await org.subscribe('/outbound-messages', { ...endpoint, includeSessionId: true })
    const ids: string[] = []
    for (let n = 0; n < 5; n += 1) ids.push(await org.create('Account', { Name: `A & <${n}>` }))
    await org.flush()
    const { waiting, counts } = await org.pushes()
    expect({ waiting, kinds: Object.keys(counts) }).toEqual({ waiting: 0, kinds: ['delivered'] })
    expect((await changes()).sort()).toEqual(ids.map((id) => ['Account.created', id]).sort())
  })

  test('come again where nothing could be stored', async () => {
    await org.subscribe('/outbound-messages', {
      name: 'Out',
      object: 'Lead',
      endpointUrl: outboundUrl,
    })
    await api.pool.query(sql.type(row<never>())`
      alter table webhook_event_queue rename to webhook_event_queue_away`)
    let id = ''
    try {
      id = await org.create('Lead', { LastName: 'Lovelace', Company: 'Analytical' })
      await expect.poll(async () => (await org.pushes()).pushes.length).toBeGreaterThan(1)
    } finally {
      await api.pool.query(sql.type(row<never>())`
        alter table webhook_event_queue_away rename to webhook_event_queue`)
    }
    await org.flush()
    expect(await changes()).toEqual([['Lead.updated', id]])
  })
})

describe('signed webhooks of an org', () => {
  test.each([
    ['raw', 'base64'],
    ['sorted', 'hex'],
    ['python', 'base64'],
  ])('in the form %s and in %s are stored', async (form, encoding) => {
    await org.subscribe('/webhooks', {
      ...{ url: `${api.url}/webhooks/salesforce`, secret: TEST_SECRET, form, encoding },
      ...{ objects: ['Account'], fields: ['Name'] },
    })
    const id = await org.create('Account', { Name: 'Süß "x" / 😀' })
    await org.client.json('PATCH', `/sobjects/Account/${id}`, { Name: 'y' })
    await org.client.json('DELETE', `/sobjects/Account/${id}`)
    await org.flush()
    expect((await org.pushes()).counts).toEqual({ delivered: 3 })
    const types = (await changes()).map(([type]) => type)
    expect(types.sort()).toEqual(['Account.created', 'Account.deleted', 'Account.updated'])
  })

  test('with a wrong signature or an old timestamp are not', async () => {
    await org.subscribe('/webhooks', { url: `${api.url}/webhooks/salesforce`, secret: TEST_SECRET })
    await org.client.admin('POST', '/faults', {
      match: { call: 'push.webhook' },
      times: 1,
      action: { type: 'push_wrong_signature' },
    })
    await org.create('Account', { Name: 'A' })
    await org.flush()
    await org.client.admin('POST', '/faults', {
      match: { call: 'push.webhook' },
      times: 1,
      action: { type: 'push_old_timestamp', seconds: 3_600 },
    })
    await org.create('Account', { Name: 'B' })
    await org.flush()
    expect((await org.pushes()).pushes.map(({ error }) => error)).toEqual([
      'status 401',
      'status 401',
    ])
    expect(await changes()).toEqual([])
  })
})
