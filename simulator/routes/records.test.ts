import { request } from 'node:http'
import { gunzipSync, gzipSync } from 'node:zlib'
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

const JSON_TYPE = { 'content-type': 'application/json' }
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
  })
})

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
    [{ Site: 'a' }, 'INVALID_FIELD', "No such column 'Site' on sobject of type Account"],
    [{ Id: 'abc' }, 'MALFORMED_ID', 'Account ID: id value of incorrect type: abc'],
    [null, 'INVALID_FIELD', "No such column 'Account' on sobject of type Contact"],
  ])('%j is refused', async (Account, errorCode, message) => {
    expect(
      await answerOf(client.call('POST', '/sobjects/Contact', { LastName: 'C', Account })),
    ).toEqual([400, [expect.objectContaining({ errorCode, message })]])
  })
})

describe('conditional headers', () => {
  test('of an account', async () => {
    const id = await create('Account', { Name: 'Tagged' })
    const path = `/sobjects/Account/${id}`
    const first = await client.call('GET', path)
    const etag = first.headers.get('etag') ?? ''
    const modified = first.headers.get('last-modified') ?? ''
    const status = async (method: string, headers: Record<string, string>, body?: object) =>
      (await client.call(method, path, body, { ...headers, ...JSON_TYPE })).status

    expect(await status('GET', { 'if-none-match': etag })).toBe(304)
    expect(await status('GET', { 'if-none-match': '"other"' })).toBe(200)
    expect(await status('GET', { 'if-modified-since': modified })).toBe(304)
    expect(await status('GET', { 'if-unmodified-since': modified })).toBe(200)
    expect(await status('GET', { 'if-unmodified-since': new Date(0).toUTCString() })).toBe(412)
    expect(await status('PATCH', { 'if-match': '"other"' }, { Name: 'No' })).toBe(412)
    expect(await status('PATCH', { 'if-match': etag }, { Name: 'Yes' })).toBe(204)
    expect(await status('DELETE', { 'if-match': etag })).toBe(412)
    expect(await client.json('GET', path)).toMatchObject({ Name: 'Yes' })
  })

  test('no other record has an ETag', async () => {
    const id = await create('Contact', { LastName: 'C' })
    const answer = await client.call('GET', `/sobjects/Contact/${id}`)
    expect(answer.headers.get('etag')).toBeNull()
    expect(answer.headers.get('last-modified')).not.toBeNull()
  })
})

describe('ways to call', () => {
  test('a method that a resource lacks', async () => {
    expect(await answerOf(client.call('PUT', '/sobjects/Account', {}))).toEqual([
      405,
      [
        {
          errorCode: 'METHOD_NOT_ALLOWED',
          message: "HTTP Method 'PUT' not allowed. Allowed are HEAD,GET,POST",
        },
      ],
    ])
    const id = await create('Account', { Name: 'x' })
    expect((await client.call('POST', `/sobjects/Account/${id}`, { Name: 'y' })).status).toBe(405)
  })

  test('HEAD, and POST that stands for PATCH', async () => {
    const id = await create('Account', { Name: 'x' })
    const head = await client.call('HEAD', `/sobjects/Account/${id}`)
    expect([head.status, await head.text()]).toEqual([200, ''])
    const path = `/sobjects/Account/${id}?_HttpMethod=PATCH`
    expect((await client.call('POST', path, { Name: 'Patched' })).status).toBe(204)
    expect(await client.json('GET', `/sobjects/Account/${id}`)).toMatchObject({ Name: 'Patched' })
    expect(await client.admin('GET', '/calls?limit=3')).toMatchObject({
      calls: [{ name: 'record.get' }, { name: 'record.update' }, { name: 'record.get' }],
    })
  })

  test('compressed both ways', async () => {
    const made = await fetch(`${simulator.url}/services/data/v64.0/sobjects/Account`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${client.token}`,
        'content-encoding': 'gzip',
        ...JSON_TYPE,
      },
      body: gzipSync('{"Name":"Zipped"}'),
    })
    expect(made.status).toBe(201)
    const raw = await rawGet('/sobjects/Account/describe', { 'accept-encoding': 'gzip' })
    expect(raw.headers['content-encoding']).toBe('gzip')
    expect(JSON.parse(gunzipSync(raw.body).toString())).toMatchObject({ name: 'Account' })
    for (const none of [{}, { 'accept-encoding': 'identity, gzip;q=0' }]) {
      const plain = await rawGet('/sobjects/Account/describe', none)
      expect(plain.headers['content-encoding']).toBeUndefined()
    }
  })

  test('indented where the caller wants to read', async () => {
    const answer = await client.call('GET', '/composite', undefined, { 'x-prettyprint': '1' })
    expect(await answer.text()).toMatch(/^\{\n {2}"batch": /)
  })
})

/** `fetch` decompresses by itself: this does not. */
async function rawGet(path: string, headers: Record<string, string>) {
  return new Promise<{ headers: NodeJS.Dict<string | string[]>; body: Buffer }>(
    (resolve, reject) => {
      const url = `${simulator.url}/services/data/v64.0${path}`
      request(
        url,
        { headers: { authorization: `Bearer ${client.token}`, ...headers } },
        (answer) => {
          const chunks: Buffer[] = []
          answer.on('data', (chunk: Buffer) => chunks.push(chunk))
          answer.on('end', () => resolve({ headers: answer.headers, body: Buffer.concat(chunks) }))
        },
      )
        .on('error', reject)
        .end()
    },
  )
}
