import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

const describeSchema = z.object({
  keyPrefix: z.string(),
  fields: z.array(z.looseObject({ name: z.string(), type: z.string() })),
  childRelationships: z.array(z.looseObject({ relationshipName: z.string().nullable() })),
})
const described = async (object: string) =>
  describeSchema.parse(await client.json('GET', `/sobjects/${object}/describe`))

const INVOICE = {
  name: 'Invoice',
  label: 'Invoice',
  nameField: { type: 'autoNumber', format: 'INV-{0000}' },
  fields: [
    { type: 'masterDetail', name: 'Account', to: 'Account' },
    { type: 'currency', name: 'Total', precision: 10, scale: 2 },
    {
      type: 'text',
      name: 'Number',
      length: 20,
      unique: true,
      externalId: true,
      caseSensitive: true,
    },
    { type: 'picklist', name: 'State', values: ['Open', 'Paid'], default: 'Open' },
    { type: 'time', name: 'At' },
    { type: 'lookup', name: 'Replaces', to: 'Invoice__c', childRelationshipName: 'Replaced_By' },
  ],
}

describe('custom objects and fields', () => {
  test('can be described, written and read at once, in REST and in bulk', async () => {
    await client.admin('POST', '/objects', INVOICE)
    const shown = await described('Invoice__c')
    expect(shown.keyPrefix).toBe('a01')
    expect(shown.fields.find((field) => field.name === 'Account__c')).toMatchObject({
      type: 'reference',
      referenceTo: ['Account'],
      relationshipName: 'Account__r',
      cascadeDelete: true,
      nillable: false,
      updateable: false,
    })
    expect(shown.fields.some((field) => field.name === 'OwnerId')).toBe(false)
    expect((await described('Account')).childRelationships).toContainEqual(
      expect.objectContaining({ childSObject: 'Invoice__c', relationshipName: 'Invoices__r' }),
    )
    const account = await org.create('Account', { Name: 'A' })
    const id = await org.create('Invoice__c', {
      Account__c: account,
      Total__c: 1.005,
      At__c: '10:30',
    })
    expect(id.startsWith('a01')).toBe(true)
    expect(await org.read('Invoice__c', id)).toMatchObject({
      Name: 'INV-0001',
      Total__c: 1.01,
      State__c: 'Open',
      At__c: '10:30:00.000Z',
    })
    const info = await client.run(
      { object: 'Invoice__c', operation: 'insert' },
      `Number__c,Account__c\nn1,${account}\nN1,${account}\nn1,${account}\nn2,\n`,
    )
    expect(info).toMatchObject({ state: 'JobComplete', numberRecordsFailed: 2 })
    expect(await client.count('Invoice__c')).toBe(3)
    await org.remove('Account', account)
    expect(await client.count('Invoice__c')).toBe(0)
  })

  test('a job right after a field was added knows it; records of before have it empty', async () => {
    const old = await org.create('Account', { Name: 'Old' })
    for (let round = 0; round < 3; round += 1) {
      await client.admin('POST', '/objects/Account/fields', [
        { type: 'number', name: `Size_${round}`, scale: 1 },
        { type: 'checkbox', name: `Flag_${round}` },
      ])
      const info = await client.run(
        { object: 'Account', operation: 'insert' },
        `Name,Size_${round}__c\nNew,${round}.25\n`,
      )
      expect(info).toMatchObject({ state: 'JobComplete', numberRecordsFailed: 0 })
    }
    expect(await org.read('Account', old)).toMatchObject({ Size_0__c: null, Flag_0__c: false })
    expect(await org.query('SELECT Size_2__c FROM Account WHERE Size_2__c > 2')).toMatchObject([
      { Size_2__c: 2.3 },
    ])
  })

  test('moves the date that describe was last changed', async () => {
    const path = '/sobjects/Contact/describe'
    const before = await client.call('GET', path)
    const since = { 'if-modified-since': before.headers.get('last-modified') ?? '' }
    expect((await client.call('GET', path, undefined, since)).status).toBe(304)
    await client.admin('POST', '/objects/Contact/fields', { type: 'url', name: 'Blog' })
    expect((await client.call('GET', path, undefined, since)).status).toBe(200)
  })

  test('changes of a picklist count from then on, standard ones too', async () => {
    const path = '/objects/Account/fields/Tier__c'
    expect(await org.refusal('POST', 'Account', { Name: 'A', Tier__c: 'Iron' })).toBe(
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    )
    await client.admin('PATCH', path, { values: ['Gold', 'Iron'], default: 'Iron' })
    const id = await org.create('Account', { Name: 'A' })
    expect(await org.read('Account', id)).toMatchObject({ Tier__c: 'Iron' })
    await client.admin('PATCH', '/objects/Account/fields/Industry', { restricted: true })
    expect(await org.refusal('POST', 'Account', { Name: 'A', Industry: 'Magic' })).toBe(
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    )
  })

  test('several at once build on each other', async () => {
    await Promise.all(
      ['A', 'B', 'C', 'D'].map((name) =>
        client.admin('POST', '/objects/Lead/fields', { type: 'date', name }),
      ),
    )
    const names = (await described('Lead')).fields.map((field) => field.name)
    expect(names).toEqual(expect.arrayContaining(['A__c', 'B__c', 'C__c', 'D__c']))
  })

  test('a record without a name is called by its id', async () => {
    await client.admin('POST', '/objects', { name: 'Thing__c' })
    const id = await org.create('Thing__c', {})
    expect(await org.read('Thing__c', id)).toMatchObject({ Name: id })
  })

  test('defaults are stored as the field would store them', async () => {
    await client.admin('POST', '/objects/Account/fields', [
      { type: 'text', name: 'Note', default: ' trimmed ' },
      { type: 'number', name: 'Share', precision: 4, scale: 2, default: 1.005 },
    ])
    const id = await org.create('Account', { Name: 'A' })
    expect(await org.read('Account', id)).toMatchObject({ Note__c: 'trimmed', Share__c: 1.01 })
  })

  test('a label that gives no name leaves the relationship to the name of the object', async () => {
    const fields = [{ type: 'lookup', name: 'Account', to: 'Account' }]
    await client.admin('POST', '/objects', { name: 'Note', labelPlural: '覚え書き', fields })
    const { childRelationships } = await described('Account')
    const names = childRelationships.map(({ relationshipName }) => relationshipName)
    expect(names).toContain('Note__r')
  })

  test('what cannot be is refused with the reason', async () => {
    const refused: [string, object, RegExp][] = [
      ['/objects', { name: 'a__b__c' }, /name/],
      ['/objects', { name: 'Custom_Object' }, /already/],
      ['/objects', { ...INVOICE, fields: [{ type: 'lookup', name: 'L', to: 'X' }] }, /no object X/],
      ['/objects/Account/fields', { type: 'text', name: 'Tier' }, /already/],
      ['/objects/Account/fields', { type: 'text', name: 'T', length: 300 }, /length/],
      [
        '/objects/Account/fields',
        { type: 'masterDetail', name: 'M', to: 'Lead' },
        /custom objects/,
      ],
      ['/objects/Account/fields', { type: 'number', name: 'N', precision: 2, scale: 3 }, /scale/],
      [
        '/objects/Account/fields',
        { type: 'picklist', name: 'P', values: ['a', 'A'] },
        /there twice/,
      ],
      ['/objects/Account/fields', { type: 'formula', name: 'F' }, /type/],
      [
        '/objects/Account/fields',
        { type: 'text', name: 'T', length: 2, default: 'abc' },
        /default is refused: T: data value too large/,
      ],
      [
        '/objects/Account/fields',
        { type: 'percent', name: 'P', precision: 2, default: 100 },
        /default is refused: P: value outside/,
      ],
    ]
    for (const [path, body, message] of refused) {
      await expect(client.admin('POST', path, body)).rejects.toThrow(message)
    }
    expect((await client.call('PATCH', '/sobjects/Account/describe')).ok).toBe(false)
  })
})

