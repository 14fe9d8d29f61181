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

const ROOT = '/services/data/v64.0'

interface Part {
  readonly method: string
  readonly url: string
  readonly referenceId: string
  readonly body?: unknown
  readonly httpHeaders?: Record<string, string>
}

function part(referenceId: string, method: string, path: string, body?: unknown): Part {
  return { referenceId, method, url: ROOT + path, ...(body === undefined ? {} : { body }) }
}

const responseSchema = z.object({
  compositeResponse: z.array(
    z.object({
      body: z.unknown(),
      httpHeaders: z.record(z.string(), z.string()),
      httpStatusCode: z.number(),
      referenceId: z.string(),
    }),
  ),
})

async function composite(compositeRequest: readonly Part[], options: object = {}) {
  const answer = await client.call('POST', '/composite/', { ...options, compositeRequest })
  expect(answer.status).toBe(200)
  return responseSchema.parse(await answer.json()).compositeResponse
}

const HALTED = [
  {
    errorCode: 'PROCESSING_HALTED',
    message:
      'The transaction was rolled back since another operation in the same transaction failed.',
  },
]

describe('a composite call', () => {
  test('hands what one subrequest answers to the next', async () => {
    const responses = await composite([
      part('refAccount', 'POST', '/sobjects/Account', { Name: "O'Neill & Sons" }),
      part('account', 'GET', '/sobjects/Account/@{refAccount.id}'),
      part('refContact', 'POST', '/sobjects/Contact', {
        LastName: 'Of @{account.Name}',
        AccountId: '@{refAccount.id}',
        HasOptedOutOfEmail: '@{account.Active__c}',
        FirstName: '@{account.Site}',
      }),
      part(
        'found',
        'GET',
        "/query?q=SELECT+Id,LastName+FROM+Contact+WHERE+AccountId='@{refAccount.id}'",
      ),
      part('again', 'PATCH', '/sobjects/Contact/@{found.records[0].Id}', {
        Title: '@{account.attributes.type}',
      }),
      part('contact', 'GET', '/sobjects/Contact/@{refContact.id}?fields=LastName,FirstName,Title'),
    ])
    expect(responses.map(({ httpStatusCode }) => httpStatusCode)).toEqual([
      201, 200, 201, 200, 204, 200,
    ])
    expect(responses[0]).toEqual({
      body: { id: expect.stringMatching(/^001/), success: true, errors: [] },
      httpHeaders: {
        Location: expect.stringMatching(/^\/services\/data\/v64\.0\/sobjects\/Account\/001/),
      },
      httpStatusCode: 201,
      referenceId: 'refAccount',
    })
    expect(responses[4]).toEqual({
      body: null,
      httpHeaders: {},
      httpStatusCode: 204,
      referenceId: 'again',
    })
    expect(responses[5]?.body).toMatchObject({
      LastName: "Of O'Neill & Sons",
      FirstName: null,
      Title: 'Account',
    })
  })

  test('goes on after a refusal, but not with what depends on it', async () => {
    const before = await client.count('Contact')
    const responses = await composite([
      part('bad', 'POST', '/sobjects/Account', {}),
      part('dependent', 'POST', '/sobjects/Contact', { LastName: 'x', AccountId: '@{bad.id}' }),
      part('free', 'POST', '/sobjects/Contact', { LastName: 'y' }),
      part('nowhere', 'GET', '/sobjects/Foo'),
      part('method', 'PUT', '/sobjects/Account', {}),
    ])
    expect(responses.map(({ httpStatusCode }) => httpStatusCode)).toEqual([400, 400, 201, 404, 405])
    expect(responses[0]?.body).toEqual([
      {
        errorCode: 'REQUIRED_FIELD_MISSING',
        message: 'Required fields are missing: [Name]',
        fields: ['Name'],
      },
    ])
    expect(responses[1]?.body).toEqual([
      {
        errorCode: 'PROCESSING_HALTED',
        message:
          "Invalid reference specified. No value for bad.id found in bad. Provided referenceId ('bad.id') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_').",
      },
    ])
    expect(responses[3]?.body).toEqual([
      { errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' },
    ])
    expect(await client.count('Contact')).toBe(before + 1)
  })

  test('all or none undoes everything, and says only of one why', async () => {
    const before = [await client.count('Account'), await client.count('Contact')]
    const responses = await composite(
      [
        part('one', 'POST', '/sobjects/Account', { Name: 'x' }),
        part('list', 'POST', '/composite/sobjects', {
          records: [{ attributes: { type: 'Contact' }, LastName: 'x', AccountId: '@{one.id}' }],
        }),
        part('two', 'POST', '/sobjects/Contact', { LastName: 'x', Email: 'no mail' }),
        part('three', 'GET', '/sobjects/Account/@{one.id}'),
      ],
      { allOrNone: true, collateSubrequests: true },
    )
    expect(responses.map(({ httpStatusCode }) => httpStatusCode)).toEqual([400, 400, 400, 400])
    expect(responses[0]?.body).toEqual(HALTED)
    expect(responses[1]?.body).toEqual(HALTED)
    expect(responses[2]?.body).toMatchObject([{ errorCode: 'INVALID_EMAIL_ADDRESS' }])
    expect(responses[3]?.body).toEqual(HALTED)
    expect([await client.count('Account'), await client.count('Contact')]).toEqual(before)
  })

  test('all or none holds for the collections inside, whatever they say themselves', async () => {
    const list = part('list', 'POST', '/composite/sobjects', {
      allOrNone: false,
      records: [
        { attributes: { type: 'Account' }, Name: 'x' },
        { attributes: { type: 'Account' } },
      ],
    })
    const after = part('after', 'POST', '/sobjects/Contact', { LastName: 'x' })
    const before = await client.count('Account')
    const together = await composite([list, after], { allOrNone: true })
    expect(together[0]).toMatchObject({
      httpStatusCode: 200,
      body: [
        { success: false, errors: [{ statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' }] },
        { success: false, errors: [{ statusCode: 'REQUIRED_FIELD_MISSING' }] },
      ],
    })
    expect(together[1]?.body).toEqual(HALTED)
    expect(await client.count('Account')).toBe(before)
    const apart = await composite([list, after])
    expect(apart).toMatchObject([
      { httpStatusCode: 200, body: [{ success: true }, { success: false }] },
      { httpStatusCode: 201 },
    ])
    expect(await client.count('Account')).toBe(before + 1)
  })

  test('passes headers on', async () => {
    const describe = { ...part('d', 'GET', '/sobjects/Account/describe') }
    const [first] = await composite([describe])
    const since = first?.httpHeaders['Last-Modified'] ?? ''
    const [second] = await composite([{ ...describe, httpHeaders: { 'if-modified-since': since } }])
    expect(second).toEqual({
      body: null,
      httpHeaders: { 'Last-Modified': since, ETag: expect.stringMatching(/^".+"$/) },
      httpStatusCode: 304,
      referenceId: 'd',
    })
  })

  const get = (referenceId: string): Part => part(referenceId, 'GET', '/sobjects/Account/describe')
  test.each<[string, readonly object[]]>([
    ['no subrequest', []],
    ['26 subrequests', Array.from({ length: 26 }, (_, n) => get(`r${n}`))],
    [
      '6 queries',
      Array.from({ length: 6 }, (_, n) => part(`q${n}`, 'GET', '/query?q=SELECT+Id+FROM+Account')),
    ],
    ['no reference id', [{ method: 'GET', url: `${ROOT}/limits` }]],
    ['a reference id twice', [get('a'), get('a')]],
    ['a reference id with a hyphen', [get('a-b')]],
    ['a method in small letters', [part('a', 'get', '/limits')]],
    ['an address of elsewhere', [{ method: 'GET', url: '/limits', referenceId: 'a' }]],
    ['a header of the whole call', [{ ...get('a'), httpHeaders: { Accept: 'text/xml' } }]],
  ])('%s refuses the whole call', async (_, compositeRequest) => {
    const answer = await client.call('POST', '/composite', { compositeRequest })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual([
      {
        errorCode: expect.stringMatching(/^(JSON_PARSER_ERROR|LIMIT_EXCEEDED)$/),
        message: expect.any(String),
      },
    ])
  })

  test('holds no other composite call', async () => {
    const [inner] = await composite([
      part('a', 'POST', '/composite', { compositeRequest: [get('b')] }),
    ])
    expect(inner?.httpStatusCode).toBe(400)
  })

  test('counts as one call; the list of its resources', async () => {
    const used = async () =>
      z.object({ apiUsed: z.number() }).parse(await client.admin('GET', '/settings')).apiUsed
    const before = await used()
    await composite([get('a'), get('b')])
    expect(await used()).toBe(before + 1)
    expect(await client.json('GET', '/composite')).toEqual({
      batch: `${ROOT}/composite/batch`,
      sobjects: `${ROOT}/composite/sobjects`,
    })
  })
})

describe('a batch', () => {
  async function batch(batchRequests: readonly object[], haltOnError?: boolean) {
    const answer = await client.call('POST', '/composite/batch', { batchRequests, haltOnError })
    expect(answer.status).toBe(200)
    return answer.json()
  }

  const bad = { method: 'GET', url: 'v64.0/sobjects/Nope' }
  const good = { method: 'POST', url: 'v64.0/sobjects/Account', richInput: { Name: 'batch' } }

  test('runs each subrequest by itself', async () => {
    const before = await client.count('Account')
    expect(await batch([good, bad, good, { method: 'GET', url: `${ROOT}/limits` }])).toMatchObject({
      hasErrors: true,
      results: [
        { statusCode: 201, result: { success: true } },
        { statusCode: 404, result: [{ errorCode: 'NOT_FOUND' }] },
        { statusCode: 201 },
        { statusCode: 200, result: { DailyApiRequests: {} } },
      ],
    })
    expect(await client.count('Account')).toBe(before + 2)
    expect(await batch([good])).toMatchObject({ hasErrors: false })
  })

  test('halts where it is told to', async () => {
    const before = await client.count('Account')
    expect(await batch([good, bad, good], true)).toEqual({
      hasErrors: true,
      results: [
        { statusCode: 201, result: expect.anything() },
        { statusCode: 404, result: expect.anything() },
        {
          statusCode: 412,
          result: [
            {
              errorCode: 'BATCH_PROCESSING_HALTED',
              message: 'Batch processing was halted by previous error',
            },
          ],
        },
      ],
    })
    expect(await client.count('Account')).toBe(before + 1)
  })

  test('counts each subrequest, and refuses what is no batch', async () => {
    const used = async () =>
      z.object({ apiUsed: z.number() }).parse(await client.admin('GET', '/settings')).apiUsed
    const before = await used()
    await batch([good, good, good])
    expect(await used()).toBe(before + 3)
    for (const batchRequests of [
      undefined,
      [],
      [{ method: 'MAGIC', url: 'x' }],
      Array.from({ length: 26 }, () => good),
    ]) {
      expect((await client.call('POST', '/composite/batch', { batchRequests })).status).toBe(400)
    }
  })
})
