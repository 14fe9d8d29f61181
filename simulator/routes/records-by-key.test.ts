import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  const fields = [
    { type: 'text' as const, name: 'Number', externalId: true },
    { type: 'number' as const, name: 'Code', externalId: true, unique: true },
    { type: 'text' as const, name: 'Exact', externalId: true, unique: true, caseSensitive: true },
  ]
  simulator = await startSimulator({ schema: { objects: [{ name: 'Part', fields }] } })
  client = await createTestClient(simulator.url)
})
afterAll(() => simulator.close())

async function answerOf(method: string, path: string, body?: unknown) {
  const answer = await client.call(method, path, body)
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? null : JSON.parse(text) }
}

const PATH = '/sobjects/Account/External_Id__c'

describe('an upsert', () => {
  test('makes what is not there, and changes what is', async () => {
    const made = await answerOf('PATCH', `${PATH}/Key%2F1`, { Name: 'New' })
    expect(made).toEqual({
      status: 201,
      body: { id: expect.stringMatching(/^001/), success: true, errors: [], created: true },
    })
    const found = await answerOf('PATCH', `${PATH}/kEY%2F1/`, { Name: 'Changed' })
    expect(found).toEqual({
      status: 200,
      body: { id: made.body.id, success: true, errors: [], created: false },
    })
    expect(await answerOf('GET', `${PATH}/KEY%2f1?fields=Name,External_Id__c`)).toEqual({
      status: 200,
      body: {
        attributes: {
          type: 'Account',
          url: `/services/data/v64.0/sobjects/Account/${made.body.id}`,
        },
        Name: 'Changed',
        External_Id__c: 'Key/1',
      },
    })
  })

  test('keeps the case of a key that is a word of the API', async () => {
    await answerOf('PATCH', `${PATH}/Results`, { Name: 'Word' })
    expect((await answerOf('GET', `${PATH}/results`)).body).toMatchObject({
      External_Id__c: 'Results',
    })
  })

  test('answers without a body in old versions, and where the org is set so', async () => {
    const old = `/services/data/v45.0${PATH}/old`
    expect((await answerOf('PATCH', old, { Name: 'x' })).status).toBe(201)
    expect(await answerOf('PATCH', old, { Name: 'y' })).toEqual({ status: 204, body: null })
    await client.admin('PATCH', '/settings', { upsertFoundBody: false })
    expect(await answerOf('PATCH', `${PATH}/old`, { Name: 'z' })).toEqual({
      status: 204,
      body: null,
    })
    await client.admin('PATCH', '/settings', { upsertFoundBody: true })
  })

  test('refuses the key in the body', async () => {
    expect(await answerOf('PATCH', `${PATH}/a`, { Name: 'x', external_id__c: 'a' })).toEqual({
      status: 400,
      body: [
        {
          errorCode: 'INVALID_FIELD',
          message: 'The External_Id__c field should not be specified in the sobject data.',
        },
      ],
    })
  })

  test('makes nothing without a key', async () => {
    expect(await answerOf('PATCH', `${PATH}/%20`, { Name: 'x' })).toEqual({
      status: 400,
      body: [
        {
          errorCode: 'MISSING_ARGUMENT',
          message: 'External_Id__c not specified',
          fields: ['External_Id__c'],
        },
      ],
    })
  })

  test('makes nothing where it may only update', async () => {
    expect((await answerOf('PATCH', `${PATH}/only?updateOnly=true`, { Name: 'x' })).status).toBe(
      404,
    )
    expect((await answerOf('GET', `${PATH}/only`)).status).toBe(404)
  })

  test('lists the records where several match', async () => {
    const ids = []
    for (const Name of ['a', 'b']) {
      ids.push((await answerOf('POST', '/sobjects/Part__c', { Name, Number__c: 'N1' })).body.id)
    }
    const path = '/sobjects/Part__c/Number__c/n1'
    const several = {
      status: 300,
      body: ids.map((id) => `/services/data/v64.0/sobjects/Part__c/${id}`),
    }
    expect(await answerOf('PATCH', path, { Name: 'c' })).toEqual(several)
    expect(await answerOf('GET', path)).toEqual(several)
    expect(await answerOf('DELETE', path)).toEqual(several)
    expect((await answerOf('GET', `/sobjects/Part__c/${ids[0]}`)).body).toMatchObject({ Name: 'a' })
  })

  test('takes keys that are numbers', async () => {
    expect((await answerOf('PATCH', '/sobjects/Part__c/Code__c/07', { Name: 'n' })).status).toBe(
      201,
    )
    expect((await answerOf('PATCH', '/sobjects/Part__c/Code__c/7.0', { Name: 'm' })).status).toBe(
      200,
    )
    expect((await answerOf('GET', '/sobjects/Part__c/Code__c/7')).body).toMatchObject({
      Name: 'm',
      Code__c: 7,
    })
  })
})

test('keys whose case counts are two, alone and in one collection', async () => {
  const records = ['a', 'A'].map((key) => ({
    attributes: { type: 'Part__c' },
    Name: key,
    Exact__c: key,
  }))
  const path = '/composite/sobjects/Part__c/Exact__c'
  for (const created of [true, false]) {
    expect((await answerOf('PATCH', path, { records })).body).toMatchObject([
      { success: true, created },
      { success: true, created },
    ])
  }
  expect((await answerOf('GET', '/sobjects/Part__c/Exact__c/A')).body).toMatchObject({ Name: 'A' })
})

describe('Id as the key', () => {
  test('inserts, updates, reads and deletes', async () => {
    const made = await answerOf('POST', '/sobjects/Account/Id', { Name: 'By id' })
    expect(made).toMatchObject({ status: 201, body: { success: true } })
    const path = `/sobjects/Account/Id/${made.body.id.slice(0, 15)}`
    expect(await answerOf('PATCH', path, { Name: 'Other' })).toMatchObject({
      status: 200,
      body: { id: made.body.id, created: false },
    })
    expect((await answerOf('GET', path)).body).toMatchObject({ Name: 'Other' })
    expect((await answerOf('DELETE', path)).status).toBe(204)
    expect((await answerOf('PATCH', path, { Name: 'No' })).status).toBe(404)
  })
})

test('a record is deleted by its external id', async () => {
  await answerOf('PATCH', `${PATH}/gone`, { Name: 'x' })
  expect((await answerOf('DELETE', `${PATH}/gone`)).status).toBe(204)
  expect((await answerOf('DELETE', `${PATH}/gone`)).status).toBe(404)
})

test('a field that is no key finds nothing', async () => {
  expect(await answerOf('GET', '/sobjects/Account/Name/x')).toEqual({
    status: 404,
    body: [
      {
        errorCode: 'NOT_FOUND',
        message: 'Provided external ID field does not exist or is not accessible: Name',
      },
    ],
  })
})
