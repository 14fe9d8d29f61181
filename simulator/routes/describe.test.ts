import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  simulator = await startSimulator({ schema: { objects: [{ name: 'Part' }] } })
  client = await createTestClient(simulator.url)
})
afterAll(() => simulator.close())

const ROOT = '/services/data/v64.0/sobjects'

async function json(path: string): Promise<unknown> {
  const answer = await client.call('GET', path)
  expect(answer.status).toBe(200)
  return answer.json()
}

const describeSchema = z.looseObject({ fields: z.array(z.looseObject({ name: z.string() })) })

async function fieldOf(object: string, name: string): Promise<unknown> {
  const { fields } = describeSchema.parse(await json(`/sobjects/${object}/describe`))
  return fields.find((field) => field.name === name)
}

/** Keys as recorded from a real org. */
const OBJECT_KEYS =
  'actionOverrides,activateable,associateEntityType,associateParentEntity,childRelationships,compactLayoutable,createable,custom,customSetting,deepCloneable,defaultImplementation,deletable,deprecatedAndHidden,extendedBy,extendsInterfaces,feedEnabled,fields,hasSubtypes,implementedBy,implementsInterfaces,isInterface,isSubtype,keyPrefix,label,labelPlural,layoutable,listviewable,lookupLayoutable,mergeable,mruEnabled,name,namedLayoutInfos,networkScopeFieldName,queryable,recordTypeInfos,replicateable,retrieveable,searchLayoutable,searchable,sobjectDescribeOption,supportedScopes,triggerable,undeletable,updateable,urls'
const GLOBAL_KEYS =
  'activateable,associateEntityType,associateParentEntity,createable,custom,customSetting,deepCloneable,deletable,deprecatedAndHidden,feedEnabled,hasSubtypes,isInterface,isSubtype,keyPrefix,label,labelPlural,layoutable,mergeable,mruEnabled,name,queryable,replicateable,retrieveable,searchable,triggerable,undeletable,updateable,urls'
const FIELD_KEYS =
  'aggregatable,aiPredictionField,autoNumber,byteLength,calculated,calculatedFormula,cascadeDelete,caseSensitive,compoundFieldName,controllerName,createable,custom,defaultValue,defaultValueFormula,defaultedOnCreate,dependentPicklist,deprecatedAndHidden,digits,displayLocationInDecimal,encrypted,externalId,extraTypeInfo,filterable,filteredLookupInfo,formulaTreatNullNumberAsZero,groupable,highScaleNumber,htmlFormatted,idLookup,inlineHelpText,label,length,mask,maskType,name,nameField,namePointing,nillable,permissionable,picklistValues,polymorphicForeignKey,precision,queryByDistance,referenceTargetField,referenceTo,relationshipName,relationshipOrder,restrictedDelete,restrictedPicklist,scale,searchPrefilterable,soapType,sortable,type,unique,updateable,writeRequiresMasterRead'

const keysOf = (value: unknown): string =>
  Object.keys(z.looseObject({}).parse(value))
    .sort((a, b) => (a < b ? -1 : 1))
    .join()

