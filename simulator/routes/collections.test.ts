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

const resultsSchema = z.array(
  z.object({
    id: z.string().optional(),
    success: z.boolean(),
    created: z.boolean().optional(),
    errors: z.array(
      z.object({ statusCode: z.string(), message: z.string(), fields: z.array(z.string()) }),
    ),
  }),
)

const account = (fields: object) => ({ attributes: { type: 'Account' }, ...fields })
const contact = (fields: object) => ({ attributes: { type: 'Contact' }, ...fields })

async function write(method: string, path: string, body?: object) {
  const answer = await client.call(method, `/composite/sobjects${path}`, body)
  expect(answer.status).toBe(200)
  return resultsSchema.parse(await answer.json())
}

async function made(records: object[]): Promise<string[]> {
  return (await write('POST', '', { records })).map(({ id = '' }) => id)
}

const ROLLED_BACK = {
  statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK',
  message:
    'Record rolled back because not all records were valid and the request was using AllOrNone header',
  fields: [],
}

describe('create', () => {
  test('answers each record in its place, of several objects', async () => {
    const results = await write('POST', '', {
      records: [account({ Name: 'A' }), contact({}), account({ Name: 'B' })],
    })
    expect(results).toEqual([
      { id: expect.stringMatching(/^001/), success: true, errors: [] },
      {
        success: false,
        errors: [
          {
            statusCode: 'REQUIRED_FIELD_MISSING',
            message: 'Required fields are missing: [LastName]',
            fields: ['LastName'],
          },
        ],
      },
      { id: expect.stringMatching(/^001/), success: true, errors: [] },
    ])
    expect(await client.json('GET', `/sobjects/Account/${results[2]?.id}`)).toMatchObject({
      Name: 'B',
    })
  })

  test('all or none leaves none', async () => {
    const before = await client.count('Account')
    const results = await write('POST', '', {
      allOrNone: true,
      records: [account({ Name: 'A' }), account({}), account({ Name: 'B' })],
    })
    expect(results.map(({ success, id }) => [success, id])).toEqual(
      Array.from({ length: 3 }, () => [false, undefined]),
    )
    expect(results[0]?.errors).toEqual([ROLLED_BACK])
    expect(results[1]?.errors).toMatchObject([{ statusCode: 'REQUIRED_FIELD_MISSING' }])
    expect(results[2]?.errors).toEqual([ROLLED_BACK])
    expect(await client.count('Account')).toBe(before)
  })

  test.each([
    ['no records', {}, 'INVALID_INPUT'],
    ['no type', { records: [{ Name: 'x' }] }, 'INVALID_INPUT'],
    ['an unknown type', { records: [{ attributes: { type: 'Nope' } }] }, 'INVALID_TYPE'],
    [
      '201 records',
      { records: Array.from({ length: 201 }, () => account({ Name: 'x' })) },
      'EXCEEDED_ID_LIMIT',
    ],
    [
      '11 runs',
      {
        records: Array.from({ length: 11 }, (_, n) =>
          n % 2 === 0 ? account({ Name: 'x' }) : contact({ LastName: 'x' }),
        ),
      },
      'LIMIT_EXCEEDED',
    ],
    [
      'an unknown field',
      { records: [account({ Name: 'x' }), account({ Nope: 1 })] },
      'INVALID_FIELD',
    ],
    [
      'a value of a wrong type',
      { records: [account({ Name: 'x', AnnualRevenue: 'y' })] },
      'JSON_PARSER_ERROR',
    ],
  ])('%s refuses the whole call', async (_, body, errorCode) => {
    const before = await client.count('Account')
    const answer = await client.call('POST', '/composite/sobjects', body)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual([expect.objectContaining({ errorCode })])
    expect(await client.count('Account')).toBe(before)
  })

  test('200 records in ten runs are taken', async () => {
    const records = Array.from({ length: 200 }, (_, n) =>
      Math.floor(n / 20) % 2 === 0 ? account({ Name: 'x' }) : contact({ LastName: 'x' }),
    )
    expect((await write('POST', '', { records })).every(({ success }) => success)).toBe(true)
  })
})

describe('update', () => {
  test('changes records, and keeps the ids of those that it rolled back', async () => {
    const [one = '', two = ''] = await made([account({ Name: '1' }), account({ Name: '2' })])
    expect(
      await write('PATCH', '', { records: [account({ id: one.slice(0, 15), Name: '1b' })] }),
    ).toEqual([{ id: one, success: true, errors: [] }])
    const records = [
      account({ Id: one, Name: '1c' }),
      account({ id: '001xx000003DGb2999', Name: 'x' }),
    ]
    expect(await write('PATCH', '', { allOrNone: true, records })).toEqual([
      { id: one, success: false, errors: [ROLLED_BACK] },
      {
        success: false,
        errors: [
          {
            statusCode: 'MALFORMED_ID',
            message: 'Record ID: id value of incorrect type: 001xx000003DGb2999',
            fields: ['Id'],
          },
        ],
      },
    ])
    const twice = [
      account({ id: two, Name: 'a' }),
      account({ id: two, Name: 'b' }),
      account({ Name: 'c' }),
    ]
    expect(
      (await write('PATCH', '', { records: twice })).map(({ errors }) => errors[0]?.statusCode),
    ).toEqual([undefined, 'DUPLICATE_VALUE', 'MISSING_ARGUMENT'])
    expect(await retrieved([one, two])).toMatchObject([{ Name: '1b' }, { Name: 'a' }])
  })
})

async function retrieved(ids: string[]): Promise<unknown> {
  return client.json('POST', '/composite/sobjects/Account', { ids, fields: ['Name'] })
}