test('an org that is started with a schema keeps it over resets and restarts', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'simulator-schema-'))
  const options = {
    database: join(folder, 'org.sqlite'),
    schema: {
      objects: [
        {
          name: 'Line',
          fields: [{ type: 'masterDetail' as const, name: 'Order', to: 'Order__c' }],
        },
        { name: 'Order', fields: [{ type: 'text' as const, name: 'Code', externalId: true }] },
      ],
      extend: [{ name: 'Account', fields: [{ type: 'email' as const, name: 'Billing' }] }],
    },
  }
  try {
    const first = await startSimulator(options)
    const before = await createTestClient(first.url)
    const records = createRecordClient(before)
    const order = await records.create('Order__c', { Code__c: 'x' })
    const line = await records.create('Line__c', { Order__c: order })
    expect([order.slice(0, 3), line.slice(0, 3)]).toEqual(['a02', 'a01'])
    await first.close()

    const second = await startSimulator(options)
    const again = createRecordClient(await createTestClient(second.url))
    expect(await again.read('Order__c', order)).toMatchObject({ Code__c: 'x' })
    await fetch(`${second.url}/__simulator/reset`, { method: 'POST' })
    const after = createRecordClient(await createTestClient(second.url))
    await after.create('Account', { Name: 'A', Billing__c: 'a@x.example' })
    await after.create('Order__c', {})
    await second.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
