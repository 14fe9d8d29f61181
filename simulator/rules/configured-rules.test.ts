import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createRecordClient, type RecordClient } from '../testing/record-client.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

let simulator: Simulator
let client: TestClient
let org: RecordClient
beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.close())
beforeEach(async () => {
  await fetch(`${simulator.url}/__simulator/reset`, { method: 'POST' })
  client = await createTestClient(simulator.url)
  await client.admin('PATCH', '/settings', { bulkStartDelayMs: 0 })
  org = createRecordClient(client)
})

const insertAccounts = { object: 'Account', operation: 'insert' }
const addRule = async (rule: object): Promise<number> =>
  z.object({ id: z.number() }).parse(await client.admin('POST', '/rules', rule)).id

describe('validation rules', () => {
  test('refuse with message and field, in REST and in bulk, until they are removed', async () => {
    const id = await addRule({
      kind: 'validation',
      name: 'phone_of_gold',
      object: 'account',
      conditions: [
        { field: 'tier__c', is: 'equals', value: 'Gold' },
        { field: 'Phone', is: 'isBlank' },
      ],
      message: 'Gold customers have a phone',
      errorField: 'phone',
    })
    const response = await client.call('POST', '/sobjects/Account', { Name: 'A', Tier__c: 'Gold' })
    expect([response.status, await response.json()]).toEqual([
      400,
      [
        {
          errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
          message: 'Gold customers have a phone',
          fields: ['Phone'],
        },
      ],
    ])
    const csv = 'Name,Tier__c,Phone\nA,Gold,\nB,Gold,1\nC,Silver,\n'
    const info = await client.run(insertAccounts, csv)
    expect(info.numberRecordsFailed).toBe(1)
    expect(await client.results(info.id, 'failedResults')).toMatchObject([
      {
        sf__Error: 'FIELD_CUSTOM_VALIDATION_EXCEPTION:Gold customers have a phone:Phone --',
        Name: 'A',
      },
    ])
    await client.admin('DELETE', `/rules/${id}`)
    expect((await client.run(insertAccounts, csv)).numberRecordsFailed).toBe(0)
  })

  test('compare as their conditions say', async () => {
    const cases: [object, object, string][] = [
      [{ is: 'lessThan', field: 'Score__c', value: 5 }, { Score__c: 4.99 }, 'less'],
      [{ is: 'greaterThan', field: 'Score__c', value: 5 }, { Score__c: 6 }, 'greater'],
      [{ is: 'matches', field: 'Site', value: '\\d{3}' }, { Site: '123' }, 'matches'],
      [{ is: 'notEquals', field: 'Active__c', value: false }, { Active__c: true }, 'not'],
      [{ is: 'isNotBlank', field: 'Fax' }, { Fax: '1' }, 'not blank'],
    ]
    for (const [condition, values, name] of cases) {
      const id = await addRule({
        kind: 'validation',
        name,
        object: 'Account',
        conditions: [condition],
        message: 'No',
      })
      expect(await org.refusal('POST', 'Account', { Name: 'A', Score__c: 5, Site: '1234' })).toBe(
        'none',
      )
      expect(await org.refusal('POST', 'Account', { Name: 'A', ...values })).toBe(
        'FIELD_CUSTOM_VALIDATION_EXCEPTION',
      )
      await client.admin('DELETE', `/rules/${id}`)
    }
  })

  test('see whether a field is changed', async () => {
    const id = await org.create('Account', { Name: 'A', Site: 'x' })
    await addRule({
      kind: 'validation',
      name: 'fixed_site',
      object: 'Account',
      conditions: [{ field: 'Site', is: 'isChanged' }],
      message: 'The site stays',
    })
    await org.create('Account', { Name: 'B', Site: 'y' })
    await org.update('Account', id, { Site: 'x', Phone: '1' })
    expect(await org.refusal('PATCH', `Account/${id}`, { Site: null })).toBe(
      'FIELD_CUSTOM_VALIDATION_EXCEPTION',
    )
  })

  test('are refused with a reason when they fit no object', async () => {
    const rule = { kind: 'validation', name: 'r', object: 'Account', message: 'm' }
    const wrong: [object, RegExp][] = [
      [{ ...rule, conditions: [{ field: 'Nope', is: 'isBlank' }] }, /no such field of Account/],
      [{ ...rule, conditions: [] }, /conditions/],
      [{ ...rule, object: 'X', conditions: [{ field: 'Id', is: 'isBlank' }] }, /no such object/],
      [{ ...rule, conditions: [{ field: 'Name', is: 'matches', value: '(' }] }, /regular/],
    ]
    for (const [body, message] of wrong) {
      await expect(client.admin('POST', '/rules', body)).rejects.toThrow(message)
    }
  })
})

describe('duplicate rules', () => {
  const rule = { kind: 'duplicate', name: 'same_person', object: 'Contact' }

  test('compare all their fields without case, and never with blanks', async () => {
    await addRule({ ...rule, fields: ['LastName', 'Email'] })
    const ada = { LastName: 'Byron', Email: 'ada@x.example' }
    const first = await org.create('Contact', ada)
    await org.create('Contact', { LastName: 'Byron' })
    await org.create('Contact', { LastName: 'Byron' })
    const response = await client.call('POST', '/sobjects/Contact', {
      LastName: 'BYRON',
      Email: 'ADA@x.example',
    })
    expect(await response.json()).toMatchObject([
      {
        errorCode: 'DUPLICATES_DETECTED',
        message:
          "You're creating a duplicate record. We recommend you use an existing record instead.",
      },
    ])
    await org.update('Contact', first, { ...ada, Title: 'Countess' })
    const other = await org.create('Contact', { LastName: 'Byron', Email: 'b@x.example' })
    const same = { Email: 'ada@x.example' }
    expect(await org.refusal('PATCH', `Contact/${other}`, same)).toBe('DUPLICATES_DETECTED')
    await org.remove('Contact', first)
    await org.update('Contact', other, same)
  })

  test('find duplicates among the rows of one job', async () => {
    await addRule({ ...rule, fields: ['Email'] })
    const info = await client.run(
      { object: 'Contact', operation: 'insert' },
      'LastName,Email\nA,a@x.example\nB,A@x.example\nC,c@x.example\n',
    )
    expect(info.numberRecordsFailed).toBe(1)
  })
})

test('rules end with a reset', async () => {
  await addRule({ kind: 'duplicate', name: 'd', object: 'Account', fields: ['Name'] })
  await client.admin('POST', '/reset')
  expect(await client.admin('GET', '/rules')).toEqual({ rules: [] })
  client = await createTestClient(simulator.url)
  org = createRecordClient(client)
  await org.create('Account', { Name: 'A' })
  await org.create('Account', { Name: 'A' })
})
