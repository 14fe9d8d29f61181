import { beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { usePushFixture } from '../testing/push-fixture.ts'
import { OK } from '../testing/push-receiver.ts'

const SECRET = 's3cret & more'
const fixture = usePushFixture({})
beforeEach(() => fixture.receiver.answer(OK))

const subscribe = (webhook: object = {}): Promise<number> =>
  fixture.subscribe('/webhooks', {
    url: `${fixture.receiver.url}/webhooks/salesforce`,
    secret: SECRET,
    ...webhook,
  })

const bodySchema = z.looseObject({
  event_type: z.string(),
  object: z.string(),
  ids: z.array(z.string()),
  changeType: z.string(),
  changedFields: z.array(z.string()),
})
const bodies = () => fixture.receiver.received.map(({ body }) => bodySchema.parse(JSON.parse(body)))

const outcomes = async () => (await fixture.pushes()).pushes

describe('the callout', () => {
  test('tells object, ids, kind and changed fields of each kind of change', async () => {
    await subscribe()
    const id = await fixture.create('Contact', { LastName: 'Ö', Email: 'o@example.com' })
    await fixture.flush()
    await fixture.client.json('PATCH', `/sobjects/Contact/${id}`, {
      LastName: 'P',
      Email: 'o@example.com',
    })
    await fixture.flush()
    await fixture.client.json('DELETE', `/sobjects/Contact/${id}`)
    await fixture.flush()
    await fixture.client.admin('POST', `/recycle-bin/${id}/undelete`)
    await fixture.flush()
    expect(fixture.receiver.received[0]?.path).toBe('/webhooks/salesforce')
    expect(fixture.receiver.received[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^SFDC-Callout\/\d+\.0$/),
    })
    const common = { object: 'Contact', ids: [id] }
    expect(bodies()).toMatchObject([
      { ...common, event_type: 'Contact.created', changeType: 'CREATE', changedFields: [] },
      { ...common, event_type: 'Contact.updated', changeType: 'UPDATE' },
      { ...common, event_type: 'Contact.deleted', changeType: 'DELETE', changedFields: [] },
      { ...common, event_type: 'Contact.undeleted', changeType: 'UNDELETE', changedFields: [] },
    ])
    expect(bodies()[1]?.changedFields.toSorted()).toEqual(['LastName', 'Name'])
  })

  test('goes only where its object and event are wanted', async () => {
    await subscribe({ objects: ['lead'], events: ['deleted'] })
    await fixture.create('Account', { Name: 'A' })
    const id = await fixture.create('Lead', { LastName: 'L', Company: 'C' })
    await fixture.client.json('DELETE', `/sobjects/Lead/${id}`)
    await fixture.flush()
    expect(bodies().map((body) => body.event_type)).toEqual(['Lead.deleted'])
  })

  test('comes of bulk rows, in chunks of a trigger and batches of the author', async () => {
    await subscribe({ batchIds: 150 })
    const csv = `Name\n${Array.from({ length: 450 }, (_, index) => `Row ${index}`).join('\n')}\n`
    const info = await fixture.client.run({ object: 'Account', operation: 'insert' }, csv)
    await fixture.flush()
    const sizes = bodies().map((body) => body.ids.length)
    expect(sizes.toSorted((a, b) => a - b)).toEqual([50, 50, 50, 150, 150])
    const saved = await fixture.client.results(info.id, 'successfulResults')
    const ids = bodies().flatMap((body) => body.ids)
    expect(ids.toSorted()).toEqual(saved.map((row) => row['sf__Id']).toSorted())
  })

  test('comes of collections and of what goes with a parent', async () => {
    await subscribe()
    const account = await fixture.create('Account', { Name: 'A' })
    const records = ['B', 'C'].map((name) => ({
      attributes: { type: 'Contact' },
      LastName: name,
      AccountId: account,
    }))
    await fixture.client.json('POST', '/composite/sobjects', { records })
    await fixture.flush()
    await fixture.client.json('DELETE', `/sobjects/Account/${account}`)
    await fixture.flush()
    const told = bodies().map((body) => `${body.event_type} ${body.ids.length}`)
    expect(told.slice(0, 2)).toEqual(['Account.created 1', 'Contact.created 2'])
    expect(told.slice(2).toSorted()).toEqual(['Account.deleted 1', 'Contact.deleted 2'])
  })

  test('is not made for what was refused', async () => {
    await subscribe()
    await fixture.client.run(
      { object: 'Contact', operation: 'insert' },
      'LastName,FirstName\nA,B\n,C\n',
    )
    await fixture.flush()
    expect(bodies().map((body) => body.ids.length)).toEqual([1])
  })

  test('a transaction makes 100 of them, the rest is refused by the platform', async () => {
    await subscribe({ batchIds: 1 })
    const csv = `Name\n${Array.from({ length: 150 }, (_, index) => `Row ${index}`).join('\n')}\n`
    await fixture.client.run({ object: 'Account', operation: 'insert' }, csv)
    await fixture.flush()
    expect(fixture.receiver.received).toHaveLength(100)
    const refused = (await outcomes()).filter((push) => push.outcome === 'refused')
    expect(refused).toHaveLength(50)
    expect(refused[0]?.error).toBe('System.LimitException: Too many callouts: 101')
  })
})