describe('delete', () => {
  test('by ids, of several objects', async () => {
    const [one, two] = await made([account({ Name: '1' }), contact({ LastName: '2' })])
    expect(await write('DELETE', `?ids=${one},${two},nope`)).toEqual([
      { id: one, success: true, errors: [] },
      { id: two, success: true, errors: [] },
      {
        success: false,
        errors: [{ statusCode: 'MALFORMED_ID', message: 'malformed id nope', fields: [] }],
      },
    ])
    expect((await write('DELETE', `?ids=${one}`))[0]?.errors).toMatchObject([
      { statusCode: 'ENTITY_IS_DELETED' },
    ])
  })

  test('all or none', async () => {
    const [one = ''] = await made([account({ Name: 'kept' })])
    const results = await write('DELETE', `?allOrNone=true&ids=${one},nope`)
    expect(results[0]).toEqual({ id: one, success: false, errors: [ROLLED_BACK] })
    expect(await retrieved([one])).toMatchObject([{ Name: 'kept' }])
  })

  test('wants ids', async () => {
    expect((await client.call('DELETE', '/composite/sobjects')).status).toBe(400)
  })
})

describe('upsert', () => {
  const path = '/Account/External_Id__c'

  test('says which records are new', async () => {
    const records = [account({ External_Id__c: 'c1', Name: 'x' })]
    const [first] = await write('PATCH', path, { records })
    expect(first).toMatchObject({ success: true, created: true })
    const again = [
      account({ external_id__c: 'C1', Name: 'y' }),
      account({ External_Id__c: 'c2', Name: 'z' }),
      account({ External_Id__c: 'C2', Name: 'twice' }),
      account({ Name: 'no key' }),
    ]
    const results = await write('PATCH', path, { records: again })
    expect(results.map(({ success, created }) => [success, created])).toEqual([
      [true, false],
      [true, true],
      [false, true],
      [false, true],
    ])
    expect(results[0]?.id).toBe(first?.id)
    expect(results[2]?.errors[0]?.statusCode).toBe('DUPLICATE_VALUE')
    expect(results[3]?.errors[0]?.statusCode).toBe('MISSING_ARGUMENT')
  })

  test('by Id: null makes a record', async () => {
    const [made] = await write('PATCH', '/Account/Id', {
      records: [account({ Id: null, Name: 'x' })],
    })
    expect(made).toMatchObject({ success: true, created: true })
    const records = [account({ Id: made?.id, Name: 'y' })]
    expect(await write('PATCH', '/Account/Id', { records })).toEqual([
      { id: made?.id, success: true, errors: [], created: false },
    ])
  })

  test('all or none: new records stay new in the answer', async () => {
    const results = await write('PATCH', path, {
      allOrNone: true,
      records: [
        account({ External_Id__c: 'n1', Name: 'x' }),
        account({ External_Id__c: 'n2', Name: 'x', OwnerId: 'INVALID_OWNER' }),
      ],
    })
    expect(results).toMatchObject([
      { success: false, created: true, errors: [ROLLED_BACK] },
      { success: false, created: true, errors: [{ statusCode: 'MALFORMED_ID' }] },
    ])
    expect((await client.call('GET', '/sobjects/Account/External_Id__c/n1')).status).toBe(404)
  })

  test('wants one object and a key of it', async () => {
    const status = async (where: string, record: object) =>
      (await client.call('PATCH', `/composite/sobjects${where}`, { records: [record] })).status
    expect(await status(path, contact({ LastName: 'x' }))).toBe(400)
    expect(await status('/Account/Name', account({ Name: 'x' }))).toBe(404)
  })
})

describe('retrieve', () => {
  test('keeps the order, with null for what is not there', async () => {
    const [one = '', two = '', gone = ''] = await made(
      ['1', '2', '3'].map((Name) => account({ Name })),
    )
    await write('DELETE', `?ids=${gone}`)
    const wanted = [{ Name: '2' }, null, null, { Name: '1' }]
    const ids = [two, gone, '001xx000003DGb2999', one]
    expect(await retrieved(ids)).toMatchObject(wanted)
    expect(
      await client.json('GET', `/composite/sobjects/Account?ids=${ids.join()}&fields=id,name`),
    ).toMatchObject([{ Id: two, Name: '2' }, null, null, { Id: one, Name: '1' }])
  })

  test.each([
    [{ ids: [], fields: ['Name'] }],
    [{ ids: ['001xx000003DGb2999'], fields: [] }],
    [{ ids: ['001xx000003DGb2999'], fields: ['Nope'] }],
    [{ ids: [1], fields: ['Name'] }],
    [{ ids: Array.from({ length: 2_001 }, () => '001xx000003DGb2'), fields: ['Name'] }],
  ])('refuses a wrong body', async (body) => {
    const answer = await client.call('POST', '/composite/sobjects/Account', body)
    expect(answer.status).toBe(400)
  })
})

test('each kind of call has its name', async () => {
  await client.admin('DELETE', '/calls')
  await write('POST', '', { records: [account({ Name: 'x' })] })
  await write('PATCH', '', { records: [] })
  await write('PATCH', '/Account/External_Id__c', { records: [] })
  await client.call('DELETE', '/composite/sobjects?ids=x')
  await retrieved(['001xx000003DGb2999'])
  expect(await client.admin('GET', '/calls')).toMatchObject({
    counts: {
      'collections.create': 1,
      'collections.update': 1,
      'collections.upsert': 1,
      'collections.delete': 1,
      'collections.retrieve': 1,
    },
  })
})
