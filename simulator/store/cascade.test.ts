import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeId } from '../ids.ts'
import type { SavedChange, WriteContext } from '../rules/object-rules.ts'
import { standardRules } from '../rules/standard-rules.ts'
import * as f from '../schema/field-builders.ts'
import { createSchema, type Schema } from '../schema/schema.ts'
import { STANDARD_OBJECTS } from '../schema/standard-objects.ts'
import { orgRecords } from '../seed/org-records.ts'
import { loadRecords } from '../seed/seed-record.ts'
import { openDatabase } from './database.ts'
import { createRecordStore, type RecordFields, type RecordStore } from './record-store.ts'
import { createRecordWriter, type RecordWriter } from './record-writer.ts'

const part = f.object('Part__c', 'a01', [
  f.text('Name', 80, { nameField: true }),
  f.masterDetail('Account__c', 'Account', { childRelationshipName: 'Parts__r' }),
  f.lookup('Kept__c', 'Contact', { restrictedDelete: true }),
  f.lookup('Loose__c', 'Contact'),
])

let folder: string
let schema: Schema
let store: RecordStore
let writer: RecordWriter
let close: () => void
let told: SavedChange[]
let clock: number
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'simulator-cascade-'))
  schema = createSchema([...STANDARD_OBJECTS, part])
  const database = openDatabase({ path: join(folder, 'org.sqlite'), durable: false }, schema, 0)
  store = createRecordStore(database)
  loadRecords(schema, store, orgRecords())
  told = []
  clock = 1_000
  writer = createRecordWriter({
    schema,
    store,
    rules: standardRules,
    observers: [(change) => void told.push(change)],
  })
  close = () => database.close()
})
afterEach(() => {
  close()
  rmSync(folder, { recursive: true, force: true })
})

function context(): WriteContext {
  clock += 1_000
  return { stamp: { at: clock, by: 1 }, source: 'rest' }
}

function objectOf(name: string) {
  const object = schema.object(name)
  if (object === null) throw new Error(`no ${name}`)
  return object
}

function add(name: string, values: RecordFields): string {
  const result = writer.insert(objectOf(name), values, context())
  if (!result.ok) throw new Error(result.error.message)
  return result.id
}

function remove(name: string, id: string, hard = false): string {
  const result = writer.delete(objectOf(name), id, hard, context())
  return result.ok ? 'deleted' : `${result.error.code}: ${result.error.message}`
}

function undelete(name: string, id: string): string {
  const result = writer.undelete(objectOf(name), id, context())
  return result.ok ? 'undeleted' : result.error.code
}

const state = (name: string, id: string): string => {
  const record = store.get(objectOf(name), id)
  if (record === null) return 'gone'
  return record.deleted ? 'deleted' : 'live'
}
const lookupOf = (name: string, id: string, field: string) =>
  store.get(objectOf(name), id)?.fields[field] ?? null

