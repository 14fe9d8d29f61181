import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  simulator = await startSimulator()
  client = await createTestClient(simulator.url)
})
afterAll(() => simulator.close())

const createdSchema = z.object({ id: z.string(), success: z.literal(true), errors: z.tuple([]) })

async function create(object: string, fields: object): Promise<string> {
  const answer = await client.call('POST', `/sobjects/${object}`, fields)
  expect(answer.status).toBe(201)
  return createdSchema.parse(await answer.json()).id
}

/** Status and body of a call. */
async function answerOf(call: Promise<Response>): Promise<[status: number, body: unknown]> {
  const answer = await call
  const text = await answer.text()
  return [answer.status, text === '' ? null : JSON.parse(text)]
}

describe('one record', () => {
  test('is made, read, changed and deleted', async () => {
    const made = await client.call('POST', '/sobjects/account/', { name: 'One', Phone: ' 1 ' })
    expect(made.status).toBe(201)
    expect(made.headers.get('content-type')).toBe('application/json;charset=UTF-8')
    const { id } = createdSchema.parse(await made.json())
    expect(made.headers.get('location')).toBe(`/services/data/v64.0/sobjects/Account/${id}`)

    const short = id.slice(0, 15)
    expect(await client.json('GET', `/sobjects/Account/${short}`)).toMatchObject({
      attributes: { type: 'Account', url: `/services/data/v64.0/sobjects/Account/${id}` },
      Id: id,
      Name: 'One',
      Phone: '1',
      Fax: null,
      IsDeleted: false,
      CreatedDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/),
    })

    const changed = await client.call('PATCH', `/sobjects/Account/${id}`, { Name: 'Two' })
    expect([changed.status, await changed.text()]).toEqual([204, ''])
    expect(await client.json('GET', `/sobjects/Account/${id}?fields=Name`)).toEqual({
      attributes: { type: 'Account', url: `/services/data/v64.0/sobjects/Account/${id}` },
      Name: 'Two',
    })

    const deleted = await client.call('DELETE', `/sobjects/Account/${id}`)
    expect([deleted.status, await deleted.text()]).toEqual([204, ''])
    expect(await answerOf(client.call('GET', `/sobjects/Account/${id}`))).toEqual([
      404,
      [{ errorCode: 'ENTITY_IS_DELETED', message: 'entity is deleted', fields: [] }],
    ])
  })

  test('is not found by what is no id of it', async () => {
    const contact = await create('Contact', { LastName: 'C' })
    const missing = { errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }
    expect(await answerOf(client.call('GET', `/sobjects/Account/${contact}`))).toEqual([
      404,
      [missing],
    ])
    expect(await answerOf(client.call('GET', '/sobjects/Account/001fK0000000zzz'))).toEqual([
      404,
      [missing],
    ])
    expect(await answerOf(client.call('PATCH', '/sobjects/Account/nope', {}))).toEqual([
      404,
      [
        {
          errorCode: 'NOT_FOUND',
          message: 'Provided external ID field does not exist or is not accessible: nope',
        },
      ],
    ])
    expect(await answerOf(client.call('POST', '/sobjects/Nope__c', {}))).toEqual([404, [missing]])
  })

  test('shows fields of its parents', async () => {
    const AccountId = await create('Account', { Name: 'Parent' })
    const id = await create('Contact', { LastName: 'C', AccountId })
    const path = `/sobjects/Contact/${id}`
    expect(
      await client.json('GET', `${path}?fields=LastName,Account.Name,account.Owner.Alias`),
    ).toMatchObject({
      LastName: 'C',
      Account: { attributes: { type: 'Account' }, Name: 'Parent', Owner: { Alias: 'admin' } },
    })
    const alone = await create('Contact', { LastName: 'C' })
    expect(
      await client.json('GET', `/sobjects/Contact/${alone}?fields=Account.Name`),
    ).toMatchObject({ Account: null })
    for (const wrong of ['Nope', 'Account.Nope', 'Account', 'Nope.Name']) {
      expect(
        await answerOf(client.call('GET', `/sobjects/Contact/${alone}?fields=${wrong}`)),
      ).toEqual([400, [expect.objectContaining({ errorCode: 'INVALID_FIELD' })]])
    }
  })

  test('is what its object lists as recent', async () => {
    const older = await create('Lead', { LastName: 'Older', Company: 'X' })
    const newer = await create('Lead', { LastName: 'Newer', Company: 'X' })
    expect(await client.json('GET', '/sobjects/Lead')).toMatchObject({
      objectDescribe: { name: 'Lead', keyPrefix: '00Q' },
      recentItems: [
        { attributes: { type: 'Lead' }, Id: newer, Name: 'Newer' },
        { Id: older, Name: 'Older' },
      ],
    })
    expect(await client.json('GET', '/recent?limit=1')).toMatchObject([{ Id: newer }])
    const all = z.array(z.object({ attributes: z.object({ type: z.string() }) }))
    const types = all
      .parse(await client.json('GET', '/recent'))
      .map(({ attributes }) => attributes.type)
    expect(types).not.toContain('OpportunityStage')
    const viewed = `/query?q=SELECT+Id+FROM+Lead+WHERE+Id='${older}'+FOR+VIEW`
    expect((await client.call('GET', viewed)).status).toBe(200)
    expect(await client.json('GET', '/recent?limit=2')).toMatchObject([
      { Id: older },
      { Id: newer },
    ])
  })
})
