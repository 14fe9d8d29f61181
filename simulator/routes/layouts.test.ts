import { afterAll, beforeAll, expect, test } from 'vitest'
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

const MASTER = '012000000000000AAA'
const section = z.looseObject({
  heading: z.string(),
  rows: z.number(),
  layoutRows: z.array(
    z.looseObject({
      numItems: z.number(),
      layoutItems: z.array(
        z.looseObject({
          layoutComponents: z.array(z.looseObject({ type: z.string(), value: z.string() })),
        }),
      ),
    }),
  ),
})
const layout = z.looseObject({
  id: z.string(),
  detailLayoutSections: z.array(section),
  editLayoutSections: z.array(section),
  relatedLists: z.array(z.looseObject({ name: z.string(), sobject: z.string() })),
})
const layouts = z.object({
  layouts: z.array(layout),
  recordTypeMappings: z.array(z.looseObject({ recordTypeId: z.string(), layoutId: z.string() })),
  recordTypeSelectorRequired: z.array(z.boolean()),
})

function fieldsOf(sections: readonly z.infer<typeof section>[]): string[] {
  return sections
    .flatMap(({ layoutRows }) => layoutRows)
    .flatMap(({ layoutItems }) => layoutItems)
    .flatMap(({ layoutComponents }) => layoutComponents.map(({ value }) => value))
}

test('the page layout has the fields of the object, and lists its children', async () => {
  const found = layouts.parse(await client.json('GET', '/sobjects/Account/describe/layouts'))
  const [page] = found.layouts
  expect(found.layouts).toHaveLength(1)
  expect(found.recordTypeSelectorRequired).toEqual([false])
  expect(found.recordTypeMappings).toMatchObject([{ recordTypeId: MASTER, layoutId: page?.id }])
  const shown = fieldsOf(page?.detailLayoutSections ?? [])
  expect(shown).toEqual(expect.arrayContaining(['Name', 'Phone', 'External_Id__c', 'CreatedById']))
  expect(new Set(shown).size).toBe(shown.length)
  expect(fieldsOf(page?.editLayoutSections ?? [])).not.toContain('CreatedById')
  expect(page?.relatedLists).toContainEqual(
    expect.objectContaining({ name: 'Contacts', sobject: 'Contact', field: 'AccountId' }),
  )
})

test('a record type has its layout alone', async () => {
  const all = layouts.parse(await client.json('GET', '/sobjects/Contact/describe/layouts/'))
  const one = await client.json('GET', `/sobjects/Contact/describe/layouts/${MASTER}`)
  expect(layout.parse(one).id).toBe(all.layouts[0]?.id)
  const account = layouts.parse(await client.json('GET', '/sobjects/Account/describe/layouts'))
  expect(account.layouts[0]?.id).not.toBe(all.layouts[0]?.id)
})

test('a named layout is found on the object that has it', async () => {
  expect(
    layouts.parse(await client.json('GET', '/sobjects/User/describe/namedLayouts/UserAlt')).layouts,
  ).toHaveLength(1)
})

test.each([
  '/sobjects/Account/describe/namedLayouts/UserAlt',
  '/sobjects/Account/describe/layouts/012fK0000000001AAA',
  '/sobjects/Nothing__c/describe/layouts',
  '/sobjects/Nothing__c/describe/compactLayouts',
  '/sobjects/Nothing__c/describe/approvalLayouts',
])('%s is not there', async (path) => {
  const response = await client.call('GET', path)
  expect(response.status).toBe(404)
  expect(await response.json()).toEqual([
    { errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' },
  ])
})

test('the compact layout is the system’s own', async () => {
  expect(await client.json('GET', '/sobjects/Account/describe/compactLayouts')).toMatchObject({
    compactLayouts: [{ id: null, name: 'SYSTEM', objectType: 'Account' }],
    defaultCompactLayoutId: null,
    recordTypeCompactLayoutMappings: [{ compactLayoutName: 'SYSTEM', recordTypeId: MASTER }],
  })
})

test('no object has an approval layout', async () => {
  expect(await client.json('GET', '/sobjects/Account/describe/approvalLayouts')).toEqual({
    approvalLayouts: [],
  })
})

test('tabs and theme name the objects', async () => {
  const tabs = z
    .array(z.looseObject({ name: z.string(), label: z.string(), custom: z.boolean() }))
    .parse(await client.json('GET', '/tabs'))
  expect(tabs.find(({ name }) => name === 'standard-Account')).toMatchObject({
    custom: false,
    label: 'Accounts',
    sobjectName: 'Account',
  })
  expect(tabs.find(({ name }) => name === 'Custom_Object__c')?.custom).toBe(true)
  const theme = z
    .object({ themeItems: z.array(z.looseObject({ name: z.string() })) })
    .parse(await client.json('GET', '/theme'))
  expect(theme.themeItems.find(({ name }) => name === 'Account')).toMatchObject({
    colors: [{ color: '5867E8', context: 'primary', theme: 'theme4' }],
    icons: [{ contentType: 'image/svg+xml', height: 0, width: 0 }, {}, {}],
  })
})
