import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ConnectedClient, connectClient } from './connected-client.ts'
import { json } from './scripted-org.ts'

const ACCOUNT = 'GET /services/data/v67.0/sobjects/Account/describe'
const field = {
  name: 'Name',
  label: 'Account Name',
  type: 'string',
  length: 255,
  precision: 0,
  scale: 0,
  digits: 0,
  createable: true,
  updateable: true,
  nillable: false,
  defaultedOnCreate: false,
  externalId: false,
  idLookup: false,
  unique: false,
  caseSensitive: false,
  calculated: false,
  autoNumber: false,
  custom: false,
  restrictedPicklist: false,
  picklistValues: [],
  referenceTo: [],
  relationshipName: null,
  calculatedFormula: null,
  inlineHelpText: null,
  filterable: true,
  groupable: true,
  aggregatable: true,
  sortable: true,
  nameField: false,
}
const account = {
  name: 'Account',
  label: 'Account',
  labelPlural: 'Accounts',
  keyPrefix: '001',
  createable: true,
  updateable: true,
  deletable: true,
  queryable: true,
  retrieveable: true,
  custom: false,
}
const child = {
  field: 'AccountId',
  childSObject: 'Contact',
  relationshipName: 'Contacts',
  cascadeDelete: false,
  restrictedDelete: true,
}

let connected: ConnectedClient
beforeEach(async () => {
  connected = await connectClient()
})
afterEach(() => connected.close())

test('a describe is cut down to the keys of the contract', async () => {
  const { org, client } = connected
  const picklist = [{ value: 'A', label: 'a', active: true, defaultValue: false, validFor: null }]
  org.route(
    ACCOUNT,
    json(
      200,
      {
        ...account,
        urls: { describe: '/x' },
        childRelationships: [{ ...child, deprecatedAndHidden: false }],
        fields: [{ ...field, soapType: 'xsd:string', picklistValues: picklist }],
      },
      { 'last-modified': 'Fri, 03 Jul 2026 09:00:00 GMT' },
    ),
  )
  expect(await client.describeObject('Account')).toEqual({
    status: 'found',
    describe: {
      ...account,
      fields: [{ ...field, picklistValues: [{ value: 'A', label: 'a', active: true }] }],
      childRelationships: [child],
    },
    lastModified: 'Fri, 03 Jul 2026 09:00:00 GMT',
  })
})

test('an unchanged describe has no body', async () => {
  const { org, client } = connected
  org.route(ACCOUNT, (response) => void response.writeHead(304).end())
  const ifModifiedSince = 'Fri, 03 Jul 2026 09:00:00 GMT'
  expect(await client.describeObject('Account', { ifModifiedSince })).toEqual({
    status: 'not_modified',
  })
  expect(org.requests.at(-1)?.headers['if-modified-since']).toBe(ifModifiedSince)
})

test('an unknown object is an answer; a page of a proxy is an error', async () => {
  const { org, client } = connected
  expect(await client.describeObject('No/Such__c')).toEqual({ status: 'not_found' })
  expect(org.requests.at(-1)?.url).toBe('/services/data/v67.0/sobjects/No%2FSuch__c/describe')
  org.route(ACCOUNT, (response) => void response.writeHead(404).end('<html>'))
  await expect(client.describeObject('Account')).rejects.toMatchObject({ kind: 'invalid_answer' })
})

test('a describe that lacks a key is refused by its name', async () => {
  const { org, client } = connected
  org.route(ACCOUNT, json(200, { ...account, fields: [{ ...field, length: undefined }] }))
  await expect(client.describeObject('Account')).rejects.toThrow('fields.0.length')
})

test('the list of all objects', async () => {
  const { org, client } = connected
  org.route(
    'GET /services/data/v67.0/sobjects/',
    json(200, {
      encoding: 'UTF-8',
      maxBatchSize: 200,
      sobjects: [{ ...account, mergeable: true }],
    }),
  )
  expect(await client.describeGlobal()).toEqual({
    status: 'found',
    objects: [account],
    lastModified: null,
  })
})

test('an unchanged list of all objects has no body', async () => {
  const { org, client } = connected
  org.route('GET /services/data/v67.0/sobjects/', (response) => void response.writeHead(304).end())
  const ifModifiedSince = 'Fri, 03 Jul 2026 09:00:00 GMT'
  expect(await client.describeGlobal({ ifModifiedSince })).toEqual({ status: 'not_modified' })
  expect(org.requests.at(-1)?.headers['if-modified-since']).toBe(ifModifiedSince)
})
