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

describe('a body that is refused', () => {
  async function refusal(body: string, type = 'application/json'): Promise<unknown> {
    const answer = client.call('POST', '/sobjects/Account', body, { 'content-type': type })
    const [status, [error]] = z
      .tuple([z.number(), z.tuple([z.looseObject({})])])
      .parse(await answerOf(answer))
    return { status, ...error }
  }

  test.each([
    [
      '{a',
      "Unexpected character ('a' (code 97)): was expecting double-quote to start field name",
      3,
    ],
    [
      '{"a" 1}',
      "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
      7,
    ],
    ['{"Name":"x"', 'Unexpected end-of-input', 13],
    [
      '{"Name":"x" "y"}',
      `Unexpected character ('"' (code 34)): was expecting comma to separate OBJECT entries`,
      14,
    ],
    ['[1]', 'Cannot deserialize instance of object from START_ARRAY value [', 1],
    [
      '{"AnnualRevenue":"much"}',
      'Cannot deserialize instance of currency from VALUE_STRING value much or request may be missing a required field',
      18,
    ],
    [
      '{"NumberOfEmployees":1.5}',
      'Cannot deserialize instance of int from VALUE_NUMBER_FLOAT value 1.5 or request may be missing a required field',
      22,
    ],
    [
      '{"Active__c":"yes"}',
      'Cannot deserialize instance of boolean from VALUE_STRING value yes or request may be missing a required field',
      14,
    ],
    [
      '{"Active__c":"FALSE"}',
      'Cannot deserialize instance of boolean from VALUE_STRING value FALSE or request may be missing a required field',
      14,
    ],
    [
      '{"Active__c":"1"}',
      'Cannot deserialize instance of boolean from VALUE_STRING value 1 or request may be missing a required field',
      14,
    ],
    [
      '{"Name":{"a":1}}',
      'Cannot deserialize instance of string from START_OBJECT value { or request may be missing a required field',
      9,
    ],
    [
      '{"Last_Contacted__c":"2017-10-17 00:00:00"}',
      'Cannot deserialize instance of datetime from VALUE_STRING value 2017-10-17 00:00:00 or request may be missing a required field',
      22,
    ],
    [
      '{"Last_Contacted__c":""}',
      'Cannot deserialize instance of datetime from VALUE_STRING value  or request may be missing a required field',
      22,
    ],
  ])('%s', async (body, message, column) => {
    expect(await refusal(body)).toEqual({
      status: 400,
      errorCode: 'JSON_PARSER_ERROR',
      message: `${message} at [line:1, column:${column}]`,
    })
  })

  test('names the line too', async () => {
    expect(await refusal('{\n "Name": "x",\n "Score__c": []}')).toMatchObject({
      message: expect.stringMatching(/ at \[line:3, column:14\]$/),
    })
  })

  test.each([
    ['a record', '/sobjects/Account', (deep: string) => `{"Name":${deep}}`],
    ['a name that is there twice', '/sobjects/Account', (deep: string) => `{"a":${deep},"a":1}`],
    [
      'a subrequest',
      '/composite',
      (deep: string) =>
        `{"compositeRequest":[{"method":"POST","url":"/services/data/v64.0/sobjects/Account","referenceId":"a","body":${deep}}]}`,
    ],
    [
      'a subrequest of a batch',
      '/composite/batch',
      (deep: string) =>
        `{"batchRequests":[{"method":"POST","url":"v64.0/sobjects/Account","richInput":${deep}}]}`,
    ],
  ])('is nested too deep: %s', async (_, path, body) => {
    for (const levels of [1_000, 100_000]) {
      const deep = `${'['.repeat(levels)}${']'.repeat(levels)}`
      const answer = await client.call('POST', path, body(deep), {
        'content-type': 'application/json',
      })
      expect([answer.status, await answer.json()]).toMatchObject([
        400,
        [
          {
            errorCode: 'JSON_PARSER_ERROR',
            message: expect.stringMatching(/^Unexpected depth of nesting at /),
          },
        ],
      ])
    }
  })

  test('is of another type, or not there', async () => {
    expect(await refusal('{"Name":"x"}', 'text/plain')).toEqual({
      status: 415,
      errorCode: 'UNSUPPORTED_MEDIA_TYPE',
      message: 'Content-Type header specified in HTTP request is not supported: text/plain',
    })
    expect(await refusal('')).toMatchObject({
      status: 400,
      message: 'The HTTP entity body is required, but this request has no entity body.',
    })
    const accepted = await client.call('POST', '/sobjects/Account', '{"Name":"x"}', {
      'content-type': 'Application/JSON; charset=utf-8',
    })
    expect(accepted.status).toBe(201)
  })

  test.each([
    [
      { Nope: 1 },
      { errorCode: 'INVALID_FIELD', message: "No such column 'Nope' on sobject of type Account" },
    ],
    [
      { Name: null },
      {
        errorCode: 'REQUIRED_FIELD_MISSING',
        message: 'Required fields are missing: [Name]',
        fields: ['Name'],
      },
    ],
    [
      { Name: 'x', Sic: 'y'.repeat(21) },
      { errorCode: 'STRING_TOO_LONG', fields: ['Sic'] },
    ],
    [{ Name: 'x', Tier__c: 'Lead' }, { errorCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST' }],
    [
      { Name: 'x', OwnerId: 'abc' },
      { errorCode: 'MALFORMED_ID', fields: ['OwnerId'] },
    ],
    [
      { Name: 'x', Id: '001fK00000000AB' },
      {
        errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE',
        message: 'cannot specify Id in an insert call',
      },
    ],
    [
      { Name: 'x', CreatedDate: '2020-01-01' },
      { errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE', fields: ['CreatedDate'] },
    ],
  ])('%j', async (body, error) => {
    expect(await answerOf(client.call('POST', '/sobjects/Account', body))).toEqual([
      400,
      [expect.objectContaining(error)],
    ])
    const id = await create('Account', { Name: 'x' })
    if ('Id' in body) {
      expect(await answerOf(client.call('PATCH', `/sobjects/Account/${id}`, body))).toEqual([
        400,
        [
          {
            errorCode: 'INVALID_FIELD',
            message: 'The Id field should not be specified in the sobject data.',
          },
        ],
      ])
    }
  })
})

test('values are stored as a real org stores them', async () => {
  const id = await create('Custom_Object__c', {
    attributes: { type: 'Custom_Object__c' },
    Name: 7,
    Text__c: '  a\r\nb ',
    Number__c: '12.345',
    Currency__c: 1.005,
    Checkbox__c: 'true',
    Date__c: '2024-02-29T23:30:00Z',
    Datetime__c: '2024-02-29',
    Status__c: 'active',
    Colours__c: 'Blue;Red',
    Long_Text__c: '',
  })
  expect(await client.json('GET', `/sobjects/Custom_Object__c/${id}`)).toMatchObject({
    Name: '7',
    Text__c: 'a\nb',
    Number__c: 12.35,
    Currency__c: 1.01,
    Checkbox__c: true,
    Date__c: '2024-02-29',
    Datetime__c: '2024-02-29T00:00:00.000+0000',
    Status__c: 'Active',
    Colours__c: 'Red;Blue',
    Long_Text__c: null,
  })
})

describe('a parent by its external id', () => {
  test('sets the lookup', async () => {
    const parent = await create('Account', { Name: 'P', External_Id__c: 'Par/ent 1' })
    const Account = { attributes: { type: 'Account' }, External_Id__c: 'PAR/ENT 1' }
    const id = await create('Contact', { LastName: 'C', Account })
    expect(await client.json('GET', `/sobjects/Contact/${id}`)).toMatchObject({ AccountId: parent })
    await client.call('PATCH', `/sobjects/Contact/${id}`, { AccountId: '' })
    expect(await client.json('GET', `/sobjects/Contact/${id}`)).toMatchObject({ AccountId: null })
  })

  test.each([
    [
      { External_Id__c: 'none' },
      'INVALID_FIELD',
      'Foreign key external ID: none not found for field External_Id__c in entity Account',
    ],
    [
      { External_Id__c: 'a', Conveyor_Key__c: 'b' },
      'INVALID_FIELD',
      'More than 1 field provided an external foreign key reference in entity: Account',
    ],
    [
      { Site: 'a' },
      'INVALID_FIELD',
      'Field name provided, Site does not match an External ID, Salesforce Id, or indexed field for Account',
    ],
    [{ Nope: 'a' }, 'INVALID_FIELD', "No such column 'Nope' on sobject of type Account"],
    [{ Id: 'abc' }, 'MALFORMED_ID', 'Account ID: id value of incorrect type: abc'],
    [null, 'INVALID_FIELD', "No such column 'Account' on sobject of type Contact"],
  ])('%j is refused', async (Account, errorCode, message) => {
    expect(
      await answerOf(client.call('POST', '/sobjects/Contact', { LastName: 'C', Account })),
    ).toEqual([400, [expect.objectContaining({ errorCode, message })]])
  })
})