describe('describe', () => {
  test('global has the keys of a real one', async () => {
    const { encoding, maxBatchSize, sobjects } = z
      .object({
        encoding: z.string(),
        maxBatchSize: z.number(),
        sobjects: z.array(z.looseObject({ urls: z.looseObject({}) })),
      })
      .parse(await json('/sobjects/'))
    expect([encoding, maxBatchSize]).toEqual(['UTF-8', 200])
    for (const object of sobjects) expect(keysOf(object)).toBe(GLOBAL_KEYS)
    expect(sobjects[0]?.urls).toEqual({
      compactLayouts: `${ROOT}/Account/describe/compactLayouts`,
      rowTemplate: `${ROOT}/Account/{ID}`,
      approvalLayouts: `${ROOT}/Account/describe/approvalLayouts`,
      listviews: `${ROOT}/Account/listviews`,
      describe: `${ROOT}/Account/describe`,
      quickActions: `${ROOT}/Account/quickActions`,
      layouts: `${ROOT}/Account/describe/layouts`,
      sobject: `${ROOT}/Account`,
    })
  })

  test('of an object has the keys of a real one', async () => {
    for (const name of ['Account', 'Lead', 'User', 'Custom_Object__c', 'Part__c']) {
      const described = describeSchema.parse(await json(`/sobjects/${name}/describe/`))
      expect(keysOf(described)).toBe(OBJECT_KEYS)
      for (const field of described.fields) expect(keysOf(field)).toBe(FIELD_KEYS)
    }
    expect(await json('/sobjects/contact/describe')).toMatchObject({
      name: 'Contact',
      recordTypeInfos: [
        {
          active: true,
          available: true,
          defaultRecordTypeMapping: true,
          developerName: 'Master',
          master: true,
          name: 'Master',
          recordTypeId: '012000000000000AAA',
          urls: { layout: `${ROOT}/Contact/describe/layouts/012000000000000AAA` },
        },
      ],
      supportedScopes: [
        { label: 'All contacts', name: 'everything' },
        { label: 'My contacts', name: 'mine' },
      ],
    })
  })

  test('of fields says what real orgs say', async () => {
    expect(await fieldOf('Contact', 'LastName')).toMatchObject({
      byteLength: 240,
      compoundFieldName: 'Name',
      extraTypeInfo: 'personname',
      nillable: false,
      permissionable: false,
    })
    expect(await fieldOf('Contact', 'AccountId')).toMatchObject({
      permissionable: true,
      searchPrefilterable: true,
      relationshipOrder: null,
    })
    expect(await fieldOf('Contact', 'OwnerId')).toMatchObject({
      defaultedOnCreate: true,
      permissionable: false,
      searchPrefilterable: false,
    })
    expect(await fieldOf('Account', 'BillingStreet')).toMatchObject({
      extraTypeInfo: 'plaintextarea',
      filterable: true,
      sortable: true,
    })
    expect(await fieldOf('Account', 'Description')).toMatchObject({
      aggregatable: false,
      filterable: false,
      sortable: false,
      byteLength: 96_000,
    })
  })

  test('is known to a caller who has it, until the object changes', async () => {
    const path = '/sobjects/Part__c/describe'
    const first = await client.call('GET', path)
    const since = { 'if-modified-since': first.headers.get('last-modified') ?? '' }
    const known = await client.call('GET', path, undefined, since)
    expect([known.status, await known.text()]).toEqual([304, ''])
    const early = { 'if-unmodified-since': 'Tue, 31 May 2016 18:00:00 GMT' }
    expect((await client.call('GET', path, undefined, early)).status).toBe(412)
    expect((await client.call('GET', '/sobjects', undefined, early)).status).toBe(412)
    const tag = { 'if-none-match': first.headers.get('etag') ?? '' }
    expect((await client.call('GET', path, undefined, tag)).status).toBe(304)

    const field = { type: 'text', name: 'Key', externalId: true }
    await client.admin('POST', '/objects/Part__c/fields', field)
    expect((await client.call('GET', path, undefined, tag)).status).toBe(200)
    expect(await fieldOf('Part__c', 'Key__c')).toMatchObject({ custom: true, idLookup: true })
  })

  test('is not known to a caller who had it before a record type was made', async () => {
    const path = '/sobjects/Part__c/describe'
    const first = await client.call('GET', path)
    const tag = { 'if-none-match': first.headers.get('etag') ?? '' }
    const type = { Name: 'Spare', DeveloperName: 'Spare', SobjectType: 'Part__c' }
    expect((await client.call('POST', '/sobjects/RecordType', type)).status).toBe(201)
    const second = await client.call('GET', path, undefined, tag)
    expect(second.status).toBe(200)
    expect(await second.json()).toMatchObject({ recordTypeInfos: [{ name: 'Spare' }, {}] })
  })

  test('404 for objects that are not there', async () => {
    expect((await client.call('GET', '/sobjects/Nope/describe')).status).toBe(404)
  })
})

test('a compound address is shown with its record, and cannot be written', async () => {
  expect(await fieldOf('Account', 'BillingAddress')).toMatchObject({
    type: 'address',
    queryByDistance: true,
    soapType: 'urn:address',
    permissionable: true,
    sortable: false,
  })
  const create = async (fields: object) =>
    client.call('POST', '/sobjects/Account', { Name: 'x', ...fields })
  const idOf = async (answer: Response) =>
    z.object({ id: z.string() }).parse(await answer.json()).id
  const id = await idOf(await create({ BillingCity: 'Bern', BillingLatitude: 46.948 }))
  expect(await json(`/sobjects/Account/${id}?fields=BillingAddress,ShippingAddress`)).toMatchObject(
    {
      BillingAddress: {
        city: 'Bern',
        country: null,
        geocodeAccuracy: null,
        latitude: 46.948,
        longitude: null,
        postalCode: null,
        state: null,
        street: null,
      },
      ShippingAddress: null,
    },
  )
  const lead = await client.json('POST', '/sobjects/Lead', {
    LastName: 'L',
    Company: 'C',
    PostalCode: '3000',
  })
  expect(await json(`/sobjects/Lead/${z.object({ id: z.string() }).parse(lead).id}`)).toMatchObject(
    {
      Address: { postalCode: '3000', city: null },
    },
  )
  const refused = await create({ BillingAddress: { city: 'Bern' } })
  expect(await refused.json()).toMatchObject([
    { errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE', fields: ['BillingAddress'] },
  ])
})