describe('deleting a record', () => {
  test('takes along what hangs on it, through all levels, and brings it back', () => {
    const account = add('Account', { Name: 'A' })
    const contact = add('Contact', { LastName: 'C', AccountId: account })
    const alone = add('Contact', { LastName: 'D', AccountId: account })
    const deal = add('Opportunity', {
      Name: 'O',
      StageName: 'Prospecting',
      CloseDate: '2026-01-01',
      AccountId: account,
    })
    const task = add('Task', { Subject: 'T', WhatId: deal })
    const mine = add('Part__c', { Account__c: account })
    remove('Contact', alone)
    told.length = 0
    expect(remove('Account', account)).toBe('deleted')
    for (const [name, id] of [
      ['Account', account],
      ['Contact', contact],
      ['Opportunity', deal],
      ['Task', task],
      ['Part__c', mine],
    ] as const) {
      expect(`${name} ${state(name, id)}`).toBe(`${name} deleted`)
    }
    expect(store.count(objectOf('OpportunityHistory'))).toBe(0)
    // Children are told of first, and only what a caller could have deleted by itself last.
    expect(told.map((change) => change.object.name).at(-1)).toBe('Account')
    expect(told.filter((change) => change.kind === 'deleted')).toHaveLength(6)

    expect(undelete('Part__c', mine)).toBe('ENTITY_IS_DELETED')
    expect(undelete('Account', account)).toBe('undeleted')
    expect([state('Contact', contact), state('Opportunity', deal), state('Task', task)]).toEqual([
      'live',
      'live',
      'live',
    ])
    expect(state('Part__c', mine)).toBe('live')
    expect(store.count(objectOf('OpportunityHistory'))).toBe(1)
    // What was in the bin before stays there.
    expect(state('Contact', alone)).toBe('deleted')
  })

  test('changes nothing on what goes too, and nothing when all comes back', () => {
    const product = add('Product2', { Name: 'Engine' })
    const book = 'Pricebook2Id'
    const entry = add('PricebookEntry', {
      Product2Id: product,
      [book]: makeId('01s', 1),
      UnitPrice: 5,
    })
    const deal = add('Opportunity', {
      Name: 'O',
      StageName: 'Prospecting',
      CloseDate: '2026-01-01',
    })
    for (const quantity of [1, 2]) {
      const line = { OpportunityId: deal, PricebookEntryId: entry, Quantity: quantity }
      add('OpportunityLineItem', { ...line, UnitPrice: 5 })
    }
    const history = objectOf('OpportunityHistory')
    expect(store.count(history)).toBe(3)
    expect(remove('PricebookEntry', entry)).toMatch(/^DELETE_FAILED.*opportunity products/)
    told.length = 0
    expect(remove('Opportunity', deal)).toBe('deleted')
    expect(store.count(history)).toBe(0)
    expect(undelete('Opportunity', deal)).toBe('undeleted')
    expect([store.count(history), lookupOf('Opportunity', deal, 'Amount')]).toEqual([3, 15])
    expect(told.filter((change) => change.kind === 'updated')).toEqual([])
    expect(undelete('Opportunity', deal)).toBe('UNDELETE_FAILED')
  })

  test('clears lookups, and fills them again where nobody wrote them meanwhile', () => {
    const parent = add('Account', { Name: 'P' })
    const child = add('Account', { Name: 'C', ParentId: parent })
    const moved = add('Account', { Name: 'M', ParentId: parent })
    const other = add('Account', { Name: 'O' })
    expect(remove('Account', parent)).toBe('deleted')
    expect(lookupOf('Account', child, 'ParentId')).toBeNull()
    writer.update(objectOf('Account'), moved, { ParentId: other }, context())
    expect(undelete('Account', parent)).toBe('undeleted')
    expect(lookupOf('Account', child, 'ParentId')).toBe(parent)
    expect(lookupOf('Account', moved, 'ParentId')).toBe(other)
  })

  test('is refused where something must not lose it', () => {
    const account = add('Account', { Name: 'A' })
    const contact = add('Contact', { LastName: 'C', AccountId: account })
    const ticket = add('Case', { Subject: 'S', ContactId: contact })
    expect(remove('Contact', contact)).toBe(
      'DELETE_FAILED: Your attempt to delete C could not be completed because it is associated with the following cases.: 00000001',
    )
    expect(remove('Account', account)).toMatch(/^DELETE_FAILED.*cases/)
    expect(remove('Case', ticket)).toBe('deleted')
    const held = add('Part__c', { Name: 'P1', Account__c: account, Kept__c: contact })
    expect(remove('Account', account)).toMatch(/^DELETE_FAILED.*parts?.*: P1/i)
    expect(remove('Part__c', held)).toBe('deleted')
    add('Opportunity', {
      Name: 'Won',
      StageName: 'Closed Won',
      CloseDate: '2026-01-01',
      AccountId: account,
    })
    expect(remove('Account', account)).toBe(
      'DELETE_FAILED: Your attempt to delete A could not be completed because some opportunities in A were closed won. The opportunities are listed below.: Won',
    )
  })

  test('for good leaves nothing to come back', () => {
    const account = add('Account', { Name: 'A' })
    const contact = add('Contact', { LastName: 'C', AccountId: account })
    const loose = add('Part__c', { Account__c: add('Account', { Name: 'B' }), Loose__c: contact })
    expect(remove('Account', account, true)).toBe('deleted')
    expect([state('Account', account), state('Contact', contact)]).toEqual(['gone', 'gone'])
    expect(lookupOf('Part__c', loose, 'Loose__c')).toBeNull()
    expect(undelete('Account', account)).toBe('INVALID_CROSS_REFERENCE_KEY')
  })

  test('a child that comes back without its parent has none until the parent comes back', () => {
    const account = add('Account', { Name: 'A' })
    const contact = add('Contact', { LastName: 'C', AccountId: account })
    remove('Account', account)
    expect(undelete('Contact', contact)).toBe('undeleted')
    expect(lookupOf('Contact', contact, 'AccountId')).toBeNull()
    expect(undelete('Account', account)).toBe('undeleted')
    expect(lookupOf('Contact', contact, 'AccountId')).toBe(account)
  })
})
